"""P6: the stored number against the sum of the events themselves."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from benchmarks.measuring import Figure, Goal
from benchmarks.sizes import Sizes
from leads.events import recording
from leads.events.recording import Behaviour
from leads.models import Lead
from leads.scoring import explaining, versions

P6 = Goal(
    "P6",
    "largest relative error of the stored score, events of 10 years, any date",
    1e-9,
    1e-12,
    more_is_better=False,
)
YEARS = timedelta(days=3652)
PEOPLE = 50
EVENTS_EACH = 40
DATES = 20


def exact(sizes: Sizes, at: datetime) -> Iterator[Figure]:
    for size in sizes.each():
        leads = list(
            Lead.objects.filter(score__isnull=False).order_by("-pk").values_list("pk", flat=True)[:PEOPLE]
        )
        for batch in _history(leads, at):
            recording.record(batch, by=None, at=at)
        chance = random.Random("dates")
        dates = [at + YEARS * chance.random() for _ in range(DATES)]
        rows = Lead.objects.filter(pk__in=leads).select_related("contact", "account", "score")
        decay = versions.in_force().decay
        errors = [
            _error(decay.score_at(row.score.rank, day), _summed(row, day)) for row in rows for day in dates
        ]
        yield Figure(
            P6, size, max(errors), {"compared": f"{len(errors)} scores of {PEOPLE * EVENTS_EACH} events"}
        )


def _history(leads: list[int], at: datetime) -> Iterator[list[Behaviour]]:
    """Events of ten years, told in small batches and in no order."""
    chance = random.Random("history")
    for part in range(10):
        yield [
            Behaviour("history", f"{lead}-{part}-{number}", chance.choice(["webinar", "download", "page_view"]),
                      at - YEARS * chance.random(), lead=lead)
            for lead in leads for number in range(EVENTS_EACH // 10)
        ]  # fmt: skip


def _summed(lead: Lead, day: datetime) -> float:
    return explaining.explain(lead, now=day).why.total


def _error(stored: float, summed: float) -> float:
    return abs(stored - summed) / summed if summed else abs(stored)
