"""What is asked of the past: every term as the agreement has it, to be changed; only what differs is a change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.models import Team, User
from sla.forms_draft import NumberField
from sla.models import Agreement, Disposition, ReasonRule
from sla.replay.contracts import Changes
from sla.simulate import DEFAULT_WEEKS, WEEKS

HOURS = ("response_hours", "accept_hours", "feedback_hours", "expire_hours")
COUNTS = ("attempts", "channels", "max_rounds")
MOST_PEOPLE = 60
MOST = {"attempts": 20, "channels": 4, "max_rounds": 20}


@dataclass(frozen=True, slots=True)
class ReasonFields:
    """One reason of the agreement: how long it waits, how often it may come."""

    name: str
    wait: BoundField | None
    times: BoundField


class WhatIfForm(forms.Form):
    """`sellers` are the people whose capacity can be changed; `before` the changes to begin with."""

    weeks = forms.TypedChoiceField(label=gettext_lazy("Period"), coerce=int, initial=DEFAULT_WEEKS)
    threshold = NumberField(label=gettext_lazy("Score threshold"), min_value=1, max_value=100_000)
    everybody = forms.IntegerField(
        label=gettext_lazy("Everybody's capacity"), min_value=0, max_value=1000, required=False,
        help_text=gettext_lazy("For all who have no number of their own below."),
    )  # fmt: skip
    more_reps = forms.IntegerField(
        label=gettext_lazy("More reps"), min_value=0, max_value=20, required=False, initial=0
    )
    more_in = forms.TypedChoiceField(
        label=gettext_lazy("In the team"), coerce=int, empty_value=None, required=False
    )

    def __init__(
        self,
        data: Any,
        *,
        agreement: Agreement,
        rules: Sequence[ReasonRule],
        sellers: Iterable[User],
        teams: Iterable[Team],
        before: Changes | None = None,
        **options: Any,
    ) -> None:
        super().__init__(data, **options)
        self.agreement, self.rules = agreement, rules
        self.people = list(sellers)[:MOST_PEOPLE]
        periods = [(weeks, ngettext("%(n)d week", "%(n)d weeks", weeks) % {"n": weeks}) for weeks in WEEKS]
        self._field("weeks").choices = periods
        self._field("more_in").choices = [("", _("any")), *((team.pk, str(team)) for team in teams)]
        self._add_terms()
        self._add_people()
        self._add_reasons()
        self._begin_with(before or Changes())

    def _field(self, name: str) -> Any:
        return self.fields[name]

    def _add_terms(self) -> None:
        for name in HOURS:
            label = _label(Agreement, name)
            self.fields[name] = NumberField(label=label, min_value=0.25, max_value=4000)
        for name in COUNTS:
            label = _label(Agreement, name)
            self.fields[name] = forms.IntegerField(label=label, min_value=1, max_value=MOST[name])
        for name in (*HOURS, *COUNTS):
            self.initial.setdefault(name, getattr(self.agreement, name))
        self.initial.setdefault("threshold", self.agreement.definition.threshold)

    def _add_people(self) -> None:
        for person in self.people:
            name = f"capacity_{person.pk}"
            self.fields[name] = forms.IntegerField(
                label=str(person), min_value=0, max_value=1000, required=False
            )
            self.fields[name].widget.attrs["placeholder"] = str(person.capacity)

    def _add_reasons(self) -> None:
        for rule in self.rules:
            code, reason = rule.reason.code, str(rule.reason)
            if rule.disposition == Disposition.RECYCLE:
                label = _("Wait in days: %(reason)s") % {"reason": reason}
                self.fields[f"wait_{code}"] = forms.IntegerField(label=label, min_value=0, max_value=3650)
                self.initial.setdefault(f"wait_{code}", rule.wait_days)
            label = _("At most so often: %(reason)s") % {"reason": reason}
            self.fields[f"times_{code}"] = forms.IntegerField(
                label=label, min_value=1, max_value=20, required=False
            )
            self.initial.setdefault(f"times_{code}", rule.max_times)

    def _begin_with(self, before: Changes) -> None:
        self._differ = bool(before.reasons)
        self.initial.update(before.terms)
        self.initial.update(before.definition)
        self.initial.update(
            everybody=before.everybody, more_reps=before.more_reps or None, more_in=before.more_in
        )
        self.initial.update({f"capacity_{user}": number for user, number in before.capacity.items()})
        for code, rule in before.reasons.items():
            said = {f"{short}_{code}": rule[name] for name, short in _RULE.items() if name in rule}
            self.initial.update(said)

    # -- as the page lays them out ----------------------------------------------------------------

    @property
    def terms(self) -> list[BoundField]:
        return [self[name] for name in ("threshold", *HOURS, *COUNTS)]

    @property
    def capacities(self) -> list[BoundField]:
        return [self[f"capacity_{person.pk}"] for person in self.people]

    @property
    def reasons(self) -> list[ReasonFields]:
        return [
            ReasonFields(
                str(rule.reason),
                self[f"wait_{rule.reason.code}"] if f"wait_{rule.reason.code}" in self.fields else None,
                self[f"times_{rule.reason.code}"],
            )
            for rule in self.rules
        ]

    @property
    def has_people(self) -> bool:
        """Whether something is said about people already, or was wrong."""
        names = {"everybody", "more_reps", *(f"capacity_{person.pk}" for person in self.people)}
        return any(self.initial.get(name) for name in names) or bool(names & self.errors.keys())

    @property
    def has_reasons(self) -> bool:
        names = {name for name in self.fields if name.startswith(("wait_", "times_"))}
        return self._differ or bool(names & self.errors.keys())

    # -- what was said ----------------------------------------------------------------------------

    def changes(self) -> Changes:
        """What differs from the agreement, and what else was asked."""
        said = self.cleaned_data
        kept = {name: said[name] for name in (*HOURS, *COUNTS) if said[name] != getattr(self.agreement, name)}
        threshold = said["threshold"]
        capacity = {str(one.pk): said[f"capacity_{one.pk}"] for one in self.people}
        return Changes(
            terms=kept,
            definition={"threshold": threshold} if threshold != self.agreement.definition.threshold else {},
            reasons={
                rule.reason.code: differing for rule in self.rules if (differing := self._differing(rule))
            },
            capacity={user: number for user, number in capacity.items() if number is not None},
            everybody=said["everybody"],
            more_reps=said["more_reps"] or 0,
            more_in=said["more_in"] if said["more_reps"] else None,
        )

    def _differing(self, rule: ReasonRule) -> dict[str, Any]:
        said = {name: self.cleaned_data.get(f"{short}_{rule.reason.code}") for name, short in _RULE.items()}
        if f"wait_{rule.reason.code}" not in self.fields:
            said.pop("wait_days")
        return {name: value for name, value in said.items() if value != getattr(rule, name)}


_RULE = {"wait_days": "wait", "max_times": "times"}


def _label(model: Any, name: str) -> str:
    return capfirst(str(model._meta.get_field(name).verbose_name))
