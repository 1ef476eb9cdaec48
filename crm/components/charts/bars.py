"""Horizontal bars, and the funnel made of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from crm.components import formats
from crm.components.charts.shapes import Picture, Table, share
from crm.components.faces import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar as asked for. `series` picks the colour (1 to 4, late, quiet); `goal` is a mark on the same scale."""

    label: Words
    value: float
    note: Words = ""
    url: str = ""
    series: str = "1"
    goal: float | None = None


@dataclass(frozen=True, slots=True)
class DrawnBar:
    bar: Bar
    shown: str
    width: float
    goal_at: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BarPicture(Picture):
    bars: list[DrawnBar]


def bar_chart(
    title: Words, bars: Sequence[Bar], *, heads: tuple[Words, Words], words: Words = "", places: int = 0
) -> BarPicture:
    """Horizontal bars from one zero line."""
    largest = max((max(one.value, one.goal or 0) for one in bars), default=0)
    drawn = [
        DrawnBar(one, formats.number(one.value, places), share(one.value, largest), _mark(one, largest))
        for one in bars
    ]
    table = Table(list(heads), [[one.bar.label, one.shown] for one in drawn])
    return BarPicture(title=title, words=words, table=table, bars=drawn, kind="bar")


def _mark(bar: Bar, largest: float) -> float | None:
    return None if bar.goal is None or largest <= 0 else round(100 * bar.goal / largest, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step as counted; `band` is the usual share kept from the step before, lowest and highest.

    `kept` is the share kept where it is not count by count, of the `decided` ones: some may be undecided. A step
    that knows how many are decided, and has none, says no share.
    """

    label: Words
    count: int
    band: tuple[float, float] | None = None
    kept: float | None = None
    decided: int | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class DrawnStep:
    step: Step
    shown: str
    width: float
    offset: float
    kept: str
    usual: str
    is_below: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelPicture(Picture):
    steps: list[DrawnStep]


def funnel_chart(title: Words, steps: Sequence[Step], *, words: Words = "") -> FunnelPicture:
    """Steps from top to bottom with what was kept between them, beside what is usual."""
    largest = max((step.count for step in steps), default=0)
    before = [None, *steps[:-1]] if steps else []
    drawn = [_step(step, previous, largest) for step, previous in zip(steps, before, strict=True)]
    rows: list[list[Words]] = [[one.step.label, one.shown, one.kept, one.usual] for one in drawn]
    table = Table([_("Step"), _("Count"), _("Kept"), _("Usual")], rows)
    return FunnelPicture(title=title, words=words, table=table, steps=drawn, kind="funnel")


def _step(step: Step, previous: Step | None, largest: int) -> DrawnStep:
    width = share(step.count, largest)
    kept = step.kept
    if kept is None and step.decided is None and previous is not None and previous.count:
        kept = step.count / previous.count
    return DrawnStep(
        step=step,
        shown=formats.number(step.count),
        width=width,
        offset=round((100 - width) / 2, 2),
        kept="" if kept is None else formats.percent(kept),
        usual="" if step.band is None else f"{formats.percent(step.band[0])}–{formats.percent(step.band[1])}",
        is_below=kept is not None and step.band is not None and kept < step.band[0],
    )
