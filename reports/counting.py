"""Counting handoffs once by several facets, so that every figure is a sum over the same cells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, FloatField, QuerySet

from reports.aggregates import Percentile
from reports.facets import FACETS, Lens, seen_by
from sla.models import Handoff


@dataclass(frozen=True, slots=True)
class Cube:
    """How many handoffs have each combination of values."""

    names: tuple[str, ...]
    cells: Mapping[tuple[Any, ...], int]

    def count(self, **wanted: Any) -> int:
        """Handoffs with these values; every one without any."""
        places = [(self.names.index(name), value) for name, value in wanted.items()]
        return sum(
            n for cell, n in self.cells.items() if all(cell[place] == value for place, value in places)
        )

    def by(self, *names: str) -> dict[Any, Cube]:
        """One cube for each value of a facet (or of several, together)."""
        places = [self.names.index(name) for name in names]
        split: dict[Any, dict[tuple[Any, ...], int]] = defaultdict(dict)
        for cell, count in self.cells.items():
            values = tuple(cell[place] for place in places)
            split[values if len(values) > 1 else values[0]][cell] = count
        return {value: Cube(self.names, cells) for value, cells in split.items()}


def cube(rows: QuerySet[Handoff], names: Iterable[str], lens: Lens) -> Cube:
    """One statement however many figures are read from it."""
    names = tuple(names)
    columns = [f"by_{name}" for name in names]
    counted = seen_by(rows.order_by(), names, lens).values_list(*columns).annotate(n=Count("pk"))
    return Cube(names, {_told(names, cell): n for *cell, n in counted})


def _told(names: tuple[str, ...], cell: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(FACETS[name].told(value) for name, value in zip(names, cell, strict=True))


@dataclass(frozen=True, slots=True)
class Speed:
    """Working hours from the offer to the first contact, pauses left out."""

    measured: int = 0
    median: float | None = None
    p90: float | None = None


NO_SPEED = Speed()


def speed(rows: QuerySet[Handoff]) -> Speed:
    return Speed(**rows.aggregate(**_SPEED))


def speeds(rows: QuerySet[Handoff], names: Iterable[str], lens: Lens) -> dict[Any, Speed]:
    """The same for each value of a facet (or of several, together)."""
    names = tuple(names)
    columns = [f"by_{name}" for name in names]
    asked = seen_by(rows.order_by().filter(response_hours__isnull=False), names, lens)
    told = asked.values(*columns).annotate(**_SPEED).values_list(*columns, *_SPEED)
    found = {}
    for *values, measured, median, p90 in told:
        key = _told(names, values)
        found[key if len(key) > 1 else key[0]] = Speed(measured, median, p90)
    return found


_SPEED: dict[str, Any] = {
    "measured": Count("response_hours"),
    "median": Percentile("response_hours", share=0.5, output_field=FloatField()),
    "p90": Percentile("response_hours", share=0.9, output_field=FloatField()),
}
