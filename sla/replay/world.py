"""What a replay knows at the moment it has come to, and what it has planned."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from heapq import heappop, heappush
from itertools import count
from typing import Any

from crm.models import User
from sla.replay.bench import Bench
from sla.replay.chances import Chances
from sla.replay.contracts import Contracts
from sla.replay.facts import Handover, Mql
from sla.replay.history import History
from sla.replay.journey import Journey

# What comes first at one moment.
OWNERS, ACCEPTED, ENDED, MOVES, RELEASES, BY_HANDS = range(6)
Deed = Callable[..., None]


@dataclass(slots=True)
class Played:
    """What a replay came to."""

    mqls: list[Mql] = field(default_factory=list)
    handovers: list[Handover] = field(default_factory=list)
    loads: dict[int, list[tuple[datetime, int]]] = field(default_factory=dict)


@dataclass(slots=True)
class World:
    """`touched` are leads that may qualify now, with what they just did; `expired` those to be offered again now,
    and whether to the open queue. `segments` are where each lead belongs under these contracts.
    """

    history: History
    contracts: Contracts
    bench: Bench
    chances: Chances
    segments: dict[int, int | None]
    people: dict[int, User]
    journeys: dict[int, Journey]
    played: Played = field(default_factory=Played)
    touched: dict[int, set[str]] = field(default_factory=dict)
    expired: dict[int, bool] = field(default_factory=dict)
    _plans: list[tuple[datetime, int, int, Deed, tuple[Any, ...]]] = field(default_factory=list)
    _numbers: count[int] = field(default_factory=count)

    def plan(self, at: datetime | None, rank: int, deed: Deed, *about: Any) -> None:
        """Call `deed(world, *about, at)` at a moment, unless it lies beyond the period."""
        if at is not None and at < self.history.until:
            heappush(self._plans, (at, rank, next(self._numbers), deed, about))

    def next_at(self) -> datetime | None:
        return self._plans[0][0] if self._plans else None

    def change(self, at: datetime) -> None:
        """Let everything planned for this moment happen."""
        while self._plans and self._plans[0][0] == at:
            _at, _rank, _number, deed, about = heappop(self._plans)
            deed(self, *about, at)

    def touch(self, lead: int, did: set[str] | frozenset[str] = frozenset()) -> None:
        self.touched.setdefault(lead, set()).update(did)

    def running(self, lead: int) -> Handover | None:
        return self.journeys[lead].running
