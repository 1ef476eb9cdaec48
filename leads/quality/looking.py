"""A look at some leads: what the rules find in them now, worked out in one statement."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Case, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, TruncDate

from crm.models import Account
from leads.models import Confirmation, Lead, MqlDefinition, Stage
from leads.quality import catalogue, countries, marks
from leads.quality.catalogue import RULES
from leads.quality.rule import MONTHS, SILENCES, STALE, Look
from leads.scoring import reading


class Found(NamedTuple):
    """What was found in a lead, and by what it is counted."""

    captured_on: date
    source: str
    segment: str
    marks: tuple[str, ...]


def zone() -> ZoneInfo:
    """Whose days the audit counts by: the company's, in which limits of behaviour are counted too."""
    return ZoneInfo(reading.in_force().model.time_zone)


def audited(rows: QuerySet[Lead]) -> QuerySet[Lead]:
    """Without the leads nobody works: those merged into another, and those ruled out."""
    return rows.filter(merged_into=None).exclude(stage=Stage.DISQUALIFIED)


def at_leads(leads: Collection[int], *, at: datetime) -> dict[int, Found]:
    """What is found in these leads; one nobody works is left out."""
    look = _look(leads, at)
    columns = {
        f"flag_{place}": _flag(catalogue.found(rule, replace(look, months=months)))
        for place, (rule, months) in enumerate(_FLAGS)
    }
    rows = audited(Lead.objects.filter(pk__among=leads)).annotate(
        day=TruncDate("captured_at", tzinfo=zone()),
        segment=Coalesce("score__segment__code", Value("")),
        **columns,
    )
    told = rows.order_by().values_list("pk", "day", "source", "segment", *columns)
    return {
        pk: Found(day, source, segment, _marks(tuple(flags))) for pk, day, source, segment, *flags in told
    }


def _look(leads: Collection[int], at: datetime) -> Look:
    """What the rules have to know about these leads, in three small queries."""
    theirs = Account.objects.filter(pk__in=Lead.objects.filter(pk__among=leads).values("account"))
    spelled = theirs.exclude(country="").order_by("country").values_list("country", flat=True)
    dialling, strange = countries.sorted_by_code(spelled.distinct())
    asked = MqlDefinition.objects.in_force().values_list("segment", "required_fields")
    settled = Confirmation.objects.order_by("rule").values_list("rule", flat=True).distinct()
    return Look(at, MONTHS, dialling, strange, tuple(asked), frozenset(settled))


def _flag(condition: Q) -> Case:
    """True or false, never unknown: what a lead has no company for is not found wrong in its company."""
    return Case(When(condition, then=Value(True)), default=Value(False))


# What is asked of each lead. What is stale depends on after how many months.
_FLAGS = [
    (rule, months) for rule in RULES.values() for months in (SILENCES if rule.group == STALE else (MONTHS,))
]


@lru_cache(maxsize=4096)
def _marks(flags: tuple[bool, ...]) -> tuple[str, ...]:
    """Most leads are like many others."""
    here = [asked for asked, is_found in zip(_FLAGS, flags, strict=True) if is_found]
    return marks.of(
        {
            months: {rule.code for rule, after in here if rule.group != STALE or after == months}
            for months in SILENCES
        }
    )
