"""Business time: the one engine for deadline, countdown, warning and report. Pure: values in, values out.

`add` and `elapsed` are inverse to each other. `add(c, x, h)` is the earliest instant t >= x at which the open
time from x to t reaches h. So `add(c, x, 0)` is x, open or not; a deadline that runs out at closing time is
closing time, not the next morning; `elapsed(c, x, add(c, x, h)) == h` always; and
`add(c, x, elapsed(c, x, y)) == y` whenever work went on right up to y.

Every instant has to be aware and is answered in UTC; open time is half-open, [start, end). Work is
proportional to days, never to minutes. A pause is a (start, end) pair, end None while it lasts; its open time
counts for nobody.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import isfinite

from django.utils.translation import gettext as _

from sla.open_time import (
    FIRST_YEAR,
    FOREVER,
    INSTANT,
    LAST_YEAR,
    LONGEST_CLOSURE_DAYS,
    InvalidTime,
    Pause,
    Span,
    instant,
    merged_pauses,
    open_spans,
    spans,
)
from sla.windows import InvalidCalendar, Window, named_windows, weekly
from sla.work_calendar import HolidayTable, WorkCalendar

__all__ = [
    "ClockReading",
    "ClockState",
    "HolidayTable",
    "InvalidCalendar",
    "InvalidTime",
    "NeverOpens",
    "Pause",
    "Window",
    "WorkCalendar",
    "add",
    "elapsed",
    "is_open",
    "moved",
    "named_windows",
    "next_change",
    "next_opening",
    "read",
    "weekly",
]

LONGEST_HOURS = (LAST_YEAR - FIRST_YEAR) * 8784
MICROSECONDS_PER_HOUR = 3_600_000_000
ZERO = timedelta(0)

Hours = Decimal | float | timedelta


class NeverOpens(ValueError):
    """The calendar has no open time within ten years, or an unfinished pause holds it."""


class ClockState(StrEnum):
    ON_TRACK = "on_track"
    AT_RISK = "at_risk"
    BREACHED = "breached"
    PAUSED = "paused"
    ANSWERED = "answered"


@dataclass(frozen=True)
class ClockReading:
    """What a clock shows at one instant.

    `remaining` is open time left until `due`, negative when over; it stands still once answered or paused.
    `due` is the deadline with every pause so far added to it (an unfinished one as if it ended now).
    `in_time` is the verdict: None while both are possible. `running_now` says whether open time passes at
    this instant. `next_change` is the next instant at which state or running can change by time alone.
    """

    state: ClockState
    remaining: timedelta
    due: datetime
    in_time: bool | None
    running_now: bool
    next_change: datetime | None


def add(calendar: WorkCalendar, start: datetime, hours: Hours, *, pauses: Iterable[Pause] = ()) -> datetime:
    """The earliest instant at which `hours` of open time have passed since `start`, exact to the microsecond.

    Raises InvalidTime for a naive start or a negative duration, NeverOpens when the time never comes.
    """
    start, left = instant(start), _duration(hours)
    if not left:
        return start
    for opens, closes in spans(calendar, start, merged_pauses(pauses)):
        if left <= closes - opens:
            return opens + left
        left -= closes - opens
    raise NeverOpens(_("This calendar has no working time left to count; check its windows and closures."))


def elapsed(calendar: WorkCalendar, a: datetime, b: datetime, *, pauses: Iterable[Pause] = ()) -> timedelta:
    """Open time from `a` to `b`; negative when `b` is before `a`, so `elapsed(a, b) == -elapsed(b, a)`.

    Raises InvalidTime for naive instants.
    """
    a, b = instant(a), instant(b)
    if b < a:
        return -elapsed(calendar, b, a, pauses=pauses)
    counted = spans(calendar, a, merged_pauses(pauses), until=b)
    return sum((closes - opens for opens, closes in counted), ZERO)


def is_open(calendar: WorkCalendar, at: datetime) -> bool:
    """Whether open time passes at this instant (pauses are not the calendar's business)."""
    at = instant(at)
    return calendar.always_open or any(o <= at < c for o, c in open_spans(calendar, at.toordinal()))


def next_opening(calendar: WorkCalendar, at: datetime) -> datetime:
    """The earliest open instant from `at` on; `at` itself when it is open. Raises NeverOpens."""
    for opens, _closes in spans(calendar, instant(at), ()):
        return opens
    raise NeverOpens(_("This calendar does not open within ten years; check its windows and closures."))


def next_change(calendar: WorkCalendar, at: datetime) -> datetime | None:
    """The next instant after `at` when it opens or closes; None when there is none in ten years."""
    at = instant(at)
    if calendar.always_open:
        return None
    last = at + timedelta(days=LONGEST_CLOSURE_DAYS)
    end = None
    for opens, closes in spans(calendar, at, (), until=last):
        if opens > (end or at):
            return end or opens
        end = closes
    return end if end is not None and end < last else None


def read(
    calendar: WorkCalendar,
    *,
    offered_at: datetime,
    due: datetime,
    at: datetime,
    answered_at: datetime | None = None,
    warn_at: datetime | None = None,
    pauses: Iterable[Pause] = (),
) -> ClockReading:
    """Read the clock of something offered at `offered_at` and due at `due`, as it stands at `at`.

    `due` and `warn_at` are the instants computed when it was offered; the pauses since move both by their
    open time. An answer after `at` has not happened yet. An answer at the very instant it is due is in time.
    """
    at, offered_at, held = instant(at), instant(offered_at), merged_pauses(pauses)
    stops = at if answered_at is None else min(at, instant(answered_at))
    passed = tuple((begins, min(ends, stops)) for begins, ends in held if begins < stops)
    due = _moved(calendar, offered_at, due, passed)
    answered = answered_at is not None and answered_at <= at
    is_paused = any(begins <= at < ends for begins, ends in held)
    warn_at = None if warn_at is None else _moved(calendar, offered_at, warn_at, passed)
    return ClockReading(
        state=_state(
            answered=answered,
            late=stops > due,
            paused=is_paused,
            warned=warn_at is not None and stops >= warn_at,
        ),
        remaining=elapsed(calendar, stops, due, pauses=passed),
        due=due,
        in_time=stops <= due if answered or stops > due else None,
        running_now=not answered and not is_paused and is_open(calendar, at),
        next_change=None if answered else _next_tick(calendar, at, held, due, warn_at),
    )


def moved(calendar: WorkCalendar, since: datetime, planned: datetime, *, pauses: Iterable[Pause]) -> datetime:
    """An instant planned at `since`, put off by the open time of the pauses since; never earlier than planned."""
    return _moved(calendar, instant(since), planned, merged_pauses(pauses))


def _moved(calendar: WorkCalendar, since: datetime, planned: datetime, passed: tuple[Span, ...]) -> datetime:
    """A planned instant with the pauses added. Never earlier than planned: one set outside hours stays."""
    planned = instant(planned)
    if not passed or planned <= since:
        return planned
    return max(planned, add(calendar, since, elapsed(calendar, since, planned), pauses=passed))


def _state(*, answered: bool, late: bool, paused: bool, warned: bool) -> ClockState:
    ordered = (
        (answered, ClockState.ANSWERED),
        (late, ClockState.BREACHED),
        (paused, ClockState.PAUSED),
        (warned, ClockState.AT_RISK),
    )
    return next((state for holds, state in ordered if holds), ClockState.ON_TRACK)


def _next_tick(
    calendar: WorkCalendar, at: datetime, held: tuple[Span, ...], due: datetime, warn_at: datetime | None
) -> datetime | None:
    for begins, ends in held:
        if begins <= at < ends:
            return None if ends == FOREVER else ends
    # An answer at `due` is in time, so the breach begins one microsecond after it.
    ticks = (due + INSTANT, warn_at, next_change(calendar, at), *(begins for begins, _end in held))
    return min((tick for tick in ticks if tick is not None and tick > at), default=None)


def _duration(hours: Hours) -> timedelta:
    if isinstance(hours, timedelta):
        duration = hours
    elif not isfinite(hours) or float(hours) > LONGEST_HOURS:
        raise InvalidTime(_("A number of hours has to be finite, and shorter than three centuries."))
    else:
        duration = timedelta(microseconds=round(Fraction(hours) * MICROSECONDS_PER_HOUR))
    if duration < ZERO:
        raise InvalidTime(_("A number of hours cannot be negative."))
    return duration
