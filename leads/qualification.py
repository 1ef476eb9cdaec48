"""When a lead is an MQL, said for one lead. Pure: values in, a verdict out.

`leads.lifecycle` asks the same of any number of leads in one statement; a test holds the two to the same answer, so
that a replay of the past qualifies as the live path does.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from leads.models import Stage
from leads.scoring.decay import Decay

ELIGIBLE = (Stage.INQUIRY, Stage.NURTURING)
FITTING_GRADES = {"A": ["A"], "B": ["A", "B"], "C": ["A", "B", "C"], "D": ["A", "B", "C", "D"]}


class Definition(Protocol):
    """What an MQL definition asks for."""

    threshold: float
    required_fields: list[str]
    minimum_grade: str
    hand_raises: list[str]
    consent_required: bool


@dataclass(frozen=True, slots=True)
class Known:
    """What is known about a lead beside its behaviour; `filled` names the required fields that have a value."""

    fit: float
    grade: str
    filled: frozenset[str]
    consents: bool
    is_merged: bool = False

    def standing(self, engagement: float, floor: float) -> float:
        """The rank that counts towards qualifying, as the database computes it."""
        return self.fit * (engagement - floor)


def meets(
    definition: Definition,
    known: Known,
    *,
    stage: str,
    standing: float,
    decay: Decay,
    at: datetime,
    did: Collection[str] = (),
) -> bool:
    """Whether a lead of the definition's segment becomes an MQL at a moment. `did` is what it just did."""
    if stage not in ELIGIBLE or known.is_merged or known.fit <= 0:
        return False
    if known.grade not in FITTING_GRADES[definition.minimum_grade]:
        return False
    if not known.filled.issuperset(definition.required_fields):
        return False
    if definition.consent_required and not known.consents:
        return False
    return standing >= decay.bar_at(definition.threshold, at) or raises_hand(definition, did)


def raises_hand(definition: Definition, did: Collection[str]) -> bool:
    """Whether this behaviour qualifies at once, whatever the score."""
    return not set(definition.hand_raises).isdisjoint(did)
