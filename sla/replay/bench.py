"""Who could be given a lead at each moment of a replay: sellers with the load the replay has given them so far."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from sla import routing, seating
from sla.replay.contracts import Changes
from sla.seating import Load, Seller

QUEUE = 0
"""Stands for nobody: the open queue."""


@dataclass(slots=True)
class _Desk:
    """What one seller has, and the moments at which it grew or shrank."""

    running: int = 0
    offered: list[datetime] = field(default_factory=list)
    steps: list[tuple[datetime, int]] = field(default_factory=list)

    def step(self, at: datetime, by: int) -> None:
        self.running += by
        self.steps.append((at, self.running))


class Bench:
    """Sellers and their load. `last_offers` are those of before the replay begins."""

    def __init__(self, sellers: Iterable[Seller], *, last_offers: Mapping[int, list[datetime]]) -> None:
        self.sellers = list(sellers)
        self.by_user = {seller.user: seller for seller in self.sellers}
        self._desks = {user: _Desk(offered=sorted(moments)) for user, moments in last_offers.items()}

    def _desk(self, user: int | None) -> _Desk:
        return self._desks.setdefault(user or QUEUE, _Desk())

    def seats(self, at: datetime) -> list[routing.Seat]:
        """Everybody as routing sees them now; made by the same code as live seats."""
        return seating.seats_of([(seller, self._load(seller, at)) for seller in self.sellers], at)

    def _load(self, seller: Seller, at: datetime) -> Load:
        desk = self._desk(seller.user)
        today = 0
        if seller.daily_limit is not None:
            today = len(desk.offered) - bisect_left(desk.offered, seller.midnight(at))
        return Load(desk.running, today, desk.offered[-1] if desk.offered else None)

    def take(self, user: int | None, offered_at: datetime, *, at: datetime) -> None:
        desk = self._desk(user)
        desk.step(at, +1)
        insort(desk.offered, offered_at)

    def leave(self, user: int | None, *, at: datetime) -> None:
        self._desk(user).step(at, -1)

    def hand_on(self, came_from: int | None, to: int | None, offered_at: datetime, *, at: datetime) -> None:
        """Somebody else has it now: who had it counts it no more, not even as the last they were offered."""
        before = self._desk(came_from)
        if offered_at in before.offered:
            before.offered.remove(offered_at)
        self.leave(came_from, at=at)
        self.take(to, offered_at, at=at)

    def loads(self) -> dict[int, list[tuple[datetime, int]]]:
        """By seller: how much ran from each moment on. `QUEUE` is what waited for a claim."""
        return {user: desk.steps for user, desk in self._desks.items()}


def changed(sellers: Iterable[Seller], changes: Changes) -> list[Seller]:
    """The sellers with other capacities, and as many more as are asked for: negative ids, an average capacity."""
    people = [replace(one, capacity=changes.capacity_of(one.user, one.capacity)) for one in sellers]
    return people + [_newcomer(number, people, changes) for number in range(1, changes.more_reps + 1)]


def _newcomer(number: int, people: list[Seller], changes: Changes) -> Seller:
    beside = [one for one in people if one.team == changes.more_in] or people
    pattern = beside[0] if beside else Seller(0, 20)
    average = round(sum(one.capacity for one in beside) / len(beside)) if beside else 20
    capacity = average if changes.everybody is None else changes.everybody
    return replace(pattern, user=-number, capacity=capacity, daily_limit=None, leaves=())
