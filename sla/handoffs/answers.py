"""Sales answers a handoff: a contact stops the clock, then accept, reject with a reason, or convert."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from crm import activities, ledger
from crm.models import Activity, Direction, User
from deals import pipeline
from leads import lifecycle
from sla import evidence, feedback
from sla.handoffs import bant, door, pauses
from sla.models import ACTIVE, Handoff, Status


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
    found: Mapping[str, str] | None = None,
) -> Handoff:
    """Log a contact or an attempt; one that counts under the terms stops the response clock.

    `found` is what was found out about budget, authority, need and timing (see `sla.handoffs.bant`).
    """
    with transaction.atomic():
        row = door.lock_own(handoff.pk, by=by)
        door.check_running(row, wanted=str(Status.CONTACTED.label))
        activities.log(
            row.contact,
            channel=channel,
            outcome=outcome,
            note=note,
            occurred_at=occurred_at,
            external_id=external_id,
            by=by,
            at=at,
        )
        bant.note(row, found or {}, by=by, at=at)
        weigh(row, at=at)
    return row


def credit(activity_ids: Sequence[int], *, at: datetime) -> None:
    """Let activities logged anywhere (a page, the API, an import) answer the running handoffs of their people."""
    people = Activity.objects.filter(pk__in=activity_ids, direction=Direction.OUTBOUND).values("contact")
    running = Handoff.objects.running().filter(contact__in=people).order_by("pk")
    for pk in running.values_list("pk", flat=True):
        with transaction.atomic():
            weigh(door.lock(pk), at=at)


def weigh(row: Handoff, *, at: datetime) -> None:
    """Read the evidence on a locked handoff anew: the earliest deed that answers is the first contact.

    One that turns out to have bounced answers no more; then the clock runs on as if it had never been.
    """
    if row.status not in ACTIVE:
        return
    deeds = Activity.objects.outbound().filter(contact=row.contact_id, occurred_at__gte=row.offered_at)
    answer = evidence.answer(deeds.order_by("occurred_at", "pk"), row.terms.body, since=row.offered_at)
    if answer is None:
        _reopen(row, at=at)
    elif answer.pk != row.answered_with_id:
        _stop_clock(row, answer, at=at)


_ANSWERED = (
    "first_contact_at", "answered_with", "response_hours", "status", "responded_in_time", "accepted_in_time",
    "feedback_in_time", "escalate_at",
)  # fmt: skip


def _stop_clock(row: Handoff, answer: Activity, *, at: datetime) -> None:
    came_from, is_first = row.status, row.first_contact_at is None
    pauses.end_open(row, at=at)
    row.first_contact_at, row.answered_with = answer.occurred_at, answer
    row.response_hours = pauses.working_hours(row, until=answer.occurred_at)
    if row.status == Status.OPEN:
        door.move(row, Status.CONTACTED)
    door.judge(row, at)
    door.look_again(row)
    door.save(row, *_ANSWERED)
    if is_first:
        data = {"channel": answer.channel, "outcome": answer.outcome, "in_time": row.responded_in_time}
        states = {"from_state": came_from, "to_state": row.status} if came_from != row.status else {}
        ledger.record(
            [door.fact("handoff.contacted", row, answer.by, answer.occurred_at, data=data, **states)]
        )


def _reopen(row: Handoff, *, at: datetime) -> None:
    """What had answered turned out not to have arrived."""
    if row.first_contact_at is None:
        return
    came_from = row.status
    row.first_contact_at = row.answered_with = row.response_hours = None
    if row.status == Status.CONTACTED:
        door.move(row, Status.OPEN)
    door.judge(row, at)
    door.look_again(row)
    door.save(row, *_ANSWERED)
    states = {"from_state": came_from, "to_state": row.status} if came_from != row.status else {}
    ledger.record([door.fact("handoff.reopened", row, None, at, **states)])


_ACCEPTED = (
    "status", "accepted_at", "accepted_by", "assignee", "team", "responded_in_time", "accepted_in_time",
    "feedback_in_time", "escalate_at",
)  # fmt: skip


def accept(handoff: Handoff, *, by: User, at: datetime) -> Handoff:
    """Sales takes the lead on (SAL). It may come before the first contact; the clock runs on until then."""
    with transaction.atomic():
        row = door.lock_own(handoff.pk, by=by)
        if row.status == Status.ACCEPTED and row.accepted_by_id == by.pk:
            return row
        came_from = door.move(row, Status.ACCEPTED)
        pauses.end_open(row, at=at)
        if row.assignee_id is None:
            door.assign(row, by)
        row.accepted_at, row.accepted_by = at, by
        door.judge(row, at)
        door.look_again(row)
        door.save(row, *_ACCEPTED)
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
        pauses.end_open(row, at=at)
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


def convert(
    handoff: Handoff,
    opportunity: Opportunity,
    *,
    by: User,
    at: datetime,
    found: Mapping[str, str] | None = None,
) -> Handoff:
    """The need is confirmed: the lead becomes an SQL and a deal is opened.

    What the agreement asks for before (budget, authority, need, timing) has to be known; `found` adds to it.
    """
    with transaction.atomic():
        row = door.lock_own(handoff.pk, by=by)
        if row.status == Status.CONVERTED and row.decided_by_id == by.pk:
            return row
        door.check(row, Status.CONVERTED)
        bant.note(row, found or {}, by=by, at=at)
        bant.insist(row)
        pauses.end_open(row, at=at)
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
