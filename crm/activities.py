"""Deeds with a contact: log what was done, plan and finish the next step."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from crm import ledger
from crm.models import Activity, Contact, Direction, FollowUp, Outcome, User
from crm.states import Refused

# Clocks of telephones and mail servers drift; further ahead than this is a mistake.
TOLERATED_DRIFT = timedelta(minutes=5)


def log(
    contact: Contact,
    *,
    channel: str,
    outcome: str = Outcome.NONE,
    direction: str = Direction.OUTBOUND,
    note: str = "",
    occurred_at: datetime | None = None,
    external_id: str = "",
    by: User | None,
    at: datetime,
) -> Activity:
    """Record one activity. Sent again with the same external id, it is the same activity."""
    occurred_at = occurred_at or at
    if occurred_at > at + TOLERATED_DRIFT:
        raise Refused(
            _("This is in the future. Enter when it happened, or plan a follow-up instead."),
            field="occurred_at",
        )
    with transaction.atomic():
        known = Activity.objects.filter(external_id=external_id).first() if external_id else None
        if known:
            return known
        activity = Activity.objects.create(
            contact=contact,
            account_id=contact.account_id,
            channel=channel,
            direction=direction,
            outcome=outcome,
            note=note,
            occurred_at=min(occurred_at, at),
            external_id=external_id,
            by=by,
        )
        ledger.record([_fact("activity.logged", activity, activity.occurred_at)])
    return activity


def bounced(activity: Activity, *, at: datetime) -> Activity:
    """A mail that was sent did not arrive: it is evidence of nothing any more. Telling it twice is harmless."""
    with transaction.atomic():
        if (
            Activity.objects.filter(pk=activity.pk)
            .exclude(outcome=Outcome.BOUNCED)
            .update(outcome=Outcome.BOUNCED)
        ):
            activity.refresh_from_db()
            ledger.record([_fact("activity.bounced", activity, at)])
    return activity


def _fact(kind: str, activity: Activity, at: datetime) -> ledger.Fact:
    data = {
        "channel": activity.channel,
        "direction": activity.direction,
        "outcome": activity.outcome,
        "note": activity.note,
    }
    return ledger.Fact(
        kind=kind,
        subject=("activity", activity.pk),
        at=at,
        actor=activity.by,
        account_id=activity.account_id,
        contact_id=activity.contact_id,
        data=data,
    )


def plan(contact: Contact, *, note: str, due_at: datetime, by: User, at: datetime) -> FollowUp:
    """Promise a next step for a moment ahead."""
    if due_at < at:
        raise Refused(_("The day of a next step lies ahead. Choose a later one."), field="due_at")
    with transaction.atomic():
        step = FollowUp.objects.create(contact=contact, owner=by, note=note, due_at=due_at)
        ledger.record([_step_fact("followup.planned", step, by, at)])
    return step


def finish(step: FollowUp, *, by: User, at: datetime) -> FollowUp:
    """Tick a next step off; doing it twice is harmless."""
    with transaction.atomic():
        if FollowUp.objects.filter(pk=step.pk, done_at=None).update(done_at=at):
            ledger.record([_step_fact("followup.done", step, by, at)])
    step.refresh_from_db()
    return step


def _step_fact(kind: str, step: FollowUp, by: User, at: datetime) -> ledger.Fact:
    return ledger.Fact(
        kind=kind,
        subject=("followup", step.pk),
        at=at,
        actor=by,
        account_id=step.contact.account_id,
        contact_id=step.contact_id,
        data={"note": step.note, "due_at": step.due_at.isoformat()},
    )
