"""Which terms hold in a replay: the agreements in force, or the same with a draft and a few changes in their place."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any, Self

from django.db.models import CheckConstraint
from django.utils.translation import gettext as _

from crm.models import Calendar
from crm.states import Refused
from sla import drafts, terms
from sla.models import Agreement, Terms

TERMS = (
    "response_hours", "accept_hours", "feedback_hours", "expire_hours", "attempts", "channels", "max_rounds",
)  # fmt: skip
DEFINITION = ("threshold",)
RULE = ("wait_days", "max_times")


@dataclass(frozen=True, slots=True)
class Changes:
    """What is asked to be different. Reasons by code, capacities by the user's id; JSON values throughout."""

    terms: dict[str, Any] = field(default_factory=dict)
    definition: dict[str, Any] = field(default_factory=dict)
    reasons: dict[str, dict[str, Any]] = field(default_factory=dict)
    capacity: dict[str, int] = field(default_factory=dict)
    everybody: int | None = None
    more_reps: int = 0
    more_in: int | None = None

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        return cls(**stored)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def touches_agreement(self) -> bool:
        """Whether anything of it could be written into an agreement; how much people can work could not."""
        return bool(self.terms or self.definition or self.reasons)

    def capacity_of(self, user: int, now: int) -> int:
        return self.capacity.get(str(user), now if self.everybody is None else self.everybody)


class Contract:
    """An agreement with changes, in memory: its frozen terms are made by `sla.terms`, and never stored."""

    def __init__(self, agreement: Agreement, changes: Changes | None = None, *, is_new: bool = False) -> None:
        changes = changes or Changes()
        self.agreement = copy.copy(agreement)
        self.definition = copy.copy(agreement.definition)
        self.is_new = is_new
        self._reasons = changes.reasons
        self._known: dict[tuple[Any, ...], Terms] = {}
        for name, value in changes.terms.items():
            setattr(self.agreement, name, value)
        for name, value in changes.definition.items():
            setattr(self.definition, name, value)
        self.agreement.definition = self.definition

    def terms(self, calendar: Calendar, *, at: datetime, days_off: frozenset[date] = frozenset()) -> Terms:
        """The terms a handoff offered at a moment would be frozen under."""
        key = calendar.pk, at.year, days_off
        if key not in self._known:
            body = terms.frozen_body(self.agreement, calendar, at=at, days_off=days_off)
            body["reasons"] = {
                code: rule | self._reasons.get(code, {}) for code, rule in body["reasons"].items()
            }
            self._known[key] = Terms(agreement=self.agreement, body=body)
        return self._known[key]

    def check(self) -> None:
        """`Refused` where the changed terms contradict each other, as keeping them would be."""
        drafts.insist_clean(self.definition.full_clean)
        drafts.insist_clean(self.agreement.full_clean, validate_constraints=False)
        drafts.insist_clean(self._check_terms)

    def _check_terms(self) -> None:
        """What the database checks of one row; whether another agreement is in force is no question here."""
        for constraint in Agreement._meta.constraints:
            if isinstance(constraint, CheckConstraint):
                constraint.validate(Agreement, self.agreement)


Contracts = dict[int | None, Contract]
"""Contracts by the id of the segment they are for; None is everybody else."""


def in_force() -> Contracts:
    contracts = {segment: Contract(row) for segment, row in Agreement.objects.by_segment().items()}
    if not contracts:
        raise Refused(
            _("No agreement is in force, so there is nothing to compare with. Put one in force first.")
        )
    return contracts


def with_changes(present: Contracts, agreement: Agreement, changes: Changes) -> Contracts:
    """The contracts in force, with this one in the place of the one for its segment."""
    before = present.get(agreement.segment_id)
    is_same = before is not None and before.agreement.pk == agreement.pk
    is_new = not is_same or bool(changes.definition)
    return present | {agreement.segment_id: Contract(agreement, changes, is_new=is_new)}


def contract_for(contracts: Contracts, segment: int | None) -> Contract | None:
    """As the live path chooses: the one for the segment, else everybody's."""
    return contracts.get(segment) or contracts.get(None)
