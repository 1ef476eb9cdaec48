"""The charts of the reports: the figures of `reports.attainment` as shapes, with their tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _

from crm.components import charts, formats
from crm.components.faces import HANDOFF, Words
from reports import links
from reports.answers import Found
from reports.attainment import Hour, Point
from reports.counting import Speed
from reports.facets import YES
from reports.figures import CLOCKS, Tally
from reports.periods import MONTH, Period
from reports.scopes import Scope
from reports.tables import CLOCK_LABELS, of

# A working day is shown whole, even where nothing came early or late.
FIRST_HOUR, LAST_HOUR = 9, 17


def became(scope: Scope, total: Tally) -> charts.BarPicture:
    """What every handoff has come to by now; the bars add up to what was offered."""
    quiet = {"expired": "late", "withdrawn": "quiet", "open": "quiet"}
    bars = [
        charts.Bar(
            label=face.label,
            value=total[status],
            url=links.figure(scope, status) if total[status] else "",
            series=quiet.get(status, "1"),
        )
        for status, face in HANDOFF.items()
    ]
    words = _("All %(count)s handoffs, by where they stand now.") % {"count": formats.number(total.offered)}
    return charts.bar_chart(_("What became of them"), bars, heads=(_("Status"), _("Handoffs")), words=words)


def kept_over_time(points: Sequence[Point], unit: str) -> charts.LinePicture:
    """The share of each promise kept, week by week or month by month."""
    series = [
        charts.Series(CLOCK_LABELS[clock], [_percent(point.tally.kept(clock).rate) for point in points], name)
        for clock, name in zip(CLOCKS, ("1", "2", "3"), strict=True)
    ]
    return charts.line_chart(
        _("Kept over time, in percent"),
        [bucket_words(point.period, unit) for point in points],
        series,
        words=_("Of the handoffs offered then, how many were in time of those judged so far."),
        head=_bucket_head(unit),
    )


def hours_over_time(points: Sequence[Point], unit: str) -> charts.LinePicture:
    """How long the first contact took: half and nine tenths of them."""
    series = [
        charts.Series(_("Median"), [point.tally.speed.median for point in points], "1"),
        charts.Series(_("90% within"), [point.tally.speed.p90 for point in points], "2"),
    ]
    return charts.line_chart(
        _("Working hours to first contact"),
        [bucket_words(point.period, unit) for point in points],
        series,
        words=_("Counted in the working calendar of each handoff, pauses left out."),
        head=_bucket_head(unit),
        places=1,
    )


def _percent(rate: float | None) -> float | None:
    return None if rate is None else round(100 * rate, 1)


def _bucket_head(unit: str) -> str:
    return _("Month") if unit == MONTH else _("Week from")


def bucket_words(period: Period, unit: str) -> str:
    """Short enough for an axis."""
    pattern = {True: "Y/n", False: "n/j"} if formats.in_japanese() else {True: "M Y", False: "j M"}
    return format_date(period.first, pattern[unit == MONTH])


def heat(scope: Scope, cells: Sequence[Hour]) -> charts.HeatPicture | None:
    """Median hours to first contact by weekday and hour of the offer, with how many; None without any."""
    if not cells:
        return None
    found = {(cell.weekday, cell.hour): cell.speed for cell in cells}
    first, last = min(FIRST_HOUR, *(c.hour for c in cells)), max(LAST_HOUR, *(c.hour for c in cells))
    days = range(1, 1 + max(5, *(cell.weekday for cell in cells)))
    hours = range(first, last + 1)
    rows = [
        (_weekday(day), [_warm(scope, day, hour, found.get((day, hour))) for hour in hours]) for day in days
    ]
    return charts.heat_map(
        _("When leads are offered, and how long the first contact takes"),
        [f"{hour}" for hour in hours],
        rows,
        words=_(
            "Median working hours by weekday and hour of the offer, in your time zone; under it how many."
        ),
        head=_("Offered at"),
        places=1,
    )


def _warm(scope: Scope, day: int, hour: int, speed: Speed | None) -> charts.Warm:
    if speed is None or speed.median is None:
        return charts.Warm(None)
    url = links.handoffs(scope, contacted=YES, weekday=day, hour=hour)
    return charts.Warm(speed.median, f"×{speed.measured}", url)


def _weekday(day: int) -> Words:
    """1 is Monday; 1 January 2024 was one."""
    return format_date(date(2024, 1, day), "D")


def found_out(scope: Scope, found: Found) -> charts.BarPicture:
    """One of budget, decision power, need and timing: how often each answer was found."""
    bars = [
        charts.Bar(
            label=label,
            value=count,
            url=links.handoffs(scope, contacted=YES, **{found.field: value}) if count else "",
        )
        for value, label, count in found.values
    ]
    known = {"rate": formats.percent(found.share.rate), "of": of(found.share.part, found.share.whole)}
    words = (
        _("Known of %(rate)s (%(of)s contacted).") % known
        if found.share.whole
        else _("Nobody was contacted yet.")
    )
    return charts.bar_chart(found.label, bars, heads=(_("Answer"), _("Handoffs")), words=words)
