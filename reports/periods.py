"""Stretches of calendar days in the reader's zone: the presets, the period before, weeks and months. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from django.utils.dateformat import format as format_date
from django.utils.translation import gettext_lazy as _

from crm.components import formats
from crm.components.faces import Words

DAYS, WEEK, MONTH, QUARTER = "days", "week", "month", "quarter"
ROLLING_DAYS = 30
DEFAULT = "30days"
# name: label, unit, how many units back; for days, how many there are
PRESETS: dict[str, tuple[Words, str, int]] = {
    "this_week": (_("This week"), WEEK, 0),
    "last_week": (_("Last week"), WEEK, 1),
    "30days": (_("Last 30 days"), DAYS, ROLLING_DAYS),
    "365days": (_("Last 365 days"), DAYS, 365),
    "this_month": (_("This month"), MONTH, 0),
    "last_month": (_("Last month"), MONTH, 1),
    "this_quarter": (_("This quarter"), QUARTER, 0),
    "last_quarter": (_("Last quarter"), QUARTER, 1),
}
# Beyond so many days a trend is told by month.
LONGEST_BY_WEEK = 26 * 7


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `first` to `last`, both included, in a zone. `name` is the preset it came from, if any."""

    first: date
    last: date
    zone: tzinfo
    unit: str = DAYS
    name: str = ""

    @property
    def start(self) -> datetime:
        return _midnight(self.first, self.zone)

    @property
    def end(self) -> datetime:
        """The first moment after it."""
        return _midnight(self.last + timedelta(days=1), self.zone)

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def query(self) -> dict[str, str]:
        """How an address asks for it."""
        return {"period": self.name} if self.name else {"from": str(self.first), "to": str(self.last)}

    @property
    def label(self) -> str:
        whole = f"{formats.day(self.first)} – {formats.day(self.last)}"
        return formats.day(self.first) if self.days == 1 else whole

    @property
    def month_label(self) -> str:
        """A whole month by its name, a part of one by its days."""
        if self.days != containing(MONTH, self.first, self.zone).days:
            return self.label
        return format_date(self.first, "Y年n月" if formats.in_japanese() else "F Y")

    def before(self, at: datetime) -> Period:
        """What it is compared with: the one before. Of one that has not ended, as many days as have begun."""
        past = containing(self.unit, self.first - timedelta(days=1), self.zone)
        if self.unit == DAYS:
            past = replace(past, first=self.first - timedelta(days=self.days))
        today = _day(at, self.zone)
        if not self.first <= today < self.last:
            return past
        begun = timedelta(days=(today - self.first).days)
        return replace(past, first=past.first, last=min(past.last, past.first + begun), unit=DAYS)

    def within(self, first: date, last: date) -> Period:
        """The days of another stretch that lie in this one."""
        return Period(max(self.first, first), min(self.last, last), self.zone)

    @property
    def bucket(self) -> str:
        """The unit a trend over it is told by."""
        return WEEK if self.days <= LONGEST_BY_WEEK else MONTH

    def buckets(self) -> list[tuple[date, Period]]:
        """Its weeks or months by the first day of the whole one, cut where the period begins and ends."""
        return [(part.first, self.within(part.first, part.last)) for part in parts(self, self.bucket)]


def preset(name: str, *, at: datetime, zone: tzinfo) -> Period:
    _label, unit, back = PRESETS[name]
    found = containing(unit, _day(at, zone), zone)
    if unit == DAYS:
        return replace(found, first=found.last - timedelta(days=back - 1), name=name)
    for _step in range(back):
        found = containing(unit, found.first - timedelta(days=1), zone)
    return replace(found, name=name)


def containing(unit: str, day: date, zone: tzinfo) -> Period:
    """The week (from Monday), month or quarter a day lies in; of days, the day itself."""
    if unit == WEEK:
        monday = day - timedelta(days=day.weekday())
        return Period(monday, monday + timedelta(days=6), zone, WEEK)
    if unit == DAYS:
        return Period(day, day, zone)
    months = 3 if unit == QUARTER else 1
    first = day.replace(day=1, month=day.month - (day.month - 1) % months)
    following = (first + timedelta(days=31 * months)).replace(day=1)
    return Period(first, following - timedelta(days=1), zone, unit)


def parts(period: Period, unit: str) -> Iterator[Period]:
    """The whole weeks, months or quarters a period touches, in order."""
    part = containing(unit, period.first, period.zone)
    while part.first <= period.last:
        yield part
        part = containing(unit, part.last + timedelta(days=1), period.zone)


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def _day(moment: datetime, zone: tzinfo) -> date:
    return moment.astimezone(zone).date()
