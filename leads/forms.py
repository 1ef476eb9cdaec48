"""What the admin's deeds on leads and events still need to know."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from leads.models import Programme


class DisqualifyForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=200)


class WithdrawForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"), max_length=200, help_text=_("The leads' scores are summed anew.")
    )


class RecycleForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=200)
    wait_days = forms.IntegerField(label=_("Wait in days"), min_value=0, max_value=3650, initial=0)
    programme = forms.ModelChoiceField(
        Programme.objects.order_by("name", "pk"), label=_("Nurture programme"), required=False
    )
    fresh_behaviour_only = forms.BooleanField(label=_("Only new behaviour counts"), required=False)
