"""One's own settings: how Baton looks, and how one is told."""

from __future__ import annotations

from datetime import time
from typing import Any

from django import forms
from django.utils.formats import time_format
from django.utils.translation import gettext_lazy as _

from crm.models import Density, Language, Mails, Theme, User


class ClockInput(forms.TimeInput):
    """A time of day as the browser asks for it; hours and minutes."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class LookForm(forms.Form):
    theme = forms.ChoiceField(label=_("Theme"), choices=Theme.choices, widget=forms.RadioSelect)
    density = forms.ChoiceField(label=_("Density"), choices=Density.choices, widget=forms.RadioSelect)
    language = forms.ChoiceField(label=_("Language"), choices=Language.choices)
    time_zone = forms.CharField(
        label=_("Time zone"),
        max_length=64,
        widget=forms.TextInput(attrs={"list": "zones", "autocomplete": "off"}),
    )


class ToldForm(forms.Form):
    mails = forms.ChoiceField(label=_("Mails"), choices=Mails.choices, widget=forms.RadioSelect)
    digest_hour = forms.TypedChoiceField(
        label=_("Daily mail at"), coerce=int, help_text=_("For mails once a day.")
    )
    quiet_from = forms.TimeField(label=_("Quiet from"), required=False, widget=ClockInput)
    quiet_until = forms.TimeField(label=_("Quiet until"), required=False, widget=ClockInput)
    quiet_days_off = forms.BooleanField(
        label=_("Quiet on days off"),
        required=False,
        help_text=_("Weekends, holidays and closed days in your team's calendar."),
    )
    urgent_always = forms.BooleanField(
        label=_("Urgent mails at any time"),
        required=False,
        help_text=_("A deadline that is near or over is mailed during quiet hours too."),
    )
    hears_hot_leads = forms.BooleanField(
        label=_("Every hot lead"),
        required=False,
        help_text=_("When a lead is handed to sales: your own, as a manager your team's, in marketing all."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hours = [(hour, time_format(time(hour), "TIME_FORMAT")) for hour in range(24)]
        self.fields["digest_hour"].choices = hours  # type: ignore[attr-defined]


# What each way of being mailed means.
MAILS = {
    Mails.AT_ONCE: _("Each piece of news when it happens; more than three together come as one mail."),
    Mails.DIGEST: _("One mail a day with everything. Deadlines that are near or over come at once."),
    Mails.NONE: _("Only the bell at the top of every page."),
}


def look_of(user: User) -> dict[str, Any]:
    return {name: getattr(user, name) for name in LookForm.base_fields}


def told_of(user: User) -> dict[str, Any]:
    return {name: getattr(user, name) for name in ToldForm.base_fields}
