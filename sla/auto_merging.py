"""What an administrator lets merge by rule: open pairs with exact evidence, oldest first, in nobody's name."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied

from crm import merging as crm_merging
from crm.models import Account, AutomaticMerge, Contact, DuplicatePair, RecordKind, User
from crm.states import Refused
from sla import merging

AT_ONCE = 200
REFUSALS = (Refused, PermissionDenied)


def merge_certain(*, at: datetime) -> int:
    """Merge what the rules that are switched on are certain of; a pair that is refused waits for a person."""
    rules = list(AutomaticMerge.objects.values_list("rule", flat=True))
    named = [rule.partition(":") for rule in sorted(rules)]
    return sum(_merge_by(kind, code, at) for kind, _colon, code in named)


def _merge_by(kind: str, code: str, at: datetime) -> int:
    pairs = DuplicatePair.objects.exact().filter(kind=kind, certain__contains=[code])
    return sum(_tried(pair, code, at) for pair in list(pairs.order_by("pk")[:AT_ONCE]))


def _tried(pair: DuplicatePair, code: str, at: datetime) -> bool:
    try:
        merge_pair(pair, winner=pair.low, by=None, at=at, rule=code)
    except REFUSALS:
        return False
    return True


def merge_pair(
    pair: DuplicatePair,
    *,
    winner: int,
    by: User | None,
    at: datetime,
    chosen: Any = (),
    rule: str = "",
) -> None:
    """Merge the two records of a pair into the one named `winner`."""
    loser = pair.high if winner == pair.low else pair.low
    if pair.kind == RecordKind.ACCOUNT:
        one, other = Account(pk=loser), Account(pk=winner)
        crm_merging.merge_accounts(one, other, by=by, at=at, chosen=chosen, rule=rule)
    else:
        person, into = Contact(pk=loser), Contact(pk=winner)
        merging.merge_people(person, into=into, by=by, at=at, chosen=chosen, rule=rule)


def merge_all(pairs: list[tuple[DuplicatePair, int]], *, by: User, at: datetime) -> tuple[int, int]:
    """Merge each pair into the record named with it; how many were, and how many were refused."""
    done = 0
    for pair, winner in pairs:
        try:
            merge_pair(pair, winner=winner, by=by, at=at)
        except REFUSALS:
            continue
        done += 1
    return done, len(pairs) - done
