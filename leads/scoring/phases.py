"""Where in their buying journey a lead's, or a whole company's, attention lies. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from leads.scoring.decay import Decay

STEPS, MONTH, WEEK = 6, timedelta(days=30), timedelta(days=7)


class Read(NamedTuple):
    """Attention for an asset: the points it gave, when, and the buying phases the asset is for."""

    points: float
    occurred_at: datetime
    phases: Sequence[str]


def mix(read: Iterable[Read], decay: Decay, at: datetime) -> dict[str, float]:
    """Decayed points by buying phase, as shares of one; an asset of two phases counts half for each.

    What happened after `at` does not count.
    """
    weights: dict[str, float] = defaultdict(float)
    for points, occurred_at, phases in read:
        if phases and occurred_at <= at:
            value = decay.decayed(points, occurred_at, at)
            for phase in phases:
                weights[phase] += value / len(phases)
    total = sum(weights.values())
    return {phase: round(value / total, 3) for phase, value in weights.items()} if total else {}


def movement(
    read: Sequence[Read], decay: Decay, moments: Iterable[datetime]
) -> list[tuple[datetime, dict[str, float]]]:
    """The mix at each moment: attention moves on and back, and is never forced one way."""
    return [(at, mix(read, decay, at)) for at in moments]


def course(
    read: Sequence[Read], decay: Decay, at: datetime, *, step: timedelta = MONTH
) -> list[tuple[datetime, dict[str, float]]]:
    """The movement of the last months up to a moment, which comes last."""
    return movement(read, decay, [at - step * back for back in range(STEPS - 1, -1, -1)])


def pace(read: Sequence[Read], at: datetime) -> timedelta:
    """The step at which something is seen to move: by weeks while the first thing read is not two months old."""
    first = min((one.occurred_at for one in read), default=at)
    return WEEK if at - first < 2 * MONTH else MONTH
