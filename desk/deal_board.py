"""The board: open deals by stage, with sums that count every deal, and a bounded number of cards."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, QuerySet, Sum, Window
from django.db.models.functions import RowNumber

from crm import access
from crm.models import Role, User
from deals.models import Deal, DealStage

CARDS = 40
ROTS_AFTER = timedelta(days=21)


@dataclass(frozen=True, slots=True)
class Money:
    """A sum in one currency; currencies are never added up."""

    currency: str
    amount: Decimal
    weighted: Decimal


@dataclass(frozen=True, slots=True)
class Card:
    deal: Deal
    may_move: bool
    days_still: int
    is_rotting: bool


@dataclass(frozen=True, slots=True)
class Column:
    stage: DealStage
    count: int
    sums: list[Money]
    cards: list[Card]


def columns(deals: QuerySet[Deal], user: User, at: datetime) -> list[Column]:
    """Four queries whatever the number of deals."""
    stages = list(DealStage.objects.visible_to(user).open().in_order())
    counts, sums = _totals(deals)
    cards = _cards(deals, user, at)
    return [Column(stage, counts[stage.pk], sums[stage.pk], cards[stage.pk]) for stage in stages]


def _totals(deals: Any) -> tuple[dict[int, int], dict[int, list[Money]]]:
    counts: dict[int, int] = defaultdict(int)
    sums: dict[int, list[Money]] = defaultdict(list)
    rows = deals.open().order_by("stage", "currency").values("stage", "currency", "stage__probability")
    for row in rows.annotate(count=Count("pk"), total=Sum("amount")):
        counts[row["stage"]] += row["count"]
        if row["total"] is not None:
            weighted = row["total"] * row["stage__probability"] / 100
            sums[row["stage"]].append(Money(row["currency"], row["total"], weighted))
    return counts, sums


def _cards(deals: Any, user: User, at: datetime) -> dict[int, list[Card]]:
    place = Window(RowNumber(), partition_by=F("stage"), order_by=[F("stage_at").desc(), F("pk").desc()])
    rows = deals.open().with_people().annotate(place=place).filter(place__lte=CARDS).order_by("place")
    mine = workable(user)
    cards: dict[int, list[Card]] = defaultdict(list)
    for deal in rows:
        cards[deal.stage_id].append(_card(deal, mine is None or deal.owner_id in mine, at))
    return cards


def _card(deal: Deal, may_move: bool, at: datetime) -> Card:
    still = max(at - deal.stage_at, timedelta())
    return Card(deal, may_move, still.days, still >= ROTS_AFTER)


def workable(user: User) -> set[int] | None:
    """Owners whose records the user may change, asked once for a whole list; None means everybody's."""
    if access.is_admin(user):
        return None
    return set(access.peers(user).values_list("pk", flat=True)) if user.role == Role.MANAGER else {user.pk}
