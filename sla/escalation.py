"""Telling people before and after a deadline, each level once.

The sweep is one range scan on `escalate_at`. It only notifies: who was in time follows from the
facts, so a late, doubled or dead sweep changes how soon people hear, never what is true.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from crm import ledger
from crm.bulk import insert_missing
from sla import handoffs, ladder, notices
from sla.handoffs import door
from sla.models import Escalation, Handoff

BATCH = 500


@dataclass(slots=True)
class Swept:
    """What one sweep did."""

    raised: int = 0
    expired: int = 0


@dataclass(frozen=True, slots=True)
class Reached:
    """A handoff has come to a rung of its ladder: the level and the true moment."""

    handoff: Handoff
    level: str
    due: datetime

    @property
    def clock(self) -> str:
        return ladder.clock_of(self.level)

    @property
    def percent(self) -> int:
        return ladder.percent_of(self.level)

    @property
    def kind(self) -> str:
        """What the ledger calls it: a warning before the deadline, the breach, an escalation after it."""
        if self.percent == ladder.BREACH:
            return "handoff.breach"
        return "handoff.warning" if self.percent < ladder.BREACH else "handoff.escalated"

    @property
    def tells(self) -> list[str]:
        """Who hears of it, as the frozen terms say."""
        steps = self.handoff.terms.body["steps"]
        return next(
            (s["tells"] for s in steps if (s["clock"], s["percent"]) == (self.clock, self.percent)), []
        )


def sweep(*, at: datetime, batch: int = BATCH) -> Swept:
    """Raise every level that is due, end pauses that lasted too long, and expire what nobody answered."""
    total = Swept()
    while True:
        done = _sweep_batch(at, batch)
        total.raised += done.raised
        total.expired += done.expired
        if done.seen < batch:
            return total


@dataclass(slots=True)
class _Batch(Swept):
    seen: int = 0


def _sweep_batch(at: datetime, batch: int) -> _Batch:
    with transaction.atomic():
        due = Handoff.objects.filter(escalate_at__lte=at).order_by("escalate_at", "pk")
        due = due.select_for_update(skip_locked=True, no_key=True)
        ids = list(due.values_list("pk", flat=True)[:batch])
        if not ids:
            return _Batch()
        people = Handoff.objects.select_related("contact", "assignee", "team", "terms")
        rows = list(people.filter(pk__in=ids).order_by("pk"))
        handoffs.end_overdue(rows, at=at)
        raised = _raise([found for row in rows for found in reached(row, at)], at)
        expired = handoffs.expire(rows, at=at)
        gone = {row.pk for row in expired}
        _look_again([row for row in rows if row.pk not in gone], at)
    return _Batch(raised=raised, expired=len(expired), seen=len(rows))


def reached(row: Handoff, at: datetime) -> list[Reached]:
    """The levels a handoff has come to, each with the true moment."""
    rungs = ladder.reached(row.rungs, door.running_clocks(row), at)
    return [Reached(row, level, due) for level, due in rungs]


def _raise(found: Iterable[Reached], at: datetime) -> int:
    """Insert what was not raised before; only that is recorded and told."""
    by_key = {(each.handoff.pk, each.level): each for each in found}
    rows = [
        Escalation(handoff=each.handoff, level=each.level, due_at=each.due, raised_at=at)
        for each in by_key.values()
    ]
    fresh = insert_missing(
        rows, fields=("handoff", "level", "due_at", "raised_at"), returning=("handoff", "level")
    )
    told = [by_key[key] for key in fresh]
    ledger.record([_fact(each) for each in told])
    notices.escalated(told)
    return len(told)


def _fact(each: Reached) -> ledger.Fact:
    data = {"assignee": each.handoff.assignee_id, "clock": each.clock, "percent": each.percent}
    return door.fact(each.kind, each.handoff, None, each.due, data=data)


def _look_again(rows: list[Handoff], at: datetime) -> None:
    for row in rows:
        door.look_again(row, after=at)
        door.judge(row, at)
    fields = ["escalate_at", "responded_in_time", "accepted_in_time", "feedback_in_time"]
    Handoff.objects.bulk_update(rows, fields, batch_size=500)
