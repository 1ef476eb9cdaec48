"""P11, P17: the clock's sweep, and who gets what."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import connection, transaction

from benchmarks import databases, seeding
from benchmarks.measuring import REPEATS, Figure, Goal, interleaved, seconds, told
from benchmarks.sizes import Sizes
from leads.models import Lead, Stage
from sla import escalation, handoffs
from sla.models import Handoff

P11_IDLE = Goal("P11", "sweep with nothing due ÷ look-up by primary key", 3, 1.5, more_is_better=False)
P11_CLAIM = Goal("P11", "sweep that finds 1 000 due, largest ÷ smallest", 1.5, 1.2, more_is_better=False)
P17 = Goal("P17", "handoffs assigned per second among 80 reps", 1_000, 5_000)
DUE = 1_000
LOOKS = 50


def sweep(sizes: Sizes, at: datetime) -> Iterator[Figure]:
    long_ago = at - timedelta(days=3650)
    for size in sizes.each():
        some = Handoff.objects.values_list("pk", flat=True)[0]
        idle, lookup = interleaved(
            lambda: [escalation.sweep(at=long_ago) for _ in range(LOOKS)],
            lambda some=some: [_look_up(some) for _ in range(LOOKS)],
        )
        yield Figure(
            P11_IDLE, size, idle / lookup, {"sweep": told(idle / LOOKS), "look-up": told(lookup / LOOKS)}
        )
    small, large = sizes.pair()
    pairs = [[_claim(name) for name in (small, large)] for _ in range(REPEATS)]
    few, many = (statistics.median(column) for column in zip(*pairs, strict=True))
    yield Figure(P11_CLAIM, sizes.compared(), many / few, {"smallest": told(few), "largest": told(many)})


def _look_up(pk: int) -> None:
    """What the sweep does at the least: a transaction around one query."""
    with transaction.atomic():
        Handoff.objects.get(pk=pk)


def _claim(database: str) -> float:
    """Sweep when exactly the thousand most urgent are due; afterwards nothing has happened."""
    databases.use(database)
    due_at = Handoff.objects.filter(escalate_at__isnull=False).order_by("escalate_at", "pk")
    _warm()
    with transaction.atomic():
        urgent = list(due_at.values_list("pk", flat=True)[:DUE])
        moment = Handoff.objects.filter(pk__in=urgent).earliest("escalate_at").escalate_at
        assert moment
        assert len(urgent) == DUE, "seed more running handoffs"
        Handoff.objects.filter(pk__in=urgent).update(escalate_at=moment - timedelta(days=365))
        at = moment - timedelta(days=364)
        taken = seconds(lambda: escalation.sweep(at=at))
        transaction.set_rollback(True)
    return taken


def _warm() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM sla_handoff")


def assign(sizes: Sizes, at: datetime) -> Iterator[Figure]:
    for size in sizes.each():
        rate = statistics.median(_assigned_per_second(at) for _ in range(REPEATS))
        yield Figure(P17, size, rate)


def _assigned_per_second(at: datetime) -> float:
    with transaction.atomic():
        free = Lead.objects.filter(stage=Stage.NURTURING).order_by("pk").values_list("pk", flat=True)
        ids = list(free[:DUE])
        seeding.make_qualified(ids, at=at)
        taken = seconds(lambda: handoffs.offer(ids, by=None, at=at))
        transaction.set_rollback(True)
    return len(ids) / taken
