"""What a replay is made of: what people really did, and what it makes of it. Plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sla.offering import DueTimes

# How a handoff of a replay knows its outcome.
FACT, MOVED, EXPECTED = "fact", "moved", "expected"
# Why a lead became an MQL.
AT_START, BY_BEHAVIOUR, BY_HAND = "at_start", "behaviour", "by_hand"


@dataclass(slots=True)
class Deed:
    """Something done outbound to the person, as `sla.evidence` reads it."""

    channel: str
    direction: str
    outcome: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """A running handoff got another owner."""

    at: datetime
    came_from: int | None
    to: int | None


@dataclass(frozen=True, slots=True)
class Back:
    """Where a lead went when marketing took its handoff back."""

    to: str
    waits_until: datetime | None
    fresh_only: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What sales really did with one handoff."""

    handoff: int
    lead: int
    round: int
    score: float
    source: str
    offered_at: datetime
    assignee: int | None
    due: DueTimes
    body: Mapping[str, Any]
    deeds: tuple[Deed, ...] = ()
    owners: tuple[Change, ...] = ()
    accepted_at: datetime | None = None
    ended_at: datetime | None = None
    ended_as: str = ""
    reason: str = ""
    not_before: date | None = None
    pauses: tuple[tuple[datetime, datetime], ...] = ()
    back: Back | None = None
    is_named: bool = False
    is_by_hand: bool = False
    verdicts: tuple[bool | None, bool | None, bool | None] = (None, None, None)

    @property
    def owner(self) -> int | None:
        """Whose it was in the end."""
        return self.owners[-1].to if self.owners else self.assignee


@dataclass(slots=True)
class Handover:
    """One handoff of a replay. `basis` says whether its outcome is fact or expectation.

    The three chances of being late are 0 or 1 where it is known, between where it is expected, None where it cannot
    be said (not needed, or still running). `acceptance` likewise; where it is only expected (`is_guess`), with the
    interval it lies in. At `free_at` it takes
    nobody's time any more; with `ended_as` it then ended, without nobody knows how.
    """

    lead: int
    round: int
    offered_at: datetime
    assignee: int | None
    rule: str
    score: float
    source: str
    due: DueTimes
    body: Mapping[str, Any]
    given_to: int | None = None
    basis: str = EXPECTED
    answer: Answer | None = None
    first_contact_at: datetime | None = None
    accepted_at: datetime | None = None
    ended_at: datetime | None = None
    ended_as: str = ""
    free_at: datetime | None = None
    is_over: bool = False
    verdicts: tuple[bool | None, bool | None, bool | None] = (None, None, None)
    late: tuple[float | None, float | None, float | None] = (None, None, None)
    acceptance: float | None = None
    is_guess: bool = False
    between: tuple[float, float] = (0.0, 1.0)
    owners: list[Change] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Mql:
    """A lead became an MQL in a replay."""

    at: datetime
    lead: int
    score: float
    cause: str
