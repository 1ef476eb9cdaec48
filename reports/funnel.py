"""The funnel from MQL to won deal, and what the pipeline earned. Days are calendar days in the reader's zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, timedelta, tzinfo
from decimal import Decimal
from typing import Any

from django.db.models import (
    Avg,
    Count,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    FloatField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Sum,
)
from django.db.models.functions import TruncDate, TruncMonth

from crm.models import User
from deals.models import Deal
from leads.models import Lead
from reports.aggregates import Percentile

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Spread:
    """How a number of days is distributed; nothing but the count when there is none."""

    count: int
    median: float | None = None
    mean: float | None = None
    p90: float | None = None
    most: float | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """A source of leads; a blank one is a source that nobody told, not one called unknown."""

    source: str
    mqls: int
    won: int


@dataclass(frozen=True, slots=True)
class Value:
    total: Decimal
    mean: Decimal | None
    median: float | None


# -- leads ----------------------------------------------------------------------------------------


def mqls(leads: QuerySet[Lead] | None = None) -> QuerySet[Lead]:
    """Leads that became an MQL, of those given."""
    return (Lead.objects.standing() if leads is None else leads).filter(qualified_at__isnull=False)


def _won(deals: QuerySet[Deal] | None) -> QuerySet[Deal]:
    return _all(deals).filter(stage__outcome="won")


def _all(deals: QuerySet[Deal] | None) -> QuerySet[Deal]:
    return Deal.objects.all() if deals is None else deals


def mqls_by_month(leads: QuerySet[Lead] | None = None, *, zone: tzinfo = UTC) -> list[tuple[date, int]]:
    return _by_month(mqls(leads), "qualified_at", zone)


def won_by_month(deals: QuerySet[Deal] | None = None, *, zone: tzinfo = UTC) -> list[tuple[date, int]]:
    return _by_month(_won(deals), "closed_at", zone)


def _by_month(rows: QuerySet[Any], moment: str, zone: tzinfo) -> list[tuple[date, int]]:
    months = rows.order_by().annotate(month=TruncMonth(moment, tzinfo=zone)).values("month")
    counted = months.annotate(count=Count("pk")).order_by("month").values_list("month", "count")
    return [(month.date(), count) for month, count in counted]


def by_origin(leads: QuerySet[Lead] | None = None, deals: QuerySet[Deal] | None = None) -> list[Origin]:
    rows = mqls(leads).order_by().annotate(is_won=Exists(_won(deals).filter(lead=OuterRef("pk"))))
    counted = rows.values("source").annotate(mqls=Count("pk"), won=Count("pk", filter=Q(is_won=True)))
    return [Origin(**row) for row in counted.order_by("source")]


def conversion(leads: QuerySet[Lead] | None = None, deals: QuerySet[Deal] | None = None) -> float | None:
    """The share of MQLs that came to a won deal."""
    origins = by_origin(leads, deals)
    return _ratio(sum(origin.won for origin in origins), sum(origin.mqls for origin in origins))


def days_to_win(deals: QuerySet[Deal] | None = None, *, zone: tzinfo = UTC) -> Spread:
    """Days from the first contact of the lead to the won deal."""
    return _spread(_won(deals).filter(lead__isnull=False), "lead__captured_at", "closed_at", zone)


# -- deals ----------------------------------------------------------------------------------------


def stages(deals: QuerySet[Deal] | None = None) -> dict[str, int]:
    """How many deals stand in each stage, by the stage's code."""
    rows = _all(deals).order_by().values("stage__code").annotate(count=Count("pk"))
    return dict(rows.order_by("stage__position").values_list("stage__code", "count"))


def win_rate(deals: QuerySet[Deal] | None = None) -> float | None:
    """Won out of all that were decided."""
    counts = _all(deals).aggregate(
        won=Count("pk", filter=Q(stage__outcome="won")), lost=Count("pk", filter=Q(stage__outcome="lost"))
    )
    return _ratio(counts["won"], counts["won"] + counts["lost"])


def won_value(deals: QuerySet[Deal] | None = None) -> Value:
    told = _won(deals).aggregate(
        total=Sum("amount"),
        mean=Avg("amount"),
        median=Percentile("amount", share=0.5, output_field=FloatField()),
    )
    return Value(told["total"] or Decimal(0), told["mean"], told["median"])


def cycle(deals: QuerySet[Deal] | None = None, *, zone: tzinfo = UTC) -> Spread:
    """Days from engaging to closing, of the closed deals among those given."""
    return _spread(
        _all(deals).filter(closed_at__isnull=False, engaged_at__isnull=False), "engaged_at", "closed_at", zone
    )


def won_by_office(deals: QuerySet[Deal] | None = None) -> list[tuple[str, Decimal]]:
    """Won value by the team of the deal's owner."""
    rows = _won(deals).order_by().values("owner__team__name").annotate(value=Sum("amount"))
    return [
        (name or "", value or Decimal(0))
        for name, value in rows.order_by("owner__team__name").values_list("owner__team__name", "value")
    ]


def reps_without_deals(deals: QuerySet[Deal] | None = None) -> list[User]:
    """Sales reps that own no deal: on the list, but not in the pipeline."""
    owning = _all(deals).filter(owner=OuterRef("pk"))
    return list(User.objects.filter(~Exists(owning), role="rep").order_by("username"))


def _spread(rows: QuerySet[Deal], start: str, end: str, zone: tzinfo) -> Spread:
    days = ExpressionWrapper(
        TruncDate(end, tzinfo=zone) - TruncDate(start, tzinfo=zone), output_field=DurationField()
    )
    told = rows.annotate(days=days).aggregate(
        count=Count("pk"),
        median=Percentile(F("days"), share=0.5, output_field=DurationField()),
        mean=Avg("days"),
        p90=Percentile(F("days"), share=0.9, output_field=DurationField()),
        most=Max("days"),
    )
    count = told.pop("count")
    return Spread(count, **{name: value / DAY for name, value in told.items()}) if count else Spread(0)


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
