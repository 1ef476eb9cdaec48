"""What is due next on a handoff, and which levels it has reached. Pure: no database, no time of day.

A *clock* is one promise (first contact, accept or reject, feedback). A *rung* is a level such as `response-80` with
the moment it is reached: so many percent of the promised time. The rungs are laid down when a handoff is offered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

RESPONSE, ACCEPTANCE, FEEDBACK = "response", "acceptance", "feedback"
HOURS = {RESPONSE: "response_hours", ACCEPTANCE: "accept_hours", FEEDBACK: "feedback_hours"}
BREACH = 100

Rung = tuple[str, datetime]


def level_of(clock: str, percent: int) -> str:
    return f"{clock}-{percent}"


def clock_of(level: str) -> str:
    return level.rpartition("-")[0]


def percent_of(level: str) -> int:
    return int(level.rpartition("-")[2])


def lay(terms: Mapping[str, Any], after: Callable[[float], datetime]) -> list[Rung]:
    """The rungs of frozen terms in the order of time; `after(hours)` is the moment so many hours from the offer."""
    rungs = [
        (level_of(step["clock"], step["percent"]), after(terms[HOURS[step["clock"]]] * step["percent"] / 100))
        for step in terms["steps"]
    ]
    return sorted(rungs, key=lambda rung: (rung[1], rung[0]))


def warning_of(rungs: Iterable[Rung], otherwise: datetime) -> datetime:
    """The last warning before the first contact is due: from then on it is at risk."""
    warnings = [due for level, due in rungs if clock_of(level) == RESPONSE and percent_of(level) < BREACH]
    return max(warnings, default=otherwise)


def running_clocks(*, status: str, is_contacted: bool, is_accepted: bool) -> frozenset[str]:
    """The promises still to be kept. An unanswered handoff expires: nobody is asked for feedback on it."""
    if status not in ("open", "contacted", "accepted"):
        return frozenset()
    clocks = set() if status == "open" else {FEEDBACK}
    if not is_contacted:
        clocks.add(RESPONSE)
    if not is_accepted:
        clocks.add(ACCEPTANCE)
    return frozenset(clocks)


def reached(rungs: Iterable[Rung], clocks: frozenset[str], at: datetime) -> list[Rung]:
    """The rungs of running clocks that have been passed, with the true moment of each."""
    return [(level, due) for level, due in rungs if due <= at and clock_of(level) in clocks]


def next_look(
    rungs: Iterable[Rung],
    clocks: frozenset[str],
    *,
    deadlines: Mapping[str, datetime],
    expires_at: datetime | None,
    after: datetime | None = None,
) -> datetime | None:
    """The next moment something is due; with `after` only later ones. None: nothing more.

    Without `after` a moment in the past counts too, so that the next sweep looks at once.
    """
    moments = [due for level, due in rungs if clock_of(level) in clocks]
    moments += [due for clock, due in deadlines.items() if clock in clocks]
    moments += [expires_at] if expires_at and RESPONSE in clocks else []
    return min((moment for moment in moments if after is None or moment > after), default=None)


def to_json(rungs: Iterable[Rung]) -> list[list[str]]:
    return [[level, due.isoformat()] for level, due in rungs]


def from_json(stored: Iterable[Sequence[str]]) -> list[Rung]:
    return [(level, datetime.fromisoformat(due)) for level, due in stored]
