"""The audit's figures as tables and pictures; each figure leads to the list of its leads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from crm.components import charts, formats
from crm.components.faces import Words
from leads.quality.catalogue import GROUPS, RULES
from leads.quality.figures import Line
from leads.quality.marks import SOUND
from reports import exporting, links, pictures, quality
from reports.periods import MONTH, WEEK, Period, containing
from reports.quality import Asked, Week
from reports.scopes import NONE
from reports.tables import Cell, Row, Table, interval, of

LIST = "desk:quality-list"
# `?leads=` of the list: also those in which nothing was found.
EVERY = "all"


def to_list(asked: Asked, **more: Any) -> str:
    return links.address(reverse(LIST), {**asked.query, **more})


def _count(number: int, url: str, note: Words = "") -> Cell:
    return Cell(formats.number(number), url if number else "", note)


def of_group(asked: Asked, group: str, number: int) -> Cell:
    return _count(number, to_list(asked, group=group))


def _of_line(line: Line, url: Any) -> list[Cell]:
    known = quality.sound(line)
    return [
        _count(line.total, url(leads=EVERY)),
        *(_count(line.groups[group], url(group=group)) for group in GROUPS),
        Cell(
            formats.percent(known.rate), url(sound="yes") if line.sound else "", of(known.part, known.whole)
        ),
        Cell(interval(known)),
        Cell(quality.grade(line) or "–"),
    ]


def _columns(head: str) -> list[Words]:
    return [head, _("Leads"), *GROUPS.values(), _("Complete and valid"), _("Likely range"), _("Grade")]


def sources(asked: Asked, lines: Sequence[Line]) -> Table:
    rows = []
    for line in lines:
        key = line.key or NONE

        def url(key: str = key, **more: str) -> str:
            return to_list(asked, **{"source": key, **more})

        here = links.address(reverse("reports:quality"), {**asked.query, "source": key})
        rows.append(Row(line.key or _("Not told"), _of_line(line, url), here))
    return Table(_("By source"), _columns(_("Source")), rows)


def months(asked: Asked, lines: Sequence[Line]) -> Table:
    rows = []
    for line in lines:
        whole = containing(MONTH, line.key, asked.scope.period.zone)
        days = asked.scope.period.within(whole.first, whole.last)

        def url(days: Period = days, **more: str) -> str:
            return links.address(reverse(LIST), {**asked.query, **_only(days), **more})

        rows.append(Row(days.month_label, _of_line(line, url)))
    return Table(_("By month captured"), _columns(_("Month")), rows)


def _only(days: Period) -> dict[str, str]:
    """These days and no preset beside them."""
    return {"from": str(days.first), "to": str(days.last)}


def rules(asked: Asked, group: str, whole: Line) -> Table:
    rows = [
        Row(
            rule.label,
            [
                _count(whole.rules[code], to_list(asked, rule=code)),
                Cell(formats.percent(whole.rules[code] / whole.total if whole.total else None)),
            ],
        )
        for code, rule in RULES.items()
        if rule.group == group
    ]
    return Table(GROUPS[group], [_("Rule"), _("Leads"), _("Share")], rows)


def trend(weeks: Sequence[Week]) -> charts.LinePicture:
    """The share of sound leads, and of each group of findings."""
    x_words = [pictures.bucket_words(_whole(week), WEEK) for week in weeks]
    labels: dict[str, Words] = {SOUND: _("Complete and valid"), **GROUPS}
    series = [
        charts.Series(label, [week.shares[name] for week in weeks], str(place + 1))
        for place, (name, label) in enumerate(labels.items())
    ]
    return charts.line_chart(
        _("Week by week, in percent of all leads"),
        x_words,
        series,
        words=_("As it stood at the last look of each week, whenever the leads were captured."),
        head=_("Week from"),
        places=1,
    )


def _whole(week: Week) -> Period:
    return Period(week.monday, week.monday + timedelta(days=6), UTC)


def rows_of_csv(asked: Asked, whole: Line, tables: Sequence[Table]) -> list[list[object]]:
    """Section, item, figure: what stands on the page, one figure a row."""
    period = asked.scope.period
    rows: list[list[object]] = [[_("Period"), period.label, "", ""], [_("All"), "", _("Leads"), whole.total]]
    rows += [
        [str(GROUPS[rule.group]), str(rule.label), _("Leads"), whole.rules[code]]
        for code, rule in RULES.items()
    ]
    rows += [line[:-1] for table in tables for line in exporting.of_table(table)]
    return rows
