"""The report on scoring as shapes, rows and sentences, each figure with the way to the handoffs it counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.components import charts, formats
from crm.components.faces import Words
from crm.models import StakeholderRole
from leads.models import EventKind, Segment
from reports.facets import YES
from reports.periods import Period
from reports.pictures import bucket_words
from reports.scopes import NONE, Scope
from reports.scoring import listing
from reports.scoring.backtest import NEEDED, BackTest, Part
from reports.scoring.discrimination import Auc
from reports.scoring.regression import Effect, Insight
from reports.scoring.samples import OUTCOMES
from reports.scoring.wish import ScoringWish
from reports.statistics import Share
from reports.tables import Cell, Row, Table, interval, of
from reports.terms import FEWEST_OUTCOMES, Term

NAMED = 8  # of what is left out
FIELDS: dict[str, Words] = {
    "industry": gettext_lazy("Industry"),
    "employee_count": gettext_lazy("Employees"),
    "country": gettext_lazy("Country"),
    "job_title": gettext_lazy("Job title"),
    "stakeholder_role": gettext_lazy("Stakeholder role"),
    "source": gettext_lazy("Source"),
    "segment": gettext_lazy("Segment"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What every table needs to make its links."""

    scope: Scope
    wish: ScoringWish

    def rows(self, test: BackTest, scope: Scope | None = None, /, **narrowed: Any) -> str:
        return listing.url(scope or self.scope, self.wish, test.model, **narrowed)

    def having(self, term: Term) -> str:
        """The handoffs that have a term, under the first version."""
        return listing.url(self.scope, self.wish, self.wish.first, **listing.of_term(term))


# -- words ----------------------------------------------------------------------------------------


def figure(value: float | None) -> str:
    return "–" if value is None else formats.number(value, 2)


def auc_range(auc: Auc | None) -> str:
    return "–" if auc is None else f"{figure(auc.low)}–{figure(auc.high)}"


def missing(test: BackTest) -> str:
    """Why nothing is judged yet."""
    said = _(
        "Not enough outcomes yet: %(count)s of %(needed)s needed, both of what came and of what did not."
    )
    return said % {"count": formats.number(test.rarer), "needed": NEEDED}


def term_words(term: Term, segments: dict[str, str]) -> str:
    if term.is_behaviour:
        return str(dict(EventKind.choices).get(term.name, term.name))
    return f"{FIELDS.get(term.name, term.name)}: {_value(term, segments)}"


def _value(term: Term, segments: dict[str, str]) -> str:
    if term.name == "stakeholder_role":
        return str(dict(StakeholderRole.choices).get(term.value, term.value))
    if term.name == "country":
        return term.value.upper() if len(term.value) == 2 else term.value
    if term.name == "segment":
        return segments.get(term.value, term.value)
    return term.value.replace("-", "–") if term.name == "employee_count" else term.value


# -- headlines and tables -------------------------------------------------------------------------


def headlines(asked: Asked, test: BackTest) -> list[tuple[str, Cell]]:
    came = _share(test.came, asked.rows(test))
    return [
        (_("AUC of %(version)s") % {"version": test.model}, auc(asked, test)),
        (str(OUTCOMES[test.outcome]), came),
        (_("Came at the threshold or above"), precision(asked, test)),
    ]


def versions(asked: Asked, tests: Sequence[BackTest]) -> Table:
    """One line for each version, on the same handoffs."""
    columns = [
        _("Version"), _("Decided"), OUTCOMES[asked.wish.outcome], _("AUC"), _("Came at the threshold or above"),
        _("Likely range"), _("Of all that came"), _("Brier"), _("Calibration error"),
    ]  # fmt: skip
    return Table(_("Versions on the same handoffs"), columns, [_version(asked, test) for test in tests])


def _version(asked: Asked, test: BackTest) -> Row:
    recall, told = test.at_bar.recall, test.calibration
    cells = [
        _count(test.came.whole, asked.rows(test)),
        _count(test.came.part, asked.rows(test, came=YES)),
        auc(asked, test),
        precision(asked, test),
        Cell(interval(test.at_bar.precision)),
        _share(recall, asked.rows(test, came=YES)),
        Cell(figure(told.brier if told else None)),
        Cell(figure(told.error if told else None)),
    ]
    return Row(f"{test.model} ({test.model.get_status_display()})", cells)


