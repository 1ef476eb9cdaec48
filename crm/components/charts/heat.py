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
class Warm:
    """A cell as asked for: `note` stands small under the value, `url` opens the rows behind it."""

    value: float | None
    note: Words = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    shown: str
    step: int
    says: str
    note: Words = ""
    url: str = ""


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
    rows: Sequence[tuple[Words, Sequence[Warm | float | None]]],
    *,
    words: Words = "",
    head: Words = "",
    places: int = 0,
) -> HeatPicture:
    """A table that is its own picture: each cell tinted by its fifth of the largest value."""
    told = [
        (label, [one if isinstance(one, Warm) else Warm(one) for one in values]) for label, values in rows
    ]
    largest = max(
        (one.value for _label, values in told for one in values if one.value is not None), default=0
    )
    heat = [HeatRow(label, [_cell(one, largest, places) for one in values]) for label, values in told]
    plain: list[list[Words]] = [[row.label, *(cell.shown for cell in row.cells)] for row in heat]
    return HeatPicture(title=title, words=words, table=Table([head, *columns], plain), heat=heat, kind="heat")


def _cell(warm: Warm, largest: float, places: int) -> Cell:
    value = warm.value
    if value is None:
        return Cell("–", 0, _("no figure"))
    step = (
        0 if value <= 0 or largest <= 0 else min(HEAT_STEPS, 1 + int(HEAT_STEPS * value / largest * 0.999999))
    )
    return Cell(formats.number(value, places), step, "", warm.note, warm.url)
