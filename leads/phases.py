"""Where in their buying journey a lead's, or a whole company's, attention lies. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from content.models import Asset
from leads.decay import Decay


class Seen(Protocol):
    """A behaviour event: its points, its moment, and the asset where there is one."""

    @property
    def points(self) -> float: ...
    @property
    def occurred_at(self) -> datetime: ...
    @property
    def asset(self) -> Asset | None: ...


def phase_mix(events: Iterable[Seen], decay: Decay, at: datetime) -> dict[str, float]:
    """Decayed points by buying phase, as shares of one; an asset of two phases counts half for each.

    What happened after `at` does not count.
    """
    weights: dict[str, float] = defaultdict(float)
    for event in events:
        if event.asset and event.asset.phases and event.occurred_at <= at:
            value = decay.decayed(event.points, event.occurred_at, at)
            for phase in event.asset.phases:
                weights[phase] += value / len(event.asset.phases)
    total = sum(weights.values())
    return {phase: round(value / total, 3) for phase, value in weights.items()} if total else {}


def movement(
    events: Sequence[Seen], decay: Decay, moments: Iterable[datetime]
) -> list[tuple[datetime, dict[str, float]]]:
    """The mix at each moment: attention moves on and back, and is never forced one way."""
    return [(at, phase_mix(events, decay, at)) for at in moments]
