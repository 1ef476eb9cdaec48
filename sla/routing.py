"""Who gets a lead: a pure choice among candidates, with the reason kept.

The account's owner first; then whoever has the smallest share of their capacity in use; then whoever
has waited longest. People away, inactive, full, or who had this lead before are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(slots=True)
class Seat:
    """A seller as routing sees them; `running` grows as a batch is dealt out."""

    user: int
    capacity: int
    running: int
    last_offer_at: datetime | None = None
    away: bool = False
    dealt: int = 0

    @property
    def load(self) -> float:
        """Share of the capacity in use."""
        return self.running / self.capacity if self.capacity else float("inf")

    @property
    def is_full(self) -> bool:
        return self.running >= self.capacity


@dataclass(frozen=True, slots=True)
class Request:
    """A lead to be routed: its account's owner, and who had it before."""

    lead: int
    account_owner: int | None = None
    had_before: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Choice:
    lead: int
    user: int | None
    why: dict[str, Any]


def deal_out(requests: Iterable[Request], seats: Sequence[Seat]) -> list[Choice]:
    """Choose a seat for every request, in order; each choice counts for the next."""
    by_user = {seat.user: seat for seat in seats}
    return [_choose(request, seats, by_user) for request in requests]


def _choose(request: Request, seats: Sequence[Seat], by_user: dict[int, Seat]) -> Choice:
    owner = by_user.get(request.account_owner or 0)
    if owner and not owner.away and owner.user not in request.had_before:
        return _take(request, owner, {"rule": "account_owner"})
    free = [seat for seat in seats if not _excluded(seat, request)]
    why: dict[str, Any] = {"candidates": len(seats), "left_out": _left_out(seats, request)}
    if not free:
        return Choice(request.lead, None, {"rule": "queue", **why})
    best = min(free, key=_order)
    return _take(request, best, {"rule": "least_loaded", "load": round(best.load, 3), **why})


def _order(seat: Seat) -> tuple[float, int, float, int]:
    last = seat.last_offer_at.timestamp() if seat.last_offer_at else 0.0
    return seat.load, seat.dealt, last, seat.user


def _excluded(seat: Seat, request: Request) -> str:
    if seat.away:
        return "away"
    if seat.user in request.had_before:
        return "had_before"
    return "full" if seat.is_full else ""


def _left_out(seats: Sequence[Seat], request: Request) -> dict[str, int]:
    counts: dict[str, int] = {}
    for seat in seats:
        if cause := _excluded(seat, request):
            counts[cause] = counts.get(cause, 0) + 1
    return counts


def _take(request: Request, seat: Seat, why: dict[str, Any]) -> Choice:
    seat.running += 1
    seat.dealt += 1
    return Choice(request.lead, seat.user, why)
