"""Working windows of a day: pairs of local times, in order. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import time, timedelta

from django.utils.translation import gettext as _

DAY = timedelta(days=1)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Window = tuple[time, time]


class InvalidCalendar(ValueError):
    """The zone, a window, the country or a snapshot cannot be used; the message says which and why."""


def weekly(days: Iterable[int], *windows: str) -> dict[int, tuple[Window, ...]]:
    """The same windows on several weekdays: `weekly(range(5), "09:00-12:00", "13:00-18:00")`."""
    spans = tuple(_window_from(text.split("-")) for text in windows)
    return dict.fromkeys(days, spans)


def named_windows(value: Mapping[str, Iterable[Sequence[str]]]) -> dict[int, tuple[Window, ...]]:
    """Windows from JSON: `{"mon": [["09:00", "12:00"], ["13:00", "24:00"]], ...}`. Raises InvalidCalendar."""
    if unknown := set(value) - set(WEEKDAYS):
        raise InvalidCalendar(
            _("%s is not a weekday; use mon, tue, wed, thu, fri, sat, sun.") % unknown.pop()
        )
    return {WEEKDAYS.index(day): tuple(map(_window_from, spans)) for day, spans in value.items()}


def checked_windows(windows: Mapping[int, Iterable[Window]]) -> dict[int, tuple[Window, ...]]:
    """The windows by weekday, days without any left out. Raises InvalidCalendar."""
    if not all(day in range(7) for day in windows):
        raise InvalidCalendar(_("Weekdays are numbers from 0 (Monday) to 6 (Sunday)."))
    return {day: _checked_day(tuple(windows[day])) for day in sorted(windows) if windows[day]}


def _checked_day(windows: tuple[Window, ...]) -> tuple[Window, ...]:
    last = timedelta(0)
    for start, end in windows:
        if start.tzinfo or end.tzinfo:
            raise InvalidCalendar(_("Windows are local times without a zone; the calendar has the zone."))
        if since_midnight(start) < last:
            raise InvalidCalendar(_("Windows of a day must be in order and must not overlap."))
        if until_end(end) <= since_midnight(start):
            raise InvalidCalendar(_("A window must end after it starts; midnight at its end means 24:00."))
        last = until_end(end)
    return tuple((start, end) for start, end in windows)


def since_midnight(moment: time) -> timedelta:
    """Wall-clock time since 00:00 of a naive local time."""
    return timedelta(
        hours=moment.hour, minutes=moment.minute, seconds=moment.second, microseconds=moment.microsecond
    )


def until_end(moment: time) -> timedelta:
    """Like `since_midnight`, for the end of a window: 00:00 means 24:00."""
    return since_midnight(moment) or DAY


def window_text(window: Window) -> list[str]:
    """A window as JSON, as `named_windows` reads it."""
    start, end = window
    return [_time_text(start), "24:00" if end == time(0) else _time_text(end)]


def _time_text(moment: time) -> str:
    return moment.isoformat("auto" if moment.second or moment.microsecond else "minutes")


def _window_from(pair: Sequence[str]) -> Window:
    try:
        start, end = pair
        return _time_from(start), time(0) if end.strip() == "24:00" else _time_from(end)
    except (ValueError, AttributeError) as error:
        message = _("%(window)s is not a window; write two times such as 09:00 and 18:00.")
        raise InvalidCalendar(message % {"window": "-".join(map(str, pair))}) from error


def _time_from(text: str) -> time:
    hour, _colon, rest = text.strip().partition(":")
    return time.fromisoformat(f"{hour:0>2}:{rest}")
