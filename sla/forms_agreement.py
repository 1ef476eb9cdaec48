"""What the deeds with an agreement ask for."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models.base import LAST_DAY
from sla.models import Agreement, Side


class DraftForm(forms.Form):
    """Nothing to ask."""


class ProposeForm(forms.Form):
    effective_from = forms.DateField(
        label=gettext_lazy("First day in force"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("Empty: as soon as both sides have signed."),
    )

    def __init__(self, *args: Any, agreement: Agreement, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._zone, self._at = ZoneInfo(agreement.calendar.time_zone), at

    def clean_effective_from(self) -> datetime | None:
        """The midnight with which the day begins where the agreement's calendar is."""
        day = self.cleaned_data["effective_from"]
        if day is None:
            return None
        if not self._at.astimezone(self._zone).date() < day < LAST_DAY:
            raise forms.ValidationError(_("Choose a day after today, or leave it empty."))
        return datetime.combine(day, time(), tzinfo=self._zone)


class SignForm(forms.Form):
    side = forms.ChoiceField(
        label=gettext_lazy("For which side"), choices=Side.choices, widget=forms.RadioSelect
    )
    read = forms.BooleanField(error_messages={"required": gettext_lazy("Tick this once you have read it.")})

    def __init__(self, *args: Any, agreement: Agreement, side: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = {
            Side.MARKETING: _("I have read version %(version)s and sign it for marketing."),
            Side.SALES: _("I have read version %(version)s and sign it for sales."),
            "": _("I have read version %(version)s and sign it."),
        }
        self.fields["read"].label = words[side] % {"version": agreement.version}
        if side:
            del self.fields["side"]


class ReturnForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Both sides read it in the history."),
    )
