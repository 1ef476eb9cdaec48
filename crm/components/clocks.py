"""The SLA clock's face. It takes the engine's reading, or anything shaped like it, and never computes time itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from crm.components import formats
from crm.components.faces import CLOCK, UNKNOWN, Face


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The shape expected: open time left (negative when over), and whether it passes now."""

    state: str
    remaining: timedelta
    due: datetime | None
    running_now: bool = True
    next_change: datetime | None = None


@dataclass(frozen=True, slots=True)
class ClockFace:
    state: str
    face: Face
    text: str
    rest: str
    title: str
    left: int
    due: datetime | None
    data: dict[str, str]


def clock_face(reading: Any, *, total: Any = None, warn: Any = None, at: datetime | None = None) -> ClockFace:
    """`total` and `warn`: the window and the warning's share of it, as timedelta or seconds of open time."""
    state, remaining = str(reading.state), formats.seconds_of(reading.remaining)
    window = formats.seconds_of(total) if total else 0
    return ClockFace(
        state=state,
        face=CLOCK.get(state, UNKNOWN),
        text=_text(state, remaining),
        rest=_rest(reading, at),
        title=_title(state, reading.due),
        left=_left(state, remaining, window),
        due=reading.due,
        data=_data(reading, state, remaining, window, warn, at),
    )


def _text(state: str, remaining: int) -> str:
    if state == "answered":
        return _("Answered")
    if remaining < 0:
        return _(formats.OVER) % {"time": formats.duration(remaining)}
    return formats.duration(remaining)


def _rest(reading: Any, at: datetime | None) -> str:
    """When a clock that stands still outside working hours goes on; a paused one waits for somebody."""
    if reading.state == "paused":
        return _("stands still")
    if reading.running_now or reading.state == "answered" or reading.next_change is None:
        return ""
    then = reading.next_change
    words = formats.relative(then, at) if at else formats.exact(then)
    return _("resumes %(when)s") % {"when": words}


def _title(state: str, due: datetime | None) -> str:
    if due is None:
        return ""
    words = _("was due %(when)s") if state in ("breached", "answered") else _("due %(when)s")
    return words % {"when": formats.exact(due)}


def _left(state: str, remaining: int, window: int) -> int:
    """How much of the baton is left, 0 to 100. Overdue is a full bar: red all along."""
    if state == "breached" or not window:
        return 100
    return max(3, min(100, round(100 * remaining / window)))


def _data(
    reading: Any, state: str, remaining: int, window: int, warn: Any, at: datetime | None
) -> dict[str, str]:
    return {
        "state": state,
        "remaining": str(remaining),
        "window": str(window),
        "warn": str(formats.seconds_of(warn)) if warn else "",
        "running": "1" if reading.running_now else "0",
        "due": formats.epoch(reading.due),
        "next": formats.epoch(reading.next_change),
        "at": formats.epoch(at),
    }
