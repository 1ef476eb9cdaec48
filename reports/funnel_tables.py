"""The funnel as shapes, rows and sentences, each figure with the way to the leads it counts."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from django.urls import reverse
from django.utils.translation import gettext as _

from crm.components import charts, formats
from reports import hints, journey, links
from reports.journey import Source, Step
from reports.scopes import NONE, Scope
from reports.tables import Cell, Row, Table, interval


def leads(scope: Scope, **asked: str) -> str:
    """The list of the leads of a scope that reached or missed a step."""
    return links.address(reverse("reports:funnel-leads"), {**scope.query, **asked})


def _reached(scope: Scope, step: str, count: int) -> Cell:
    return Cell(formats.number(count), leads(scope, reached=step) if count else "")


def picture(scope: Scope, steps: Sequence[Step]) -> charts.FunnelPicture:
    drawn = [
        charts.Step(
            label=hints.LABELS[step.name],
            count=step.count,
            band=(1 - step.band[1], 1 - step.band[0]) if step.band and step.is_judged else None,
            kept=None if step.lost is None or step.lost.rate is None else 1 - step.lost.rate,
            decided=step.lost.whole if step.lost else None,
            url=leads(scope, reached=step.name) if step.count else "",
        )
        for step in steps
    ]
    words = _("Each bar is the leads that came at least so far.")
    return charts.funnel_chart(_("From lead to won deal"), drawn, words=words)


def losses(scope: Scope, steps: Sequence[Step]) -> Table:
    """What was lost between steps, beside what is usual."""
    rows = [_loss(scope, step, before.name) for before, step in pairwise(steps)]
    counts = [_("Went on"), _("On the way"), _("Dropped out")]
    columns = [_("From – to"), *counts, _("Drop-off"), _("Likely range"), _("Usual drop-off")]
    return Table(_("What is lost on the way"), columns, rows)


def _loss(scope: Scope, step: Step, before: str) -> Row:
    assert step.lost
    cells = [
        _reached(scope, step.name, step.count),
        Cell(formats.number(step.on_the_way), leads(scope, waiting=step.name) if step.on_the_way else ""),
        Cell(formats.number(step.lost.part), leads(scope, missed=step.name) if step.lost.part else ""),
        Cell(formats.percent(step.lost.rate)),
        Cell(interval(step.lost)),
        Cell(_band(step)),
    ]
    return Row(f"{hints.PHASES[before]} → {hints.PHASES[step.name]}", cells)


def _band(step: Step) -> str:
    return f"{formats.percent(step.band[0])}–{formats.percent(step.band[1])}" if step.band else "–"


def inside(scope: Scope) -> Table:
    """Where between marketing and sales it leaks."""
    rows = [
        Row(
            hints.LABELS[step.name],
            [
                _reached(scope, step.name, step.count),
                Cell(formats.percent(step.lost.rate) if step.lost else ""),
            ],
        )
        for step in journey.inside(scope)
    ]
    columns = [_("Step"), _("Leads"), _("Lost since the step before")]
    return Table(_("From MQL to deal, step by step"), columns, rows)


def bottleneck(worst: Step | None, steps: Sequence[Step]) -> str:
    """The bottleneck in a sentence, honest about small numbers."""
    if worst is None or worst.lost is None or worst.band is None:
        judged = all(step.is_judged for step in steps[1:])
        return _("No step loses more than is usual.") if judged else _open_words(steps)
    before = steps[[step.name for step in steps].index(worst.name) - 1]
    words = {
        "before": hints.PHASES[before.name],
        "after": hints.PHASES[worst.name],
        "lost": formats.percent(worst.lost.rate),
        "count": formats.number(worst.lost.whole),
        "most": formats.percent(worst.band[1]),
    }
    sentence = _(
        "The bottleneck is %(before)s → %(after)s: %(lost)s of %(count)s are lost; usual is at most %(most)s."
    )
    said = sentence % words
    return f"{said} {_('With so few leads it could be chance.')}" if worst.is_uncertain else said


def _open_words(steps: Sequence[Step]) -> str:
    if not any(step.is_judged for step in steps):
        return _("Too few leads to name a bottleneck.")
    return _("No step loses more than is usual so far; at some, too few leads are decided to tell.")


def sources(scope: Scope, found: Sequence[Source]) -> Table:
    columns = [_("Source"), _("Leads"), _("MQLs"), _("Deals"), _("Won"), _("Won of leads"), _("Likely range")]
    return Table(
        _("By source"), columns, [_source(scope.asking(source=one.name or NONE), one) for one in found]
    )


def _source(scope: Scope, one: Source) -> Row:
    counts = [_reached(scope, step, one.counts[step]) for step in journey.STEPS]
    cells = [*counts, Cell(formats.percent(one.won.rate)), Cell(interval(one.won))]
    return Row(one.name or _("Not told"), cells, links.page("reports:funnel", scope))
