"""What people enter about leads and deals: corrections, moves, and the end of a deal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from crm.identity import InvalidIdentity, parse_email, parse_phone
from crm.models import Contact, StakeholderRole, User
from deals.models import Deal, DealStage, LossReason, Stance
from desk.forms import CURRENCIES, DayInput
from leads.models import Lead

# -- leads ----------------------------------------------------------------------------------------


class PersonForm(forms.Form):
    """What is known about the person behind a lead."""

    last_name = forms.CharField(label=_("Last name"), max_length=80, required=False)
    first_name = forms.CharField(label=_("First name"), max_length=80, required=False)
    job_title = forms.CharField(label=_("Job title"), max_length=160, required=False)
    department = forms.CharField(label=_("Department"), max_length=120, required=False)
    stakeholder_role = forms.ChoiceField(
        label=_("Stakeholder role"), choices=[("", "–"), *StakeholderRole.choices], required=False
    )
    email = forms.CharField(label=_("E-mail"), max_length=254, required=False)
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)

    def clean_email(self) -> str:
        return _parsed(self.cleaned_data["email"], parse_email)

    def clean_phone(self) -> str:
        return _parsed(self.cleaned_data["phone"], parse_phone)


def _parsed(text: str, parse: Callable[[str], object]) -> str:
    """The text as it was typed, once it can be read."""
    try:
        if text:
            parse(text)
    except InvalidIdentity as error:
        raise forms.ValidationError(str(error)) from error
    return text


class HandOverForm(forms.Form):
    assignee = forms.ModelChoiceField(
        label=_("To whom"), queryset=User.objects.none(), required=False, empty_label=_("Whose turn it is")
    )
    note = forms.CharField(
        label=_("What sales should know"),
        max_length=200,
        required=False,
        widget=forms.Textarea({"rows": 2}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.visible_to(user).sellers().order_by("last_name", "username")
        self.fields["assignee"].queryset = people  # type: ignore[attr-defined]


class TwinField(forms.ModelChoiceField):
    """Leads that might be the same person, told apart by company and stage."""

    def label_from_instance(self, obj: Any) -> str:
        lead: Lead = obj
        parts = (lead.contact, lead.account, lead.contact.email, lead.get_stage_display())
        return " · ".join(str(part) for part in parts if part)


class MergeForm(forms.Form):
    into = TwinField(
        label=_("The one that stays"),
        queryset=Lead.objects.none(),
        help_text=_("It keeps its own details and gains what only this one knows, with its whole history."),
    )

    def __init__(self, *args: Any, user: User, lead: Lead, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["into"].queryset = twins(lead, user)  # type: ignore[attr-defined]


def twins(lead: Lead, user: User) -> QuerySet[Lead]:
    """Who might be the same person: of the same company, or of the same name."""
    alike = Q(account=lead.account_id) if lead.account_id else Q(pk=None)
    if lead.contact.last_name:
        alike |= Q(contact__last_name=lead.contact.last_name, contact__first_name=lead.contact.first_name)
    seen = Lead.objects.visible_to(user).standing().exclude(pk=lead.pk)
    return seen.filter(alike).with_people().order_by("contact__last_name", "pk")


# -- deals ----------------------------------------------------------------------------------------


class DealForm(forms.Form):
    name = forms.CharField(label=_("Deal"), max_length=200)
    amount = forms.DecimalField(
        label=_("Amount"), required=False, min_value=0, max_digits=14, decimal_places=2
    )
    currency = forms.ChoiceField(label=_("Currency"), choices=[(code, code) for code in CURRENCIES])
    expected_close_on = forms.DateField(label=_("Expected close"), required=False, widget=DayInput)


class SeatForm(forms.Form):
    """Somebody of the deal's company who has a say."""

    contact = forms.ModelChoiceField(label=_("Who"), queryset=Contact.objects.none())
    role = forms.ChoiceField(label=_("Role"), choices=StakeholderRole.choices)
    stance = forms.ChoiceField(label=_("Stance"), choices=Stance.choices, initial=Stance.NEUTRAL)

    def __init__(self, *args: Any, user: User, deal: Deal, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        there = Contact.objects.visible_to(user).standing().filter(account=deal.account_id)
        self.fields["contact"].queryset = there.order_by("last_name", "pk")  # type: ignore[attr-defined]


class MoveForm(forms.Form):
    stage = forms.ModelChoiceField(DealStage.objects.none(), to_field_name="code", label=_("Stage"))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stage"].queryset = DealStage.objects.visible_to(user).in_order()  # type: ignore[attr-defined]


class WinForm(forms.Form):
    note = forms.CharField(
        label=_("What decided?"),
        required=False,
        max_length=200,
        help_text=_("In one sentence; others learn from it."),
    )


class LoseForm(forms.Form):
    reason = forms.ModelChoiceField(
        LossReason.objects.none(),
        to_field_name="code",
        label=_("Why"),
        widget=forms.RadioSelect,
        empty_label=None,
    )
    note = forms.CharField(
        label=_("What decided?"), required=False, max_length=2000, widget=forms.Textarea({"rows": 2})
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].queryset = LossReason.objects.visible_to(user).order_by("pk")  # type: ignore[attr-defined]


def consequences() -> dict[str, str]:
    """What follows from each reason of a loss, by its code."""
    return {reason.code: _follows(reason) for reason in LossReason.objects.all()}


def _follows(reason: LossReason) -> str:
    if not reason.recycles:
        return gettext("The lead is out for good.")
    said = ngettext(
        "The lead goes back to nurture; it may return after %(days)s day.",
        "The lead goes back to nurture; it may return after %(days)s days.",
        reason.wait_days,
    )
    return said % {"days": reason.wait_days}


class NothingToAsk(forms.Form):
    """The button is enough."""
