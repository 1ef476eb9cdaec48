"""Why a first contact was late, as far as the facts tell: pure, the first cause that holds.

It names what a manager can do something about, not whom to blame: a lead nobody owned, a mail that came back, a person
who was away or had too much.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Cause(StrEnum):
    QUEUE = "queue"
    BOUNCED = "bounced"
    TRIED = "tried"
    AWAY = "away"
    PASSED_LATE = "passed_late"
    FULL = "full"
    UNTOUCHED = "untouched"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What was so until the first contact was due."""

    has_owner: bool
    attempts: int = 0
    bounces: int = 0
    was_away: bool = False
    was_passed_late: bool = False
    is_full: bool = False


def cause_of(facts: Facts) -> Cause:
    """The cause to look at first; an attempt says more than a calendar, and a calendar more than a number."""
    ordered = (
        (not facts.has_owner, Cause.QUEUE),
        (facts.attempts > 0, Cause.TRIED),
        (facts.bounces > 0, Cause.BOUNCED),
        (facts.was_away, Cause.AWAY),
        (facts.was_passed_late, Cause.PASSED_LATE),
        (facts.is_full, Cause.FULL),
    )
    return next((cause for holds, cause in ordered if holds), Cause.UNTOUCHED)
