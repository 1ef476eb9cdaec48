"""What people enter when they move or close a deal."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from crm.models import User
from deals.models import DealStage, LossReason


class DeedForm(forms.Form):
    """A deed's form knows who fills it in: catalogues show what they may choose."""

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def notes(self) -> dict[str, str]:
        """What follows from each answer, by its value."""
        return {}


class MoveForm(DeedForm):
    stage = forms.ModelChoiceField(DealStage.objects.none(), to_field_name="code", label=_("Stage"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stage"].queryset = DealStage.objects.visible_to(self.user).in_order()  # type: ignore[attr-defined]


class WinForm(DeedForm):
    note = forms.CharField(
        label=_("What decided?"),
        required=False,
        max_length=200,
        help_text=_("In one sentence; others learn from it."),
    )


class LoseForm(DeedForm):
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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].queryset = LossReason.objects.visible_to(self.user).order_by("pk")  # type: ignore[attr-defined]

    def notes(self) -> dict[str, str]:
        reasons: Any = self.fields["reason"]
        return {reason.code: _follows(reason) for reason in reasons.queryset}


def _follows(reason: LossReason) -> str:
    if not reason.recycles:
        return gettext("The lead is out for good.")
    said = ngettext(
        "The lead goes back to nurture; it may return after %(days)s day.",
        "The lead goes back to nurture; it may return after %(days)s days.",
        reason.wait_days,
    )
    return said % {"days": reason.wait_days}


class ReopenForm(DeedForm):
    """Nothing to say; the button is enough."""
