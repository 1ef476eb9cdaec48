"""Possible duplicates as stored: what was found, what people decided, and what a merge settles.

Deeds about pairs; `crm.searching` finds them. A decision is never overwritten by a later search.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from crm import bulk
from crm.matching.pairs import Pair
from crm.models import DuplicatePair, PairStatus, User


def store(kind: str, found: Iterable[Pair], *, searched: Iterable[int], at: datetime) -> int:
    """Keep what a search found about these records and drop open pairs that are alike no more; how many are new."""
    fresh = {(pair.low, pair.high): pair for pair in found}
    searched = list(searched)
    with transaction.atomic():
        known = DuplicatePair.objects.touching(kind, *searched).open().order_by("pk").select_for_update()
        before = {(low, high): pk for low, high, pk in known.values_list("low", "high", "pk")}
        gone = [pk for key, pk in before.items() if key not in fresh]
        DuplicatePair.objects.filter(pk__among=gone).delete()
        _weigh_anew({pk: fresh[key] for key, pk in before.items() if key in fresh})
        new = [fresh[key] for key in sorted(fresh) if key not in before]
        if new:
            # Pairs somebody decided about collide here, and stay as they were decided.
            bulk.insert_new(DuplicatePair, _columns(kind, new, at))
    return len(new)


def _weigh_anew(known: dict[int, Pair]) -> None:
    told = [(pk, pair.verdict) for pk, pair in known.items()]
    rows = [
        DuplicatePair(
            pk=pk, score=verdict.score, reasons=list(verdict.reasons), certain=list(verdict.certain)
        )
        for pk, verdict in told
    ]
    bulk.update_all(rows, fields=["score", "reasons", "certain"])


def _columns(kind: str, pairs: Sequence[Pair], at: datetime) -> dict[str, list[Any]]:
    """What is stored of open pairs, column by column."""
    return {
        "kind": [kind] * len(pairs),
        "low": [pair.low for pair in pairs],
        "high": [pair.high for pair in pairs],
        "score": [pair.verdict.score for pair in pairs],
        "reasons": [list(pair.verdict.reasons) for pair in pairs],
        "certain": [list(pair.verdict.certain) for pair in pairs],
        "status": [PairStatus.OPEN.value] * len(pairs),
        "found_at": [at] * len(pairs),
    }


def keep_apart(kind: str, one: int, other: int, *, by: User | None, at: datetime) -> DuplicatePair:
    """Somebody says the two are not the same: they are never suggested again."""
    return _decide(kind, one, other, PairStatus.APART, by, at)


def settle(kind: str, loser: int, winner: int, *, by: User | None, at: datetime) -> None:
    """After a merge: the pair is done; who was not the loser is not the winner either; the rest is searched anew."""
    _decide(kind, loser, winner, PairStatus.MERGED, by, at)
    around = DuplicatePair.objects.touching(kind, loser)
    apart = around.filter(status=PairStatus.APART).values_list("low", "high", "decided_by")
    for low, high, who in list(apart):
        other = low if high == loser else high
        row = _new(kind, winner, other, PairStatus.APART, at)
        row.decided_by_id = who
        DuplicatePair.objects.bulk_create([row], ignore_conflicts=True)
    around.open().delete()


def _decide(kind: str, one: int, other: int, status: str, by: User | None, at: datetime) -> DuplicatePair:
    fresh = _new(kind, one, other, status, at)
    decided = {"status": status, "decided_by": by, "decided_at": at}
    row, _created = DuplicatePair.objects.update_or_create(
        kind=kind,
        low=fresh.low,
        high=fresh.high,
        defaults=decided,
        create_defaults={**decided, "score": 0, "reasons": [], "found_at": at},
    )
    return row  # type: ignore[no-any-return]


def _new(kind: str, one: int, other: int, status: str, at: datetime) -> DuplicatePair:
    low, high = sorted((one, other))
    return DuplicatePair(
        kind=kind, low=low, high=high, status=status, score=0, reasons=[], found_at=at, decided_at=at
    )
