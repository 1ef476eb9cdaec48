"""What sales is asked beside a deed: what the customer said, why the clock should stand still, a letter."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sla.models import Authority, BantField, Budget, Need, Timing

UNKNOWN = ("", _("not known yet"))
PAUSE_REASONS = (
    _("Asked to be called later"),
    _("On holiday"),
    _("Waits for a decision inside the company"),
    _("Comparing offers; wants no calls"),
    _("The person in charge is changing"),
)


def _finding(label: Any, choices: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=[UNKNOWN, *choices], required=False)


class FindingsForm(forms.Form):
    """Budget, authority, need, timing: short, and nothing of it has to be known."""

    need = _finding(_("Need"), Need.choices)
    problem = forms.CharField(
        label=_("Problem to solve"),
        max_length=300,
        required=False,
        help_text=_("In the customer's words, in one line."),
    )
    budget = _finding(_("Budget"), Budget.choices)
    authority = _finding(_("Decision power"), Authority.choices)
    timing = _finding(_("Timing"), Timing.choices)

    def findings(self) -> list[Any]:
        """The fields, for a template that shows them apart from others."""
        return [self[name] for name in FINDINGS if name in self.fields]

    def has_wrong_finding(self) -> bool:
        return any(name in self.errors for name in FINDINGS)

    def keep_findings(self, asked: list[str]) -> None:
        """Ask these and no others; each has to be answered."""
        for name in FINDINGS:
            if name not in asked:
                del self.fields[name]
            else:
                self.fields[name].required = True
                self.fields[name].error_messages["required"] = _("The agreement asks for this before a deal.")


FINDINGS = tuple(FindingsForm.base_fields)
assert set(BantField.values) < set(FINDINGS)


class PauseForm(forms.Form):
    reason = forms.CharField(
        label=_("Why"),
        max_length=200,
        widget=forms.TextInput({"list": "pause-reasons", "autocomplete": "off"}),
    )


class RebaseForm(forms.Form):
    note = forms.CharField(
        label=_("Why"), max_length=200, help_text=_("It is kept with the handoff, with your name.")
    )


class LetterForm(forms.Form):
    """A mail to the customer, as plain text. `slip` makes two clicks one mail."""

    subject = forms.CharField(label=_("Subject"), max_length=150)
    body = forms.CharField(label=_("Text"), max_length=10_000, widget=forms.Textarea({"rows": 12}))
    slip = forms.RegexField(r"^[0-9a-f]{32}\Z", widget=forms.HiddenInput)