def auc(asked: Asked, test: BackTest) -> Cell:
    """It leads to all it was counted from."""
    if test.auc is None:
        return Cell("–")
    return Cell(figure(test.auc.value), asked.rows(test), auc_range(test.auc))


def precision(asked: Asked, test: BackTest) -> Cell:
    """Of those at the threshold or above, the share that came; it leads to all of these."""
    return _share(test.at_bar.precision, asked.rows(test, above=YES))


def _share(found: Share, url: str) -> Cell:
    if not found.whole:
        return Cell("–")
    return Cell(formats.percent(found.rate), url, of(found.part, found.whole))


def _count(count: int, url: str) -> Cell:
    return Cell(formats.number(count), url if count else "")


def segments(asked: Asked, test: BackTest) -> Table:
    names = segment_names()
    rows = [
        _part(asked, test, part, names.get(part.key, part.key), asked.scope.asking(segment=part.key))
        for part in test.segments
    ]
    return Table(_("By segment"), _part_columns(_("Segment")), _named(rows))


def _named(rows: Sequence[Row]) -> list[Row]:
    return [Row(_("Everybody else"), row.cells) if row.label == NONE else row for row in rows]


def segment_names() -> dict[str, str]:
    return {row.code: str(row) for row in Segment.objects.order_by("position", "pk")}


def months(asked: Asked, test: BackTest) -> Table:
    rows = []
    for part in test.months:
        days = _month(part.key, asked.scope.period)
        label = format_date(part.key, "Y/n" if formats.in_japanese() else "M Y")
        rows.append(_part(asked, test, part, label, asked.scope.during(days)))
    return Table(_("By month of the offer"), _part_columns(_("Month")), rows)


def _month(first: date, period: Period) -> Period:
    """The days of a month that lie in the period."""
    after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    last = date.fromordinal(after.toordinal() - 1)
    return Period(max(first, period.first), min(last, period.last), period.zone)


def _part_columns(head: str) -> list[Words]:
    above, of_these = _("At the threshold or above"), _("Of these it came")
    likely = _("Likely range")
    return [
        head,
        _("Decided"),
        _("It came"),
        _("Share"),
        likely,
        above,
        of_these,
        _("AUC"),
        _("AUC, likely range"),
    ]


def _part(asked: Asked, test: BackTest, part: Part, label: Words, scope: Scope) -> Row:
    precision = part.at_bar.precision
    cells = [
        _count(part.came.whole, asked.rows(test, scope)),
        _count(part.came.part, asked.rows(test, scope, came=YES)),
        Cell(formats.percent(part.came.rate)),
        Cell(interval(part.came)),
        _count(precision.whole, asked.rows(test, scope, above=YES)),
        Cell(formats.percent(precision.rate)),
        Cell(figure(part.auc.value) if part.auc else _("too few")),
        Cell(auc_range(part.auc)),
    ]
    return Row(label, cells)


def calibration(asked: Asked, test: BackTest) -> Table | None:
    """What the first half says a score means, beside what came of the second half."""
    if test.calibration is None:
        return None
    rows = []
    for place, one in enumerate(test.calibration.bins):
        wanted = {"half": "second"}
        if place:
            wanted["least"] = repr(one.least)
        if one.most != float("inf"):
            wanted["below"] = repr(one.most)
        cells = [
            Cell(formats.percent(one.expected)),
            Cell(formats.percent(one.came.rate)),
            Cell(interval(one.came)),
            _count(one.came.whole, asked.rows(test, **wanted)),
        ]
        rows.append(Row(scores(one.least, one.most, is_lowest=not place), cells))
    columns = [_("Score"), _("Expected"), _("It came"), _("Likely range"), _("Handoffs")]
    title = _("What a score of %(version)s means, and what came of it") % {"version": test.model}
    return Table(title, columns, rows)


def scores(least: float, most: float, *, is_lowest: bool = False) -> str:
    low, high = formats.number(least, 1), formats.number(most, 1) if most != float("inf") else ""
    if is_lowest:
        return _("below %(score)s") % {"score": high} if high else _("all")
    return f"{low}–{high}"


