"""What an administrator says of a webhook. A form parses; the deed decides."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.models import User


class WebhookForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120, required=False)
    url = forms.CharField(
        label=_("Address"),
        max_length=500,
        widget=forms.URLInput(attrs={"class": "vURLField", "placeholder": "https://"}),
        help_text=_("Where messages are sent: https, on the public internet."),
    )
    topics = forms.CharField(
        label=_("Topics"),
        max_length=2000,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=_("Kinds of facts, separated by spaces: handoff.accepted, handoff.* or *."),
    )

    def clean_topics(self) -> list[str]:
        return str(self.cleaned_data["topics"]).replace(",", " ").split()


class NewWebhookForm(WebhookForm):
    owner = forms.ModelChoiceField(
        label=_("Owner"),
        queryset=User.objects.active().order_by("last_name", "username"),
        help_text=_("Only what this person may see is sent."),
    )


class NothingToSay(forms.Form):
    """A deed that only needs a yes."""
