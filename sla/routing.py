"""Who gets a lead: a pure choice among candidates, with the reason kept.

In this order: the account's owner; then, of the team whose territory it is (or of everybody in sales), whoever is
at work now, has the smallest share of their capacity in use, got the fewest of this batch, and has waited longest.
Dealt out one by one this is a round robin weighted by capacity. People who are away, full, at their daily limit, or
who had this lead before are left out; when nobody is left the lead waits in the open queue.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from heapq import heapify, heappop, heappush, heapreplace
from typing import Any

SHOWN = 5  # how many candidates an assignment names


@dataclass(slots=True)
class Seat:
    """A seller as routing sees them; `running` and `today` grow as a batch is dealt out."""

    user: int
    capacity: int
    running: int
    last_offer_at: datetime | None = None
    away: bool = False
    dealt: int = 0
    team: int | None = None
    today: int = 0
    daily_limit: int | None = None
    at_work: bool = True

    @property
    def load(self) -> float:
        """Share of the capacity in use."""
        return self.running / self.capacity if self.capacity else float("inf")

    @property
    def is_full(self) -> bool:
        return self.running >= self.capacity

    @property
    def closed_by(self) -> str:
        """Why nobody may give this person a lead now; '' when they may."""
        if self.away:
            return "away"
        if self.is_full:
            return "full"
        if self.daily_limit is not None and self.today >= self.daily_limit:
            return "daily_limit"
        return ""

    @property
    def order(self) -> tuple[bool, float, int, float, int]:
        last = self.last_offer_at.timestamp() if self.last_offer_at else 0.0
        return not self.at_work, self.load, self.dealt, last, self.user


@dataclass(frozen=True, slots=True)
class Request:
    """A lead to be routed: its account's owner, who had it before, whose territory it is, or that it waits."""

    lead: int
    account_owner: int | None = None
    had_before: frozenset[int] = frozenset()
    team: int | None = None
    to_queue: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    lead: int
    user: int | None
    why: dict[str, Any]


def deal_out(requests: Iterable[Request], seats: Sequence[Seat]) -> list[Choice]:
    """Choose a seat for every request, in order; each choice counts for the next. O(log seats) a request."""
    table = _Table(seats)
    return [_choose(request, table) for request in requests]


def _choose(request: Request, table: _Table) -> Choice:
    owner = table.by_user.get(request.account_owner or 0)
    if owner and not owner.away and owner.user not in request.had_before:
        return table.give(request, owner, {"rule": "account_owner"})
    if request.to_queue:
        return Choice(request.lead, None, {"rule": "open_queue"})
    pool = table.pool(request.team)
    found = pool.look(request.had_before)
    why: dict[str, Any] = {"candidates": pool.size, "left_out": found.left_out}
    if request.team:
        why["team"] = request.team
    if found.seat is None:
        return Choice(request.lead, None, {"rule": "queue", **why})
    why |= {"load": round(found.seat.load, 3), "next": [seat.user for seat in found.others]}
    return table.give(request, found.seat, {"rule": "least_loaded", "tie": _tie(found), **why})


@dataclass(frozen=True, slots=True)
class _Found:
    """The best seat of a pool, a few who come next, and people by the cause that kept them out."""

    seat: Seat | None
    others: list[Seat]
    left_out: dict[str, list[int]]


def _tie(found: _Found) -> str:
    """What decided between the chosen one and the next."""
    if not found.others or found.seat is None:
        return "only_one"
    names = ("at_work", "load", "dealt", "waited_longest", "number")
    pairs = zip(names, found.seat.order, found.others[0].order, strict=True)
    return next(name for name, mine, theirs in pairs if mine != theirs)


@dataclass(slots=True)
class _Pool:
    """The seats of one team, or of everybody, as a heap with one entry a seat; closed ones are listed beside it.

    Being given a lead only moves a seat back in the order. So an entry that is out of date stands too far in front,
    never too far behind, and is put right when it comes to the top.
    """

    size: int
    heap: list[tuple[Any, Seat]]
    closed: dict[str, list[int]] = field(default_factory=dict)

    def look(self, had_before: frozenset[int]) -> _Found:
        passed: list[tuple[Any, Seat]] = []
        while (seat := self._best()) and seat.user in had_before:
            passed.append(heappop(self.heap))
        others = [other for _order, other in sorted(self.heap[1 : 1 + SHOWN], key=lambda entry: entry[0])]
        for entry in passed:
            heappush(self.heap, entry)
        causes = {cause: list(people) for cause, people in self.closed.items()}
        if passed:
            causes["had_before"] = sorted(each.user for _order, each in passed)
        return _Found(seat, others if seat else [], causes)

    def note_closed(self, seat: Seat) -> None:
        """List who may get none (any more), by the cause."""
        people = self.closed.setdefault(seat.closed_by, []) if seat.closed_by else None
        if people is not None and seat.user not in people:
            people.append(seat.user)

    def _best(self) -> Seat | None:
        while self.heap:
            order, seat = self.heap[0]
            if seat.closed_by:
                heappop(self.heap)
            elif order != seat.order:
                heapreplace(self.heap, (seat.order, seat))
            else:
                return seat
        return None


class _Table:
    """All seats, by person and by team."""

    def __init__(self, seats: Sequence[Seat]) -> None:
        self.by_user = {seat.user: seat for seat in seats}
        self._seats = seats
        self._pools: dict[int | None, _Pool] = {}

    def pool(self, team: int | None) -> _Pool:
        if team not in self._pools:
            members = [seat for seat in self._seats if team is None or seat.team == team]
            heap = [(seat.order, seat) for seat in members if not seat.closed_by]
            heapify(heap)
            self._pools[team] = pool = _Pool(len(members), heap)
            for seat in members:
                pool.note_closed(seat)
        return self._pools[team]

    def give(self, request: Request, seat: Seat, why: dict[str, Any]) -> Choice:
        seat.running += 1
        seat.today += 1
        seat.dealt += 1
        for team in {None, seat.team} & self._pools.keys():
            self._pools[team].note_closed(seat)
        return Choice(request.lead, seat.user, why)
