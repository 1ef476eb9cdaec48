"""Handoffs that end without an answer of sales: withdrawn by marketing, or expired."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from crm import access, ledger
from crm.models import Role, User
from leads import lifecycle
from leads.models import Lead, Stage
from sla.handoffs import door, pauses
from sla.models import ACTIVE, Handoff, Status


def withdraw(handoff: Handoff, *, by: User, at: datetime, note: str = "") -> Handoff:
    """Marketing takes a handoff back; the lead returns to nurture."""
    access.require_role(by, Role.MARKETER, Role.MANAGER)
    with transaction.atomic():
        row = door.lock(handoff.pk)
        if row.status == Status.WITHDRAWN:
            return row
        pauses.end_open(row, at=at)
        came_from = door.decide(row, Status.WITHDRAWN, by=by, at=at)
        _back_to_nurture(row, by=by, at=at, note=note)
        ledger.record([door.moved(row, came_from, by=by, at=at, reason=note)])
    return row


def _back_to_nurture(row: Handoff, *, by: User, at: datetime, note: str) -> None:
    """A lead sales had taken on is recycled; one it had not goes on as if it had never been offered."""
    if Lead.objects.get(pk=row.lead_id).stage == Stage.MQL:
        lifecycle.nurture([row.lead_id], by=by, at=at, reason=note)
    else:
        lifecycle.recycle([row.lead_id], by=by, at=at, reason=note or "withdrawn")


def close_after(leads: Sequence[int], *, at: datetime) -> list[Handoff]:
    """Marketing took these leads away from sales: what still runs for them is withdrawn."""
    running = Handoff.objects.running().filter(lead__in=leads).order_by("pk").values_list("pk", flat=True)
    with transaction.atomic():
        rows = [row for row in map(door.lock, running) if row.status in ACTIVE]
        return _end(rows, Status.WITHDRAWN, at=at)


def expire(rows: Iterable[Handoff], *, at: datetime) -> list[Handoff]:
    """End handoffs nobody answered. `rows` are locked by the caller, in the order of their keys."""
    return _end([row for row in rows if row.is_unanswered and row.expires_at <= at], Status.EXPIRED, at=at)


def _end(rows: list[Handoff], to: Status, *, at: datetime) -> list[Handoff]:
    for row in rows:
        pauses.end_open(row, at=at)
    ledger.record([door.moved(row, door.decide(row, to, by=None, at=at), by=None, at=at) for row in rows])
    return rows
