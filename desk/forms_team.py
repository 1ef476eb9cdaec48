"""What a manager enters about the team: who takes handoffs over, and who is away."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.models import User
from desk import team
from desk.forms import DayInput
from sla.models import Handoff


class PersonChoice(forms.ModelChoiceField):
    """People with the room they have: “Hanako Mori · 14 of 20”."""

    widget = forms.Select({"class": "input"})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(User.objects.none(), *args, **kwargs)
        self.notes: Mapping[int, str] = {}

    def label_from_instance(self, obj: Any) -> str:
        note = self.notes.get(obj.pk, "")
        return f"{obj} · {note}" if note else str(obj)


class HandAllForm(forms.Form):
    """Handoffs that are chosen, and who takes them over."""

    handoffs = forms.ModelMultipleChoiceField(
        Handoff.objects.none(),
        error_messages={
            "required": _("Choose at least one handoff first."),
            "invalid_choice": _("One of them is gone. Look at the list again."),
        },
    )
    assignee = PersonChoice(
        label=_("To whom"),
        empty_label=_("To whom?"),
        error_messages={"required": _("Choose who takes them over.")},
    )
    note = forms.CharField(max_length=200, required=False)

    def __init__(
        self, *args: Any, viewer: User, notes: Mapping[int, str] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["handoffs"].queryset = Handoff.objects.visible_to(viewer)  # type: ignore[attr-defined]
        people = self.fields["assignee"]
        people.queryset, people.notes = team.sellers(viewer), notes or {}  # type: ignore[attr-defined]


class LeaveForm(forms.Form):
    person = PersonChoice(label=_("Who"))
    starts_on = forms.DateField(label=_("From"), widget=DayInput)
    ends_on = forms.DateField(label=_("Last day"), widget=DayInput)

    def __init__(self, data: Any = None, *, viewer: User, today: date, person: str = "") -> None:
        super().__init__(data, initial={"person": person, "starts_on": today, "ends_on": today})
        self.fields["person"].queryset = team.sellers(viewer)  # type: ignore[attr-defined]
