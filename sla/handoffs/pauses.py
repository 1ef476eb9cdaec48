"""The clocks of a handoff stand still for a reason, and run on: pause, resume, and the arithmetic between."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from crm import ledger
from crm.models import Role, User
from crm.states import Refused
from sla import clock, offering
from sla.handoffs import door
from sla.models import Handoff, Pause
from sla.work_calendar import WorkCalendar

_MOVED = ("warn_at", "respond_by", "accept_by", "expires_at", "feedback_by")


def pause(handoff: Handoff, *, reason: str, by: User, at: datetime) -> Handoff:
    """Stop the clocks of a running handoff: the customer asked for a later call, say.

    A rep may do so as often as the agreement allows, a manager always. It ends with an answer, by `resume`, or by
    itself after the agreement's longest pause.
    """
    if not reason.strip():
        raise Refused(_("Say why the clock should stand still."), field="reason", code="required")
    with transaction.atomic():
        row = door.lock_own(handoff.pk, by=by)
        door.check_running(row, wanted=_("paused"))
        if row.pauses.filter(ends_at=None).exists():
            return row
        _insist_on_allowance(row, by)
        until = at + timedelta(days=row.terms.body["pause_days"])
        Pause.objects.create(handoff=row, reason=reason.strip()[:200], starts_at=at, until=until, by=by)
        row.escalate_at = until
        door.save(row, "escalate_at")
        data = {"until": until.isoformat()}
        ledger.record([door.fact("handoff.paused", row, by, at, reason=reason.strip(), data=data)])
    return row


def _insist_on_allowance(row: Handoff, by: User) -> None:
    if by.role in (Role.MANAGER, Role.ADMIN):
        return
    allowed = row.terms.body["max_pauses"]
    if row.pauses.count() >= allowed:
        raise Refused(
            _("The agreement allows %(count)d pauses of one handoff. Ask your manager for another.")
            % {"count": allowed},
            code="conflict",
        )


def resume(handoff: Handoff, *, by: User, at: datetime) -> Handoff:
    """Let the clocks run on; every due time still ahead moves by the working time that was paused."""
    with transaction.atomic():
        row = door.lock_own(handoff.pk, by=by)
        end_open(row, at=at, by=by)
        door.look_again(row)
        door.save(row, "escalate_at")
    return row


def end_overdue(rows: Iterable[Handoff], *, at: datetime) -> None:
    """End pauses that have lasted as long as they may. `rows` are locked by the caller."""
    by_pk = {row.pk: row for row in rows}
    for held in Pause.objects.filter(handoff__in=by_pk, ends_at=None, until__lte=at).order_by("pk"):
        row = by_pk[held.handoff_id]
        _end(row, held, at=held.until, by=None)


def end_open(row: Handoff, *, at: datetime, by: User | None = None) -> None:
    """End the pause of a locked handoff, if one runs."""
    if held := row.pauses.filter(ends_at=None).first():
        _end(row, held, at=max(held.starts_at, min(at, held.until)), by=by)


def _end(row: Handoff, held: Pause, *, at: datetime, by: User | None) -> None:
    held.ends_at = at
    held.save(update_fields=["ends_at"])
    _shift(row, held)
    door.save(row, *_MOVED, "schedule")
    data = {"respond_by": row.respond_by.isoformat(), "feedback_by": row.feedback_by.isoformat()}
    ledger.record([door.fact("handoff.resumed", row, by, at, data=data)])


def _shift(row: Handoff, held: Pause) -> None:
    """Move what was still ahead when the pause began."""
    assert held.ends_at
    calendar = WorkCalendar.from_snapshot(row.terms.body["calendar"])
    due = offering.put_off(offering.due_times_of(row), calendar, begins=held.starts_at, ends=held.ends_at)
    for name, value in offering.dues_of(due).items():
        setattr(row, name, value)


def repeat(row: Handoff) -> None:
    """Move due times that were computed anew by the pauses so far."""
    for held in row.pauses.exclude(ends_at=None).order_by("starts_at"):
        _shift(row, held)


def working_hours(row: Handoff, *, until: datetime) -> float:
    """Working time from the offer to a moment, in hours, pauses left out: how fast sales was."""
    calendar = WorkCalendar.from_snapshot(row.terms.body["calendar"])
    held = [(one.starts_at, one.ends_at) for one in row.pauses.all()]
    return clock.elapsed(calendar, row.offered_at, until, pauses=held) / timedelta(hours=1)