def effects(asked: Asked, found: Insight) -> Table:
    """What goes with the outcome, the strongest first; odds ratios say it in a number people can read."""
    names = segment_names()
    columns = [_("Behaviour or field"), _("Weight"), _("Likely range"), _("Tells"), _("Handoffs")]
    rows = [_effect(asked, one, names) for one in found.effects]
    return Table(_("What leads to it"), columns, rows)


def _effect(asked: Asked, one: Effect, names: dict[str, str]) -> Row:
    direction = _("more often") if one.weight > 0 else _("less often")
    cells = [
        Cell(f"{one.weight:+.2f}"),
        Cell(f"{one.low:+.2f} … {one.high:+.2f}"),
        Cell(direction if one.is_clear else _("could be chance")),
        _count(one.having, asked.having(one.term)),
    ]
    return Row(term_words(one.term, names), cells)


def too_few(found: Insight) -> str:
    said = _(
        "Not enough outcomes yet: %(count)s of %(needed)s needed, both of what came and of what did not."
    )
    return said % {"count": formats.number(found.rarer), "needed": FEWEST_OUTCOMES}


def left_out(found: Insight) -> str:
    if not found.left_out:
        return ""
    names = segment_names()
    named, more = found.left_out[:NAMED], len(found.left_out) - NAMED
    told = {"terms": ", ".join(term_words(term, names) for term in named), "n": more}
    if more > 0:
        return _("Left out, because there are too few outcomes for more: %(terms)s, and %(n)s others.") % told
    return _("Left out, because there are too few outcomes for more: %(terms)s.") % told


# -- pictures -------------------------------------------------------------------------------------


def lift(asked: Asked, test: BackTest) -> charts.BarPicture:
    """The share that came in each tenth; the mark is that of all."""
    bars = [
        charts.Bar(
            label=_tenth(tenth.place, tenth.least, tenth.most),
            value=round(100 * (tenth.came.rate or 0), 1),
            note=_("×%(lift)s, %(of)s")
            % {"lift": figure(tenth.lift), "of": of(tenth.came.part, tenth.came.whole)},
            url=asked.rows(test, tenth=tenth.place),
            goal=100 * (test.came.rate or 0),
        )
        for tenth in test.tenths
    ]
    title = _("Lift by tenth of the score, %(version)s") % {"version": test.model}
    words = _("Of each tenth, the highest scores first, how many percent came; the mark is that of all.")
    return charts.bar_chart(title, bars, heads=(_("Score"), OUTCOMES[test.outcome]), words=words, places=1)


def _tenth(place: int, least: float, most: float) -> str:
    return f"{place}. {formats.number(least, 0)}–{formats.number(most, 0)}"


def calibrated(test: BackTest) -> charts.LinePicture | None:
    if test.calibration is None:
        return None
    bins = test.calibration.bins
    series = [
        charts.Series(_("Expected"), [round(100 * one.expected, 1) for one in bins], "2"),
        charts.Series(
            _("It came"),
            [None if one.came.rate is None else round(100 * one.came.rate, 1) for one in bins],
            "1",
        ),
    ]
    words = [scores(one.least, one.most, is_lowest=not place) for place, one in enumerate(bins)]
    said = _(
        "The first half of the handoffs says what a score means, in percent; the second half what came of it."
    )
    title = _("Calibration, %(version)s") % {"version": test.model}
    return charts.line_chart(title, words, series, words=said, head=_("Score"), places=1)


def over_time(tests: Sequence[BackTest]) -> charts.LinePicture | None:
    """Precision at the threshold month by month, a line for each version."""
    first = tests[0]
    if len(first.months) < 2:
        return None
    series = [
        charts.Series(str(test.model), [_precision(part) for part in test.months], name)
        for test, name in zip(tests, ("1", "2", "3"), strict=False)
    ]
    labels = [bucket_words(Period(part.key, part.key, None), "month") for part in first.months]  # type: ignore[arg-type]
    said = _("Of those at the threshold or above, how many percent came.")
    return charts.line_chart(
        _("Precision at the threshold by month"), labels, series, words=said, head=_("Month")
    )


def _precision(part: Part) -> float | None:
    rate = part.at_bar.precision.rate
    return None if rate is None else round(100 * rate, 1)
