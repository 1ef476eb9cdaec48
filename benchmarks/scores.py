"""P6, P7: the stored number against the sum of the events themselves, and how long it takes to make them all anew."""

from __future__ import annotations

import itertools
import random
import statistics
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from benchmarks.filling import run
from benchmarks.measuring import REPEATS, Figure, Goal, seconds
from benchmarks.sizes import Sizes
from crm.models import User
from leads.events import recording
from leads.events.recording import Behaviour
from leads.models import BehaviourEvent, Lead, ScoringModel
from leads.scoring import explaining, recounting, versions
from leads.scoring.worth import Worth, worth_under

P6 = Goal(
    "P6",
    "largest relative error of the stored score, events of 10 years, any date",
    1e-9,
    1e-12,
    more_is_better=False,
)
P7 = Goal(
    "P7",
    "a version with other points for what few did takes force ÷ one float8 sum per lead of all events' points",
    2.0,
    1.25,
    more_is_better=False,
)
P7_ALL = Goal("P7", "the same with other points for what nearly all did", 2.0, 1.25, more_is_better=False)
RARE, USUAL = "demo_request", "page_view"
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


def anew(sizes: Sizes, at: datetime) -> Iterator[Figure]:
    """Versions in turn, each with other points for one kind: of one that few leads did, and of the most usual."""
    for size in sizes.each():
        with transaction.atomic():
            versions.rescore(versions.active())  # the company was grown without asking the limits
        for goal, kind in ((P7, RARE), (P7_ALL, USUAL)):
            yield _anew(goal, kind, size, at)


def _anew(goal: Goal, kind: str, size: str, at: datetime) -> Figure:
    marketer, other = User.objects.get(username="marketer"), itertools.cycle((3.0, 4.0))

    def draft() -> ScoringModel:
        made = versions.draft_from(versions.active(), by=marketer, at=at)
        made.behaviour_rules.filter(kind=kind).update(points=next(other))
        return made

    versions.activate(draft(), by=marketer, at=at)
    rules, taken = versions.in_force(), []
    decay, worth = rules.decay, worth_under(rules)
    plainly = {"rate": decay.rate, "seconds": decay.period.total_seconds(), "epoch": decay.epoch}
    for _ in range(REPEATS):
        waiting = draft()
        run("VACUUM leads_leadscore")  # versions take force months apart
        taken.append([
            seconds(lambda: versions.activate(waiting, by=marketer, at=at)),  # noqa: B023
            seconds(lambda: _aggregate(worth, _PLAINLY, plainly)),
            seconds(lambda: _aggregate(worth, recounting.WEIGHT, recounting.weighing(decay))),
        ])  # fmt: skip
    product, plain, weighed = map(statistics.median, zip(*taken, strict=True))
    count, leads = BehaviourEvent.objects.count(), Lead.objects.count()
    changed = BehaviourEvent.objects.filter(kind=kind, beyond="").values("lead").distinct().count()
    return Figure(goal, size, product / plain, {
        "events": f"{count:,}", "scores that change": f"{changed / leads:.0%}",
        "re-score": f"{product:.2f} s, {count / product:,.0f} events/s", "aggregate": f"{plain:.2f} s",
        "aggregate by the formula of ours": f"{weighed:.2f} s",
    })  # fmt: skip


# Decay as one writes it down: a share of the points for each period between the event and the epoch.
_PLAINLY = """
    power(%(rate)s::float8,
          extract(epoch FROM %(epoch)s::timestamptz - event.occurred_at)::float8 / %(seconds)s::float8)
"""


def _aggregate(worth: Worth, weight: str, params: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(total) FROM (SELECT sum({worth.points} * {weight}) AS total"
            f" FROM leads_behaviourevent event {worth.beside} GROUP BY lead_id) sums",
            worth.params | params,
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
