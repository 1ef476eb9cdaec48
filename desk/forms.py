"""What a deed asks for. A form parses and checks the shape; the deed decides."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.models import Channel, Outcome, User
from desk.forms_answers import FindingsForm
from sla.models import Handoff, RejectionReason

CHANNELS = [choice for choice in Channel.choices if choice[0] != Channel.NOTE]
OUTCOMES = [choice for choice in Outcome.choices if choice[0] in ("reached", "no_answer", "left_message")]
CURRENCIES = ("JPY", "USD", "EUR", "GBP", "CNY", "KRW", "SGD")


class DayInput(forms.DateInput):
    input_type = "date"

    def format_value(self, value: Any) -> str | None:
        return value.isoformat() if isinstance(value, date) else super().format_value(value)


def text_area(rows: int = 3) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class ContactForm(FindingsForm):
    channel = forms.ChoiceField(
        label=_("How"), choices=CHANNELS, widget=forms.RadioSelect, initial=Channel.CALL
    )
    outcome = forms.ChoiceField(
        label=_("What came of it"), choices=OUTCOMES, widget=forms.RadioSelect, initial=Outcome.REACHED
    )
    note = forms.CharField(label=_("Note"), max_length=2000, required=False, widget=text_area())
    next_step = forms.CharField(label=_("Next step"), max_length=200, required=False)
    next_on = forms.DateField(label=_("On"), required=False, widget=DayInput)


class FollowUpForm(forms.Form):
    what = forms.CharField(label=_("What to do"), max_length=200)
    on = forms.DateField(label=_("On"), widget=DayInput)


class RejectForm(forms.Form):
    reason = forms.ChoiceField(label=_("Reason"), widget=forms.RadioSelect)
    comment = forms.CharField(
        label=_("Comment"),
        max_length=2000,
        required=False,
        widget=text_area(),
        help_text=_("Marketing reads it."),
    )
    not_before = forms.DateField(
        label=_("Not before"),
        required=False,
        widget=DayInput,
        help_text=_("If the person named a day, the lead does not come back earlier."),
    )

    def __init__(
        self, *args: Any, reasons: list[RejectionReason], asks_for_comment: bool, **kwargs: Any
    ) -> None:
        """`asks_for_comment`: whether one of the reasons does, so that the comment is not simply optional."""
        super().__init__(*args, **kwargs)
        if asks_for_comment:
            self.fields["comment"].label = _("Comment (if the reason asks for one)")
            self.fields["comment"].is_conditional = True  # type: ignore[attr-defined]
        self.fields["reason"].choices = [(row.code, str(row)) for row in reasons]  # type: ignore[attr-defined]


class ConvertForm(FindingsForm):
    """The deal, and what the agreement asks for before there is one and nobody has found out yet."""

    name = forms.CharField(label=_("Deal"), max_length=200)
    amount = forms.DecimalField(
        label=_("Amount"), required=False, min_value=0, max_digits=14, decimal_places=2
    )
    currency = forms.ChoiceField(
        label=_("Currency"), choices=[(code, code) for code in CURRENCIES], initial="JPY"
    )
    expected_close_on = forms.DateField(label=_("Expected close"), required=False, widget=DayInput)

    def __init__(self, *args: Any, asked: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keep_findings(asked)


class AcceptForm(forms.Form):
    """Nothing to ask."""


class ReassignForm(forms.Form):
    assignee = forms.ModelChoiceField(label=_("To whom"), queryset=User.objects.none())
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    def __init__(self, *args: Any, viewer: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.visible_to(viewer).sellers().order_by("last_name", "username")
        self.fields["assignee"].queryset = people  # type: ignore[attr-defined]


def opening_values(handoff: Handoff, today: date) -> dict[str, Any]:
    """What a deal made of a handoff would be called, and when it might close."""
    company = str(handoff.account or handoff.contact)
    return {"name": company, "currency": "JPY", "expected_close_on": _quarter_end(today)}


def _quarter_end(day: date) -> date:
    """The last day of the quarter after this one."""
    quarter = (day.month - 1) // 3 + 2
    year, first_after = day.year + quarter // 4, (quarter % 4) * 3 + 1
    return date.fromordinal(date(year, first_after, 1).toordinal() - 1)
