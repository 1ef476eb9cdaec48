"""Telling people before and after a deadline, each level once.

The sweep is one range scan on `escalate_at`. It only notifies: who was in time follows from the
facts, so a late, doubled or dead sweep changes how soon people hear, never what is true.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from crm import ledger
from crm.bulk import insert_missing
from sla import handoffs, notices, verdicts
from sla.models import Escalation, Handoff, Level, Status

BATCH = 500


@dataclass(slots=True)
class Swept:
    """What one sweep did."""

    raised: int = 0
    expired: int = 0


def sweep(*, at: datetime, batch: int = BATCH) -> Swept:
    """Raise every level that is due and expire what nobody answered, until nothing is left."""
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
        raised = _raise([found for row in rows for found in due_levels(row, at)], at)
        expired = handoffs.expire(rows, at=at)
        gone = {row.pk for row in expired}
        _look_again([row for row in rows if row.pk not in gone], at)
    return _Batch(raised=raised, expired=len(expired), seen=len(rows))


def due_levels(row: Handoff, at: datetime) -> list[tuple[Handoff, str, datetime]]:
    """The levels a handoff has reached, with the true moment each was reached."""
    if not row.is_running:
        return []
    reached = []
    if row.first_contact_at is None:
        reached = [(row, Level.WARNING, row.warn_at), (row, Level.BREACH, row.respond_by)]
    if row.status != Status.OPEN:
        reached.append((row, Level.FEEDBACK, row.feedback_by))
    return [found for found in reached if found[2] <= at]


def _raise(found: Iterable[tuple[Handoff, str, datetime]], at: datetime) -> int:
    """Insert what was not raised before; only that is recorded and told."""
    by_key = {(row.pk, str(level)): (row, level, due) for row, level, due in found}
    rows = [
        Escalation(handoff=row, level=level, due_at=due, raised_at=at) for row, level, due in by_key.values()
    ]
    fresh = insert_missing(
        rows, fields=("handoff", "level", "due_at", "raised_at"), returning=("handoff", "level")
    )
    told = [by_key[key] for key in fresh]
    ledger.record([_fact(row, level, due) for row, level, due in told])
    notices.escalated(told)
    return len(told)


def _fact(row: Handoff, level: str, due: datetime) -> ledger.Fact:
    return ledger.Fact(
        kind=f"handoff.{level}",
        subject=("handoff", row.pk),
        at=due,
        account_id=row.account_id,
        contact_id=row.contact_id,
        data={"assignee": row.assignee_id},
    )


def _look_again(rows: Sequence[Handoff], at: datetime) -> None:
    for row in rows:
        row.escalate_at = _next_look(row, at)
        row.responded_in_time = verdicts.responded_in_time(
            first_contact_at=row.first_contact_at, respond_by=row.respond_by, decided_at=row.decided_at, at=at
        )
        row.feedback_in_time = verdicts.feedback_in_time(
            decided_at=row.decided_at, feedback_by=row.feedback_by, at=at
        )
    Handoff.objects.bulk_update(
        rows, ["escalate_at", "responded_in_time", "feedback_in_time"], batch_size=500
    )


def _next_look(row: Handoff, at: datetime) -> datetime | None:
    """The next moment something will be due, or nothing more."""
    moments = [row.feedback_by] if row.status != Status.OPEN else []
    if row.first_contact_at is None:
        moments += [row.warn_at, row.respond_by]
        moments += [row.expires_at] if row.status == Status.OPEN else []
    return min((moment for moment in moments if moment > at), default=None)
