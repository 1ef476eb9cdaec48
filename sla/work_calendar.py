"""When people work: the calendar a clock runs on. Pure values; nothing here asks the time or the database.

A calendar answers one question, "is this instant open?", by the clock on the wall of its zone: an instant is
open exactly when its local time lies inside a window (start included, end excluded) of its local weekday and
its local date is neither a holiday nor a closure. All arithmetic runs on UTC instants, so a 9-18 window on
the day the clocks change has its true length, an hour shown twice counts twice, an hour skipped counts never.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from crm.public_holidays import holiday_dates
from sla.windows import DAY, WEEKDAYS, InvalidCalendar, Window, checked_windows, named_windows, window_text

HORIZON_DAYS = 400
SNAPSHOT_VERSION = 1


@dataclass(frozen=True)
class HolidayTable:
    """Holiday dates written down for the local dates `since` to `until`, both included.

    A holiday library learns new laws; a verdict may not. What a handoff was promised is kept here as dates.
    """

    since: date
    until: date
    dates: frozenset[date]

    def covers(self, day: date) -> bool:
        return self.since <= day <= self.until


@dataclass(frozen=True)
class WorkCalendar:
    """Working windows by weekday (Monday is 0) in an IANA zone.

    `windows` holds ordered, non-overlapping (start, end) pairs of naive local times; an end of 00:00 means
    24:00. `holiday_country` is an ISO 3166 code of the `holidays` library, with a subdivision after a dash
    ("JP", "DE-BY"), or '' for none. `closures` are further closed local dates. An `always_open` calendar
    counts clock hours and asks neither windows nor holidays nor closures. `fixed` overrides the library
    inside its dates. Raises InvalidCalendar for anything else.
    """

    zone: str
    windows: Mapping[int, tuple[Window, ...]] = field(default_factory=dict, hash=False)
    holiday_country: str = ""
    closures: frozenset[date] = frozenset()
    always_open: bool = False
    fixed: HolidayTable | None = None

    def __post_init__(self) -> None:
        zone_info(self.zone)
        _check_country(self.holiday_country)
        object.__setattr__(self, "windows", checked_windows(self.windows))
        object.__setattr__(self, "closures", frozenset(self.closures))

    @property
    def tz(self) -> ZoneInfo:
        return zone_info(self.zone)

    def is_holiday(self, day: date) -> bool:
        """Whether the local date is a public holiday: by the table written down, else by the library."""
        if self.fixed is not None and self.fixed.covers(day):
            return day in self.fixed.dates
        return day in holiday_dates(self.holiday_country, day.year)

    def windows_on(self, day: date) -> tuple[Window, ...]:
        """The working windows of one local date; empty when it is closed."""
        windows = self.windows.get(day.weekday(), ())
        if not windows or day in self.closures or self.is_holiday(day):
            return ()
        return windows

    def fixed_from(self, offered_at: datetime, *, days: int = HORIZON_DAYS) -> WorkCalendar:
        """The same calendar with the holidays of the coming `days` written down, for a snapshot.

        A calendar that is fixed already is returned as it is: what was promised first stays true. Beyond
        the horizon the library decides again.
        """
        if self.fixed is not None or self.always_open:
            return self
        since = offered_at.astimezone(self.tz).date() - DAY
        until = since + timedelta(days=days)
        years = range(since.year, until.year + 1)
        dates = frozenset().union(*(holiday_dates(self.holiday_country, year) for year in years))
        table = HolidayTable(since, until, frozenset(day for day in dates if since <= day <= until))
        return replace(self, fixed=table)

    def to_snapshot(self, offered_at: datetime | None = None, *, days: int = HORIZON_DAYS) -> dict[str, Any]:
        """JSON values that `from_snapshot` reads back to an equal calendar.

        With `offered_at` the holidays of the coming `days` are written down first (see `fixed_from`).
        """
        calendar = self if offered_at is None else self.fixed_from(offered_at, days=days)
        return {
            "version": SNAPSHOT_VERSION,
            "zone": calendar.zone,
            "always_open": calendar.always_open,
            "windows": {
                WEEKDAYS[d]: [window_text(w) for w in spans] for d, spans in calendar.windows.items()
            },
            "holiday_country": calendar.holiday_country,
            "closures": [day.isoformat() for day in sorted(calendar.closures)],
            "holidays": _table_to_json(calendar.fixed),
        }

    @classmethod
    def from_snapshot(cls, snapshot: Mapping[str, Any]) -> WorkCalendar:
        """The calendar that `to_snapshot` wrote. Raises InvalidCalendar when it cannot be read."""
        if snapshot.get("version") != SNAPSHOT_VERSION:
            raise InvalidCalendar(_("This calendar snapshot is of an unknown version."))
        try:
            return cls(
                zone=snapshot["zone"],
                windows=named_windows(snapshot["windows"]),
                holiday_country=snapshot["holiday_country"],
                closures=frozenset(date.fromisoformat(day) for day in snapshot["closures"]),
                always_open=snapshot["always_open"],
                fixed=_table_from_json(snapshot["holidays"]),
            )
        except InvalidCalendar:
            raise
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InvalidCalendar(_("This calendar snapshot cannot be read: %s.") % error) from error


@lru_cache(maxsize=1024)
def zone_info(name: str) -> ZoneInfo:
    """The zone of an IANA name. Raises InvalidCalendar for any other name."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError, TypeError) as error:
        message = _("%(zone)s is not a time zone. Use an IANA name such as Asia/Tokyo.")
        raise InvalidCalendar(message % {"zone": name}) from error


@lru_cache(maxsize=256)
def _check_country(country: str) -> None:
    try:
        holiday_dates(country, 2025)
    except NotImplementedError as error:
        message = _(
            "There is no holiday table for %(country)s. Use an ISO code such as JP, or leave it empty."
        )
        raise InvalidCalendar(message % {"country": country}) from error


def _table_to_json(table: HolidayTable | None) -> dict[str, Any] | None:
    if table is None:
        return None
    dates = [day.isoformat() for day in sorted(table.dates)]
    return {"since": table.since.isoformat(), "until": table.until.isoformat(), "dates": dates}


def _table_from_json(table: Mapping[str, Any] | None) -> HolidayTable | None:
    if table is None:
        return None
    dates = frozenset(date.fromisoformat(day) for day in table["dates"])
    return HolidayTable(date.fromisoformat(table["since"]), date.fromisoformat(table["until"]), dates)
