"""What the admin's deeds on leads and events still need to know, and what a rule of scoring has to be."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.models import StakeholderRole
from leads.models import Disqualifier, DisqualifierKind, FitAttribute, FitRule, Programme
from leads.scoring import parts


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


class FitRuleForm(forms.ModelForm):  # type: ignore[type-arg]
    """A rule that could not be applied is told here, and not when its version is to take force."""

    class Meta:
        model = FitRule
        fields = ("attribute", "operator", "values", "points", "unknown_points")
        widgets = {"values": forms.TextInput(attrs={"size": 44})}
        help_texts = {
            "values": _(
                "Divided by commas. Words are compared without case; “is between” takes two numbers,"
                " “is at least” and “is at most” one."
            ),
            "unknown_points": _("What counts as long as nothing is known of it."),
        }

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        values = told.get("values")
        if values and told.get("attribute") == FitAttribute.STAKEHOLDER_ROLE:
            told["values"] = values = self._roles(values)
        if values is not None and told.get("operator"):
            try:
                parts.FitRule(told.get("attribute", ""), told["operator"], tuple(values))
            except parts.InvalidRule as error:
                self.add_error("values", str(error))
        return told

    def _roles(self, values: list[str]) -> list[str]:
        """Their codes, by whichever name they were given."""
        codes = {str(role.label).casefold(): role.value for role in StakeholderRole}
        codes |= {role.value: role.value for role in StakeholderRole}
        if unknown := [value for value in values if value.casefold() not in codes]:
            said = gettext("“%(role)s” is no role. Choose from: %(known)s.")
            known = ", ".join(str(role.label) for role in StakeholderRole)
            self.add_error("values", said % {"role": unknown[0], "known": known})
            return values
        return [codes[value.casefold()] for value in values]


class DisqualifierForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Disqualifier
        fields = ("kind", "values")
        help_texts = {
            "values": _("Domains, companies or words of a job title, divided by commas."),
        }

    def clean(self) -> dict[str, Any]:
        """Of some kinds a rule without values would keep nobody from sales."""
        told = super().clean() or {}
        if told.get("kind") in NAMING and not told.get("values"):
            self.add_error("values", gettext("Say which: this rule does nothing without."))
        return told


NAMING = {DisqualifierKind.COMPETITOR, DisqualifierKind.OWN_COMPANY, DisqualifierKind.JOB_TITLE}
