"""Figures as rows and cells, each cell with the way to what it counts. For pages and for print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.components import formats
from crm.components.faces import Words
from reports import links
from reports.answers import Reason
from reports.attainment import Line
from reports.figures import CLOCKS, STANDINGS, Tally
from reports.marketing import Month, Source
from reports.scopes import NONE, Scope
from reports.statistics import Share
from sla.judging import IN_TIME, LABELS, LATE

CLOCK_LABELS: dict[str, Words] = {
    "response": gettext_lazy("First contact"),
    "answer": gettext_lazy("Accept or reject"),
    "feedback": gettext_lazy("Feedback"),
}
KEPT_LABELS: dict[str, Words] = {
    "response": gettext_lazy("First contact in time"),
    "answer": gettext_lazy("Answered in time"),
    "feedback": gettext_lazy("Feedback in time"),
}
SOURCES_NAMED = 2


@dataclass(frozen=True, slots=True)
class Cell:
    """`points` is the difference to the period before, in percentage points."""

    shown: str
    url: str = ""
    note: Words = ""
    points: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    label: Words
    cells: list[Cell]
    url: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """`title` is its caption, read out before the figures; the first column holds the labels."""

    title: Words
    columns: Sequence[Words]
    rows: list[Row]


# -- cells ----------------------------------------------------------------------------------------


def counted(scope: Scope, told: Tally, name: str) -> Cell:
    count = told[name]
    return Cell(formats.number(count), links.figure(scope, name) if count else "")


def kept(scope: Scope, told: Tally, clock: str, before: Tally | None = None) -> Cell:
    """The share in time, of those that were judged; it leads to all of these."""
    found = told.kept(clock)
    if found.rate is None:
        return Cell("–")
    earlier = before.kept(clock).rate if before else None
    return Cell(
        formats.percent(found.rate),
        links.handoffs(scope, **{clock: (IN_TIME, LATE)}),
        of(found.in_time, found.judged),
        None if earlier is None else 100 * (found.rate - earlier),
    )


def of(part: int, whole: int) -> str:
    return _("%(part)s of %(whole)s") % {"part": formats.number(part), "whole": formats.number(whole)}


def hours(value: float | None) -> str:
    return "–" if value is None else _("%(n)s h") % {"n": formats.number(value, 1)}


def interval(share: Share) -> str:
    if share.low is None or share.high is None:
        return "–"
    return f"{formats.percent(share.low)}–{formats.percent(share.high)}"


def name_of(key: str, name: Words, none: Words) -> Words:
    return none if key == NONE else name


# -- tables of sales ------------------------------------------------------------------------------


def promises(scope: Scope, total: Tally, before: Tally) -> Table:
    """The three clocks of sales: how many were in time, late, or are not decided yet."""
    rows = []
    for clock in CLOCKS:
        counts = [counted(scope, total, f"{clock}_{standing}") for standing in STANDINGS]
        rows.append(Row(CLOCK_LABELS[clock], [*counts, kept(scope, total, clock, before)]))
    columns: list[Words] = [_("Promise"), *(LABELS[standing] for standing in STANDINGS), _("Share in time")]
    return Table(_("What sales promised"), columns, rows)


_OF_A_LINE = ("response_late", "response_running")
_OUTCOMES = ("said_accepted", "said_rejected", "converted", "paused")


def lines(scope: Scope, found: Sequence[Line], *, wish: str, title: str, head: str, nobody: Words) -> Table:
    """A line for each person or team; `wish` is how the list is narrowed to it."""
    columns = [
        head, _("Offered"), _("First contact in time"), _("Late"), _("Running"), _("Median"), _("90% within"),
        _("Answered in time"), _("Feedback in time"), _("Accepted"), _("Rejected"), _("Converted"), _("Paused"),
    ]  # fmt: skip
    return Table(title, columns, [_line(scope.asking(**{wish: line.key}), line, nobody) for line in found])


def _line(scope: Scope, line: Line, nobody: Words) -> Row:
    told = line.tally
    cells = [
        counted(scope, told, "offered"),
        kept(scope, told, "response"),
        *(counted(scope, told, name) for name in _OF_A_LINE),
        Cell(hours(told.speed.median), links.figure(scope, "measured") if told.speed.measured else ""),
        Cell(hours(told.speed.p90)),
        kept(scope, told, "answer"),
        kept(scope, told, "feedback"),
        *(counted(scope, told, name) for name in _OUTCOMES),
    ]
    return Row(name_of(line.key, line.name, nobody), cells, links.page("reports:sla", scope))


# -- tables of marketing --------------------------------------------------------------------------


def months(scope: Scope, found: Sequence[Month]) -> Table:
    columns = [_("Month"), _("MQLs"), _("Promised so far"), _("Promised for these days")]
    return Table(_("MQLs against the promise"), columns, [_month(scope, month) for month in found])


def _month(scope: Scope, month: Month) -> Row:
    promise = month.promise
    cells = [
        Cell(formats.number(month.mqls), _mqls_of(scope, month) if month.mqls else ""),
        Cell(formats.number(promise.due, 1)),
        Cell(formats.number(promise.planned, 1), note="" if promise.is_whole else _("part of a month")),
    ]
    return Row(promise.days.month_label, cells)


def _mqls_of(scope: Scope, month: Month) -> str:
    return links.figure(scope.during(month.promise.days), "mqls")


def sources(scope: Scope, found: Sequence[Source]) -> Table:
    counts = [_("Offered"), _("MQLs"), _("Accepted"), _("Rejected")]
    columns = [_("Source"), *counts, _("Accepted of answered"), _("Likely range")]
    rows = [_source(scope.asking(source=source.key), source) for source in found]
    return Table(_("What became of each source"), columns, rows)


def _source(scope: Scope, source: Source) -> Row:
    names = ("offered", "mqls", "said_accepted", "said_rejected")
    both = links.handoffs(scope, said=("accepted", "rejected")) if source.accepted.whole else ""
    cells = [
        *(counted(scope, source.tally, name) for name in names),
        Cell(formats.percent(source.accepted.rate), both),
        Cell(interval(source.accepted)),
    ]
    return Row(name_of(source.key, source.name, _("Not told")), cells, links.page("reports:sla", scope))


def reasons(scope: Scope, found: Sequence[Reason]) -> Table:
    columns = [_("Reason"), _("Rejected"), _("Share of answers"), _("Not read yet"), _("Mostly from")]
    return Table(_("Why sales rejected"), columns, [_reason(scope, reason) for reason in found])


def _reason(scope: Scope, reason: Reason) -> Row:
    asked = {"said": "rejected", "reason": reason.code}
    unread = links.handoffs(scope, **asked, reviewed="no") if reason.unreviewed else ""
    cells = [
        Cell(formats.number(reason.rejected), links.handoffs(scope, **asked)),
        Cell(formats.percent(reason.share.rate)),
        Cell(formats.number(reason.unreviewed), unread),
        Cell(_mostly(reason)),
    ]
    return Row(reason.name, cells)


def _mostly(reason: Reason) -> str:
    first = sorted(reason.sources.items(), key=lambda pair: (-pair[1], pair[0]))[:SOURCES_NAMED]
    return ", ".join(f"{name_of(name, name, _('Not told'))} {count}" for name, count in first)
