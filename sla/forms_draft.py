"""The editor's forms of a draft: its terms, its MQL definition, a row for each reason and each escalation step.

They parse and check; `agreements.revise` writes. The unsaved rows they build are what the preview reads as well.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leads.models import EventKind, MqlDefinition, Programme, RequiredField, Segment
from sla import terms
from sla.models import Agreement, BantField, Clock, EscalationStep, ReasonRule, RejectionReason, Told

MOST_STEPS = 30
SEEN = "seen"


class PercentField(forms.FloatField):
    """A share of one, typed as per cent."""

    def prepare_value(self, value: Any) -> Any:
        return f"{value * 100:g}" if isinstance(value, float) else value

    def clean(self, value: Any) -> Any:
        share = super().clean(value)
        return None if share is None else share / 100


class NumberField(forms.FloatField):
    """A number without needless decimals: 24, not 24.0."""

    def prepare_value(self, value: Any) -> Any:
        return f"{value:g}" if isinstance(value, float) else value


def _percent(label: Any) -> PercentField:
    return PercentField(label=label, min_value=0, max_value=100)


def _several(label: Any, choices: Any, hint: Any = "") -> forms.MultipleChoiceField:
    boxes = forms.CheckboxSelectMultiple
    return forms.MultipleChoiceField(
        label=label, choices=choices, widget=boxes, required=False, help_text=hint
    )


class TermsForm(forms.ModelForm):
    acceptance_rate = _percent(gettext_lazy("Promised acceptance rate, per cent"))
    completeness = _percent(gettext_lazy("Promised completeness, per cent"))
    sql_fields = _several(gettext_lazy("Asked before converting"), BantField.choices)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Agreement
        fields = (
            "title", "segment", "monthly_mqls", "acceptance_rate", "completeness", "response_hours", "response_counts",
            "attempts", "channels", "accept_hours", "feedback_hours", "expire_hours", "after_expiry", "routing",
            "max_pauses", "pause_days", "business_hours", "calendar", "leave_stops_clock", "sql_fields", "max_rounds",
            "note",
        )  # fmt: skip
        field_classes = dict.fromkeys(
            ("response_hours", "accept_hours", "feedback_hours", "expire_hours"), NumberField
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        segment: Any = self.fields["segment"]
        segment.queryset = Segment.objects.order_by("position", "pk")
        segment.empty_label = _("Everybody no other agreement is for")
        self.initial[SEEN] = self.instance.updated_at.isoformat()

    def clean_seen(self) -> datetime | None:
        try:
            return datetime.fromisoformat(self.cleaned_data[SEEN])
        except ValueError:
            return None

    def _update_errors(self, errors: Any) -> None:
        """A constraint over several fields names the one to change by its code; the error stands there."""
        general = errors.error_dict.pop(NON_FIELD_ERRORS, []) if hasattr(errors, "error_dict") else []
        for error in general:
            self.add_error(error.code if error.code in self.fields else None, error)
        super()._update_errors(errors)  # type: ignore[misc]

    def changes(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != SEEN}


class DefinitionForm(forms.ModelForm):
    required_fields = _several(gettext_lazy("Required fields"), RequiredField.choices)
    hand_raises = _several(
        gettext_lazy("Qualify at once"),
        EventKind.choices,
        gettext_lazy("Behaviour that makes an MQL whatever the score, when the fit allows."),
    )

    class Meta:
        model = MqlDefinition
        fields = ("threshold", "required_fields", "minimum_grade", "hand_raises", "consent_required")
        field_classes = {"threshold": NumberField}


class RuleForm(forms.ModelForm):
    """One reason of the catalogue: part of the agreement or not, and what follows from it."""

    used = forms.BooleanField(label=gettext_lazy("Sales may name this reason"), required=False)

    class Meta:
        model = ReasonRule
        fields = (
            "used", "disposition", "wait_days", "programme", "comment_required", "asks_date", "fresh_behaviour_only",
            "max_times",
        )  # fmt: skip

    @property
    def is_used(self) -> bool:
        """As it is typed, so that the preview can follow a form that is not yet right."""
        value = self["used"].value()
        return bool(value) and value not in ("false", "False")


class StepForm(forms.ModelForm):
    tells = _several(gettext_lazy("Who is told"), Told.choices)

    class Meta:
        model = EscalationStep
        fields = ("clock", "percent", "tells")

    def clean_tells(self) -> list[str]:
        if not self.cleaned_data["tells"]:
            raise forms.ValidationError(_("Say who is told."))
        return list(self.cleaned_data["tells"])


class Steps(forms.BaseFormSet):
    """The rows of who is told when; an empty last one is for the next."""

    def clean(self) -> None:
        wanted = [(form.instance.clock, form.instance.percent) for form in self.kept()]
        if len(set(wanted)) < len(wanted):
            raise forms.ValidationError(
                _("Two lines are about the same promise and percentage. Take one away.")
            )

    def kept(self) -> list[Any]:
        """The rows that stand: not taken away, and not the empty one."""
        known = self.initial_form_count()
        rows = [form for number, form in enumerate(self.forms) if number < known or form.has_changed()]
        return [form for form in rows if not form["DELETE"].value()]

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        if index is not None and index >= self.initial_form_count():
            form.initial["percent"] = None  # an empty line looks empty
        if "DELETE" in form.fields:
            form.fields["DELETE"].label = _("Take this line away")


StepSet = forms.formset_factory(StepForm, formset=Steps, extra=1, can_delete=True, max_num=MOST_STEPS)


class Draft:
    """All forms of one draft, bound or not, and what they amount to."""

    def __init__(self, agreement: Agreement, data: Any = None) -> None:
        self.agreement = agreement
        self.terms = TermsForm(data, instance=agreement)
        self.definition = DefinitionForm(data, prefix="mql", instance=agreement.definition)
        self.rules = _rule_forms(agreement, data)
        self.steps = _step_forms(agreement, data)

    def is_valid(self) -> bool:
        every: tuple[forms.BaseForm, ...] = (self.terms, self.definition, *self._used())
        checked = [form.is_valid() for form in every]
        return self.steps.is_valid() and all(checked)

    def _used(self) -> list[RuleForm]:
        return [form for form in self.rules if form.is_used]

    def rows(self) -> tuple[list[ReasonRule], list[EscalationStep]]:
        """The rules and steps as they are typed, unsaved; what is wrong keeps its old value."""
        return [form.instance for form in self._used()], [form.instance for form in self.steps.kept()]

    def body(self) -> dict[str, Any]:
        """What the contract would say, also while something is still wrong."""
        self.is_valid()
        self.agreement.definition = self.definition.instance
        rules, steps = self.rows()
        return terms.contract_body(self.agreement, rules=rules, steps=steps)


def _rule_forms(agreement: Agreement, data: Any) -> list[RuleForm]:
    known = {rule.reason_id: rule for rule in agreement.rules.select_related("reason", "programme")}
    programmes = list(Programme.objects.order_by("pk"))
    forms_of = []
    for reason in RejectionReason.objects.order_by("position", "code"):
        rule = known.get(reason.pk) or ReasonRule(agreement=agreement, reason=reason)
        form = RuleForm(
            data, prefix=f"reason-{reason.code}", instance=rule, initial={"used": reason.pk in known}
        )
        field: Any = form.fields["programme"]
        field.choices = [("", _("none")), *((programme.pk, str(programme)) for programme in programmes)]
        forms_of.append(form)
    return forms_of


def _step_forms(agreement: Agreement, data: Any) -> Steps:
    order = list(Clock.values)
    stored = sorted(agreement.steps.all(), key=lambda step: (order.index(step.clock), step.percent))
    steps: Any = StepSet(data, prefix="step", initial=[_values(step) for step in stored])
    return steps  # type: ignore[no-any-return]


def _values(step: EscalationStep) -> dict[str, Any]:
    return {"clock": step.clock, "percent": step.percent, "tells": step.tells}
