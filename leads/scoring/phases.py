"""Where in their buying journey a lead's, or a whole company's, attention lies. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from content.models import Asset
from leads.scoring.decay import Decay

STEPS, MONTH, WEEK = 6, timedelta(days=30), timedelta(days=7)


class Seen(Protocol):
    """A behaviour event: its points, its moment, and the asset where there is one."""

    @property
    def points(self) -> float: ...
    @property
    def occurred_at(self) -> datetime: ...
    @property
    def asset(self) -> Asset | None: ...


class Read(NamedTuple):
    """Attention for an asset: the points it gave, when, and the buying phases the asset is for."""

    points: float
    occurred_at: datetime
    phases: Sequence[str]


def phase_mix(events: Iterable[Seen], decay: Decay, at: datetime) -> dict[str, float]:
    """Decayed points by buying phase, as shares of one; an asset of two phases counts half for each.

    What happened after `at` does not count.
    """
    read = (Read(one.points, one.occurred_at, one.asset.phases) for one in events if one.asset)
    return mix(read, decay, at)


def mix(read: Iterable[Read], decay: Decay, at: datetime) -> dict[str, float]:
    """As `phase_mix`, of what was read."""
    weights: dict[str, float] = defaultdict(float)
    for points, occurred_at, phases in read:
        if phases and occurred_at <= at:
            value = decay.decayed(points, occurred_at, at)
            for phase in phases:
                weights[phase] += value / len(phases)
    total = sum(weights.values())
    return {phase: round(value / total, 3) for phase, value in weights.items()} if total else {}


def movement(
    events: Sequence[Seen], decay: Decay, moments: Iterable[datetime]
) -> list[tuple[datetime, dict[str, float]]]:
    """The mix at each moment: attention moves on and back, and is never forced one way."""
    return [(at, phase_mix(events, decay, at)) for at in moments]


def course(
    events: Sequence[Seen], decay: Decay, at: datetime, *, step: timedelta = MONTH
) -> list[tuple[datetime, dict[str, float]]]:
    """The movement of the last months up to a moment, which comes last."""
    return movement(events, decay, [at - step * back for back in range(STEPS - 1, -1, -1)])


def pace(events: Sequence[Seen], at: datetime) -> timedelta:
    """The step at which something is seen to move: by weeks while the first thing read is not two months old."""
    first = min((one.occurred_at for one in events if one.asset), default=at)
    return WEEK if at - first < 2 * MONTH else MONTH
