"""How both sides kept the agreement, in any period: questions only, each a set-based aggregate.

A handoff belongs to the day it was offered (`offered_at`), in the reader's zone. Every verdict follows from facts and
due times at the moment asked for (`sla.judging`), so nothing waits for a sweep. Median and p90 are over the working
hours to the first contact (`Handoff.response_hours`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crm.models import Team, User
from reports import counting, facets, figures
from reports.counting import NO_SPEED, Speed
from reports.facets import Lens
from reports.figures import OF_SALES, OF_TREND, Tally
from reports.periods import Period
from reports.scopes import NONE, Scope
from sla.models import Pause


@dataclass(frozen=True, slots=True)
class Line:
    """A person's or a team's share of the figures; `key` is what the list behind it is asked for."""

    key: str
    name: str
    tally: Tally


@dataclass(frozen=True, slots=True)
class Point:
    """One week or month of a trend."""

    period: Period
    tally: Tally


@dataclass(frozen=True, slots=True)
class Hour:
    """Handoffs that were offered at this hour of this weekday (1 is Monday), and how long their first contact took."""

    weekday: int
    hour: int
    speed: Speed


@dataclass(frozen=True, slots=True)
class Sales:
    """What sales made of what it was offered."""

    total: Tally
    before: Tally
    people: list[Line]
    teams: list[Line]
    pauses: int
    reassignments: int


def lens_of(scope: Scope, at: datetime) -> Lens:
    return Lens(at, scope.period.zone)


def totals(scope: Scope, lens: Lens) -> Tally:
    rows = scope.handoffs()
    return figures.tally(counting.cube(rows, OF_SALES, lens), counting.speed(rows))


def sales(scope: Scope, lens: Lens) -> Sales:
    """Everything about sales: in all, by person, by team, and the period before."""
    rows = scope.handoffs()
    counted = counting.cube(rows, (*OF_SALES, "assignee", "team"), lens)
    total = figures.tally(counted, counting.speed(rows))
    people, teams = (
        _lines(counted, counting.speeds(rows, [name], lens), name) for name in ("assignee", "team")
    )
    return Sales(
        total=total,
        before=totals(scope.during(scope.period.before(lens.at)), lens),
        people=people,
        teams=teams,
        pauses=Pause.objects.filter(handoff__in=rows.values("pk")).count() if total["paused"] else 0,
        reassignments=_reassignments(scope) if total["reassigned"] else 0,
    )


def _reassignments(scope: Scope) -> int:
    return facets.reassignments().filter(subject_id__in=scope.handoffs().values("pk")).count()


def _lines(cube: counting.Cube, speeds: Mapping[Any, Speed], name: str) -> list[Line]:
    """Most handoffs first; what is nobody's comes last."""
    names = _names(name, [pk for pk in cube.by(name) if pk])
    lines = [
        Line(str(pk or NONE), names.get(pk, ""), figures.tally(part, speeds.get(pk, NO_SPEED)))
        for pk, part in cube.by(name).items()
    ]
    return sorted(lines, key=lambda line: (line.key == NONE, -line.tally.offered, line.name, line.key))


def _names(name: str, ids: list[int]) -> dict[int, str]:
    model: Any = User if name == "assignee" else Team
    return {row.pk: str(row) for row in model.objects.filter(pk__in=ids).order_by("pk")}


def trend(scope: Scope, lens: Lens) -> list[Point]:
    """The weeks or months of the period that have begun, also those in which nothing was offered."""
    unit, rows = scope.period.bucket, scope.handoffs()
    counted = counting.cube(rows, (*OF_TREND, unit), lens).by(unit)
    fast = counting.speeds(rows, [unit], lens)
    nothing = counting.Cube(OF_TREND, {})
    return [
        Point(part, figures.tally(counted.get(day, nothing), fast.get(day, NO_SPEED)))
        for day, part in scope.period.buckets()
        if part.start <= lens.at
    ]


def heat(scope: Scope, lens: Lens) -> list[Hour]:
    """By the weekday and hour of the offer, in the reader's zone, where at least one was answered."""
    found = counting.speeds(scope.handoffs(), ["weekday", "hour"], lens)
    return sorted((Hour(int(day), int(hour), speed) for (day, hour), speed in found.items()), key=_in_order)


def _in_order(cell: Hour) -> tuple[int, int]:
    return cell.weekday, cell.hour
