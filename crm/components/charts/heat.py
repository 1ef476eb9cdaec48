"""A table whose cells are tinted: it is its own picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from crm.components import formats
from crm.components.charts.shapes import Picture, Table
from crm.components.faces import Words

HEAT_STEPS = 5


@dataclass(frozen=True, slots=True)
class Cell:
    shown: str
    step: int
    says: str


@dataclass(frozen=True, slots=True)
class HeatRow:
    label: Words
    cells: list[Cell]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatPicture(Picture):
    heat: list[HeatRow]


def heat_map(
    title: Words,
    columns: Sequence[Words],
    rows: Sequence[tuple[Words, Sequence[float | None]]],
    *,
    words: Words = "",
    head: Words = "",
    places: int = 0,
) -> HeatPicture:
    """A table that is its own picture: each cell tinted by its fifth of the largest value."""
    largest = max((value for _label, values in rows for value in values if value is not None), default=0)
    heat = [HeatRow(label, [_cell(value, largest, places) for value in values]) for label, values in rows]
    plain: list[list[Words]] = [[row.label, *(cell.shown for cell in row.cells)] for row in heat]
    return HeatPicture(title=title, words=words, table=Table([head, *columns], plain), heat=heat, kind="heat")


def _cell(value: float | None, largest: float, places: int) -> Cell:
    if value is None:
        return Cell("–", 0, _("no figure"))
    step = (
        0 if value <= 0 or largest <= 0 else min(HEAT_STEPS, 1 + int(HEAT_STEPS * value / largest * 0.999999))
    )
    return Cell(formats.number(value, places), step, "")
