"""Sales answers a handoff: a contact stops the clock, then accept, reject with a reason, or convert."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from crm import activities, ledger
from crm.models import Activity, Channel, Direction, Outcome, User
from deals import pipeline
from leads import lifecycle
from sla import feedback
from sla.handoffs import door
from sla.models import ACTIVE, Handoff, ResponseCounts, Status

# What an outbound attempt may have come to and still count as having tried.
ATTEMPTS = (Outcome.REACHED, Outcome.NO_ANSWER, Outcome.LEFT_MESSAGE)


def contact(
    handoff: Handoff,
    *,
    channel: str,
    outcome: str,
    by: User,
    at: datetime,
    occurred_at: datetime | None = None,
    note: str = "",
    external_id: str = "",
) -> Handoff:
    """Log a contact or an attempt; one that counts under the terms stops the response clock."""
    with transaction.atomic():
        row = door.lock_own(handoff.pk, by=by)
        door.check_running(row, wanted=str(Status.CONTACTED.label))
        activity = activities.log(
            row.contact,
            channel=channel,
            outcome=outcome,
            note=note,
            occurred_at=occurred_at,
            external_id=external_id,
            by=by,
            at=at,
        )
        _credit(row, activity, at=at)
    return row


def credit(activity_ids: Sequence[int], *, at: datetime) -> None:
    """Let activities logged anywhere (a page, the API, an import) answer the running handoffs of their people."""
    evidence = Activity.objects.filter(pk__in=activity_ids, direction=Direction.OUTBOUND)
    for activity in evidence.order_by("occurred_at", "pk"):
        with transaction.atomic():
            running = Handoff.objects.running().filter(contact=activity.contact_id).order_by("pk")
            for pk in running.values_list("pk", flat=True):
                _credit(door.lock(pk), activity, at=at)


def is_response(activity: Activity, counts: str) -> bool:
    """Whether an activity answers a handoff: outbound, to the person, and as the terms ask."""
    if activity.direction != Direction.OUTBOUND or activity.channel == Channel.NOTE:
        return False
    reached = activity.outcome == Outcome.REACHED
    return reached if counts == ResponseCounts.REACHED else activity.outcome in ATTEMPTS


def _credit(row: Handoff, activity: Activity, *, at: datetime) -> None:
    if not _answers(row, activity):
        return
    came_from, is_first = row.status, row.first_contact_at is None
    row.first_contact_at, row.answered_with = activity.occurred_at, activity
    if row.status == Status.OPEN:
        door.move(row, Status.CONTACTED)
    door.judge(row, at)
    row.escalate_at = row.feedback_by
    door.save(row, "first_contact_at", "answered_with", "status", "responded_in_time", "escalate_at")
    if is_first:
        data = {"channel": activity.channel, "outcome": activity.outcome, "in_time": row.responded_in_time}
        states = {"from_state": came_from, "to_state": row.status} if came_from != row.status else {}
        ledger.record(
            [door.fact("handoff.contacted", row, activity.by, activity.occurred_at, data=data, **states)]
        )


def _answers(row: Handoff, activity: Activity) -> bool:
    """Whether it counts for this handoff, and happened before what answered it so far."""
    if row.status not in ACTIVE or not is_response(activity, row.terms.body["response_counts"]):
        return False
    is_earlier = row.first_contact_at is None or activity.occurred_at < row.first_contact_at
    return is_earlier and activity.occurred_at >= row.offered_at


def accept(handoff: Handoff, *, by: User, at: datetime) -> Handoff:
    """Sales takes the lead on (SAL). It may come before the first contact; the clock runs on until then."""
    with transaction.atomic():
        row = door.lock_own(handoff.pk, by=by)
        if row.status == Status.ACCEPTED and row.accepted_by_id == by.pk:
            return row
        came_from = door.move(row, Status.ACCEPTED)
        if row.assignee_id is None:
            door.assign(row, by)
        row.accepted_at, row.accepted_by = at, by
        door.save(row, "status", "accepted_at", "accepted_by", "assignee", "team")
        lifecycle.accept([row.lead_id], by=by, at=at)
        feedback.accepted(row, by=by, at=at)
        ledger.record([door.moved(row, came_from, by=by, at=at)])
    return row


def reject(
    handoff: Handoff,
    *,
    reason: str,
    by: User,
    at: datetime,
    comment: str = "",
    not_before: date | None = None,
) -> Handoff:
    """Sales gives the lead back with a reason; the frozen rule of the reason decides what follows."""
    with transaction.atomic():
        row = door.lock_own(handoff.pk, by=by)
        if row.status == Status.REJECTED and row.decided_by_id == by.pk:
            return row
        door.check(row, Status.REJECTED)
        verdict = feedback.refusal(row, reason=reason, comment=comment, not_before=not_before, at=at)
        if row.assignee_id is None:
            door.assign(row, by)
        came_from = door.decide(row, Status.REJECTED, by=by, at=at)
        feedback.rejected(row, verdict, by=by, at=at)
        data = {"disposition": verdict.disposition, "comment": comment}
        ledger.record([door.moved(row, came_from, by=by, at=at, reason=reason, data=data)])
    return row


@dataclass(frozen=True, slots=True)
class Opportunity:
    """What a converted handoff opens as a deal."""

    name: str
    amount: Decimal | None = None
    currency: str = "JPY"
    expected_close_on: date | None = None
    external_id: str = ""


def convert(handoff: Handoff, opportunity: Opportunity, *, by: User, at: datetime) -> Handoff:
    """The need is confirmed: the lead becomes an SQL and a deal is opened."""
    with transaction.atomic():
        row = door.lock_own(handoff.pk, by=by)
        if row.status == Status.CONVERTED and row.decided_by_id == by.pk:
            return row
        door.check(row, Status.CONVERTED)
        if row.accepted_at is None:
            row.accepted_at, row.accepted_by = at, by
            feedback.accepted(row, by=by, at=at)
        lifecycle.confirm([row.lead_id], by=by, at=at)
        row.deal = pipeline.open_deals([_opening(row, opportunity)], by=by, at=at)[0]
        came_from = door.decide(row, Status.CONVERTED, by=by, at=at)
        ledger.record([door.moved(row, came_from, by=by, at=at, data={"deal": row.deal.pk})])
    return row


def _opening(row: Handoff, opportunity: Opportunity) -> pipeline.Opening:
    assert row.assignee
    return pipeline.Opening(
        name=opportunity.name,
        owner=row.assignee,
        amount=opportunity.amount,
        currency=opportunity.currency,
        expected_close_on=opportunity.expected_close_on,
        lead=row.lead,
        contact=row.contact,
        account_id=row.account_id,
        external_id=opportunity.external_id,
    )
