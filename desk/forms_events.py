"""Taking a lead's behaviour back, and counting it again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.components import formats
from desk.history import event_words
from leads.models import BehaviourEvent, Lead


class EventChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{formats.exact(obj.occurred_at)}  {event_words(obj)}"


class _EventForm(forms.Form):
    event = EventChoice(BehaviourEvent.objects.none(), label=_("Behaviour"))

    def __init__(self, *args: Any, lead: Lead, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["event"]
        field.queryset = (
            self.among().filter(lead=lead).select_related("asset").order_by("-occurred_at", "-pk")
        )

    def among(self) -> Any:
        raise NotImplementedError


class WithdrawForm(_EventForm):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        help_text=_("A bot, a test, a mistake. The score is summed anew; an MQL stays one."),
    )

    def among(self) -> Any:
        return BehaviourEvent.objects.counted()


class RestoreForm(_EventForm):
    def among(self) -> Any:
        return BehaviourEvent.objects.withdrawn()
