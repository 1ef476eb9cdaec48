"""The only writer of a handoff's status: offer, contact, accept, reject, convert, and the rest.

Every deed locks the handoff, checks the state again, and writes row, feedback, ledger and outbox in
one transaction. Locks are taken in the order handoff, lead, deal. Doing the same deed again as the
same person changes nothing; a deed from the wrong state raises `UnableToMove`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm import access, activities, ledger
from crm.bulk import insert_missing
from crm.models import Activity, Channel, Direction, Outcome, Role, User
from crm.states import Refused, UnableToMove
from deals import pipeline
from deals.models import Deal, DealOutcome
from leads import lifecycle
from leads.models import Lead, Stage
from sla import feedback, offering, routing, verdicts
from sla.models import ACTIVE, MOVES, Agreement, Handoff, ResponseCounts, Status

# What an outbound attempt may have come to and still count as having tried.
ATTEMPTS = (Outcome.REACHED, Outcome.NO_ANSWER, Outcome.LEFT_MESSAGE)
_INSERTED = (
    "lead", "contact", "account", "agreement", "terms", "assignee", "team", "status", "round", "note",
    "score_at_handoff", "grade", "brief", "routed", "offered_at", "warn_at", "respond_by", "expires_at",
    "feedback_by", "escalate_at", "updated_at",
)  # fmt: skip
# A lead that became an MQL longer ago than this and was never offered was brought in as history.
FORGOTTEN_WITHIN = timedelta(days=7)


# -- offering -------------------------------------------------------------------------------------


def offer(
    leads: Sequence[int], *, by: User | None, at: datetime, assignee: User | None = None, note: str = ""
) -> list[Handoff]:
    """Hand MQLs to sales under the agreement in force; leads with a running handoff are left alone."""
    agreement = Agreement.objects.current()
    if agreement is None:
        raise Refused(_("No agreement is in force. Put one in force before leads are handed over."))
    with transaction.atomic():
        ready = _ready(leads)
        if not ready:
            return []
        people = _named(ready, assignee) if assignee else offering.choose_people(ready, at=at)
        rows = offering.build(ready, people, agreement, at=at, note=note)
        return _insert(rows, by=by, at=at)


def _ready(leads: Sequence[int]) -> list[Lead]:
    """MQLs without a running handoff, locked in the order of their keys."""
    waiting = Lead.objects.filter(pk__in=leads, stage=Stage.MQL, merged_into=None)
    waiting = waiting.exclude(handoffs__in=Handoff.objects.running().filter(lead__in=leads))
    rows = waiting.select_related("account", "score").order_by("pk")
    return list(rows.select_for_update(of=("self",), no_key=True))


def _named(leads: Iterable[Lead], assignee: User) -> dict[int, routing.Choice]:
    if not assignee.is_active:
        raise Refused(
            _("%(person)s no longer works here. Choose somebody else.") % {"person": assignee},
            field="assignee",
        )
    return {lead.pk: routing.Choice(lead.pk, assignee.pk, {"rule": "named"}) for lead in leads}


def _insert(rows: list[Handoff], *, by: User | None, at: datetime) -> list[Handoff]:
    for row in rows:
        row.updated_at = at
    by_lead = {row.lead_id: row for row in rows}
    offered = []
    for pk, lead in insert_missing(rows, fields=_INSERTED, returning=("id", "lead")):
        by_lead[lead].pk = pk
        offered.append(by_lead[lead])
    _note_assets(offered)
    lifecycle.count_round([row.lead_id for row in offered])
    _hand_to(offered, at=at)
    ledger.record([_offered_fact(row, by, at) for row in offered])
    return offered


def _note_assets(rows: Iterable[Handoff]) -> None:
    slugs = {row.pk: [item["asset"] for item in row.brief["read"]] for row in rows}
    feedback.note_assets(slugs)


def _hand_to(rows: Sequence[Handoff], *, at: datetime) -> None:
    """The assignee owns the lead and the person, and sees the account."""
    assigned = [row for row in rows if row.assignee_id]
    lifecycle.give_to({row.lead_id: row.assignee_id for row in assigned if row.assignee_id}, at=at)
    access.grant((row.account_id, row.assignee_id) for row in assigned if row.account_id and row.assignee_id)


def _offered_fact(row: Handoff, by: User | None, at: datetime) -> ledger.Fact:
    data = {
        "assignee": row.assignee_id,
        "respond_by": row.respond_by.isoformat(),
        "score": row.score_at_handoff,
        "round": row.round,
    }
    return _fact(
        "handoff.offered",
        row,
        by,
        at,
        to_state=Status.OPEN,
        reason=row.note,
        data=data | {"routed": row.routed},
    )


def hand_over(lead: Lead, *, by: User, at: datetime, assignee: User | None = None, note: str = "") -> Handoff:
    """Hand over one lead by hand, whatever its score."""
    access.require_role(by, Role.MARKETER, Role.MANAGER)
    with transaction.atomic():
        lead = Lead.objects.select_for_update(no_key=True).get(pk=lead.pk)
        if lead.handoffs.running().exists():
            raise Refused(_("This lead has been handed over already. Open that handoff."), code="conflict")
        if lead.stage != Stage.MQL:
            lifecycle.qualify_by_hand(lead.pk, by=by, at=at, note=note)
        return offer([lead.pk], by=by, at=at, assignee=assignee, note=note)[0]


def offer_forgotten(*, at: datetime) -> list[Handoff]:
    """Recent MQLs that never got a handoff, or lost theirs: what a lost message left behind."""
    recent = Lead.objects.filter(stage=Stage.MQL, qualified_at__gt=at - FORGOTTEN_WITHIN, merged_into=None)
    forgotten = recent.exclude(handoffs__status__in=ACTIVE).order_by("pk").values_list("pk", flat=True)
    leads = list(forgotten[:1000])
    return offer(leads, by=None, at=at) if leads and Agreement.objects.current() else []


# -- what happened before -------------------------------------------------------------------------


def record_past(deals: Sequence[Deal], *, at: datetime) -> list[Handoff]:
    """Handoffs that deals brought in with a lead must have had: offered when the lead became an MQL, accepted by
    the deal's owner, converted. No clock runs and nobody is told; how fast they were is not known.
    """
    agreement = Agreement.objects.current()
    if agreement is None:
        return []
    with transaction.atomic():
        ready = {lead.pk: lead for lead in _ready([deal.lead_id for deal in deals if deal.lead_id])}
        by_lead = {deal.lead_id: deal for deal in reversed(deals) if deal.lead_id in ready}
        owners = {lead: deal.owner for lead, deal in by_lead.items() if lead}
        built = offering.build_past(list(ready.values()), owners, agreement, at=at)
        rows = [_past(row, by_lead[lead]) for lead, row in sorted(built.items())]
        Handoff.objects.bulk_create(rows)
        lifecycle.count_round([row.lead_id for row in rows])
        _hand_to(rows, at=at)
        feedback.accepted_in_the_past(rows)
        _follow_past(rows)
        ledger.record([fact for row in rows for fact in _past_facts(row)])
    return rows


def _past(row: Handoff, deal: Deal) -> Handoff:
    row.status, row.deal, row.escalate_at = Status.CONVERTED, deal, None
    row.accepted_by = row.decided_by = row.assignee
    row.accepted_at = row.decided_at = max(deal.opened_at, row.offered_at)
    return row


def _follow_past(rows: Sequence[Handoff]) -> None:
    """The leads follow: SAL, SQL, and a customer where the deal was won."""
    journeys = {}
    for row in rows:
        assert row.deal
        assert row.accepted_at
        steps: list[tuple[str, datetime]] = [(Stage.SAL, row.accepted_at), (Stage.SQL, row.accepted_at)]
        if row.deal.stage.outcome == DealOutcome.WON:
            steps.append((Stage.CUSTOMER, max(row.deal.stage_at, row.accepted_at)))
        journeys[row.lead_id] = steps
    lifecycle.retrace(journeys, by={row.lead_id: row.assignee for row in rows})
    for row in rows:
        if row.deal and row.deal.lost_reason:
            pipeline.return_lead(row.deal, row.deal.lost_reason, row.assignee, row.deal.stage_at)


def _past_facts(row: Handoff) -> list[ledger.Fact]:
    """Under a kind of their own: `handoff.offered` would call the assignee to work."""
    steps = [("", Status.OPEN), (Status.OPEN, Status.ACCEPTED), (Status.ACCEPTED, Status.CONVERTED)]
    moments = [row.offered_at, row.accepted_at, row.decided_at]
    return [
        _fact(
            "handoff.recorded",
            row,
            row.assignee,
            at,
            from_state=came_from,
            to_state=to,
            data={"deal": row.deal_id},
        )
        for (came_from, to), at in zip(steps, moments, strict=True)
        if at
    ]


# -- answering ------------------------------------------------------------------------------------


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
    _require_own(handoff, by)
    with transaction.atomic():
        row = _lock(handoff.pk)
        if row.status not in ACTIVE:
            raise UnableToMove("handoff", str(row.get_status_display()), str(Status.CONTACTED.label))
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
    evidence = Activity.objects.filter(pk__in=activity_ids, direction=Direction.OUTBOUND).order_by(
        "occurred_at", "pk"
    )
    for activity in evidence:
        with transaction.atomic():
            running = Handoff.objects.running().filter(contact=activity.contact_id).order_by("pk")
            for pk in running.values_list("pk", flat=True):
                _credit(_lock(pk), activity, at=at)


def is_response(activity: Activity, counts: str) -> bool:
    """Whether an activity answers a handoff: outbound, to the person, and as the terms ask."""
    if activity.direction != Direction.OUTBOUND or activity.channel == Channel.NOTE:
        return False
    return (
        activity.outcome == Outcome.REACHED
        if counts == ResponseCounts.REACHED
        else activity.outcome in ATTEMPTS
    )


def _credit(row: Handoff, activity: Activity, *, at: datetime) -> None:
    if row.status not in ACTIVE or not is_response(activity, row.terms.body["response_counts"]):
        return
    if activity.occurred_at < row.offered_at or (
        row.first_contact_at and row.first_contact_at <= activity.occurred_at
    ):
        return
    came_from, is_first = row.status, row.first_contact_at is None
    row.first_contact_at, row.answered_with = activity.occurred_at, activity
    if row.status == Status.OPEN:
        row.status = Status.CONTACTED
    _judge(row, at)
    row.escalate_at = row.feedback_by
    _save(row, "first_contact_at", "answered_with", "status", "responded_in_time", "escalate_at")
    if is_first:
        data = {"channel": activity.channel, "outcome": activity.outcome, "in_time": row.responded_in_time}
        states = {"from_state": came_from, "to_state": row.status} if came_from != row.status else {}
        ledger.record(
            [_fact("handoff.contacted", row, activity.by, activity.occurred_at, data=data, **states)]
        )


def accept(handoff: Handoff, *, by: User, at: datetime) -> Handoff:
    """Sales takes the lead on (SAL). It may come before the first contact; the clock runs on until then."""
    _require_own(handoff, by)
    with transaction.atomic():
        row = _lock(handoff.pk)
        if row.status == Status.ACCEPTED and row.accepted_by_id == by.pk:
            return row
        came_from = _check(row, Status.ACCEPTED)
        if row.assignee_id is None:
            _assign(row, by)
        row.status, row.accepted_at, row.accepted_by = Status.ACCEPTED, at, by
        _save(row, "status", "accepted_at", "accepted_by", "assignee", "team")
        lifecycle.accept([row.lead_id], by=by, at=at)
        feedback.accepted(row, by=by, at=at)
        ledger.record(
            [_fact("handoff.accepted", row, by, at, from_state=came_from, to_state=Status.ACCEPTED)]
        )
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
    _require_own(handoff, by)
    with transaction.atomic():
        row = _lock(handoff.pk)
        if row.status == Status.REJECTED and row.decided_by_id == by.pk:
            return row
        came_from = _check(row, Status.REJECTED)
        verdict = feedback.refusal(row, reason=reason, comment=comment, not_before=not_before, at=at)
        if row.assignee_id is None:
            _assign(row, by)
        _decide(row, Status.REJECTED, by=by, at=at)
        feedback.rejected(row, verdict, by=by, at=at)
        data = {"disposition": verdict.disposition, "comment": comment}
        fact = _fact(
            "handoff.rejected",
            row,
            by,
            at,
            from_state=came_from,
            to_state=Status.REJECTED,
            reason=reason,
            data=data,
        )
        ledger.record([fact])
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
    _require_own(handoff, by)
    with transaction.atomic():
        row = _lock(handoff.pk)
        if row.status == Status.CONVERTED and row.decided_by_id == by.pk:
            return row
        came_from = _check(row, Status.CONVERTED)
        if row.accepted_at is None:
            row.accepted_at, row.accepted_by = at, by
            feedback.accepted(row, by=by, at=at)
        lifecycle.confirm([row.lead_id], by=by, at=at)
        row.deal = pipeline.open_deals([_opening(row, opportunity)], by=by, at=at)[0]
        _decide(row, Status.CONVERTED, by=by, at=at)
        fact = _fact(
            "handoff.converted",
            row,
            by,
            at,
            from_state=came_from,
            to_state=Status.CONVERTED,
            data={"deal": row.deal.pk},
        )
        ledger.record([fact])
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


# -- people ---------------------------------------------------------------------------------------


def claim(handoff: Handoff, *, by: User, at: datetime) -> Handoff:
    """Take a handoff from the open queue; the first to claim owns it."""
    access.require_role(by, Role.REP, Role.MANAGER)
    with transaction.atomic():
        row = _lock(handoff.pk)
        if row.assignee_id == by.pk:
            return row
        if row.assignee_id is not None or row.status != Status.OPEN:
            raise UnableToMove("handoff", _("taken by %(person)s") % {"person": row.assignee}, _("yours"))
        _assign(row, by)
        _save(row, "assignee", "team")
        ledger.record([_fact("handoff.claimed", row, by, at, data={"assignee": by.pk})])
    return row


def reassign(handoff: Handoff, *, to: User, by: User, at: datetime, note: str = "") -> Handoff:
    """A manager gives a running handoff to somebody else; its due times stay as promised."""
    access.require_role(by, Role.MANAGER)
    if not to.is_active or to.role not in (Role.REP, Role.MANAGER):
        raise Refused(
            _("%(person)s does not work leads. Choose an active person in sales.") % {"person": to},
            field="assignee",
        )
    with transaction.atomic():
        row = _lock(handoff.pk)
        if row.status not in ACTIVE:
            raise UnableToMove("handoff", str(row.get_status_display()), _("reassigned"))
        if row.assignee_id == to.pk:
            return row
        data = {"from": row.assignee_id, "assignee": to.pk}
        _assign(row, to)
        _save(row, "assignee", "team")
        ledger.record([_fact("handoff.reassigned", row, by, at, reason=note, data=data)])
    return row


def _assign(row: Handoff, to: User) -> None:
    row.assignee, row.team_id = to, to.team_id
    _hand_to([row], at=row.offered_at)


# -- endings without an answer --------------------------------------------------------------------


def withdraw(handoff: Handoff, *, by: User, at: datetime, note: str = "") -> Handoff:
    """Marketing takes a handoff back; the lead returns to nurture."""
    access.require_role(by, Role.MARKETER, Role.MANAGER)
    with transaction.atomic():
        row = _lock(handoff.pk)
        if row.status == Status.WITHDRAWN:
            return row
        came_from = _check(row, Status.WITHDRAWN)
        _decide(row, Status.WITHDRAWN, by=by, at=at)
        to = Stage.NURTURING if Lead.objects.get(pk=row.lead_id).stage == Stage.MQL else Stage.RECYCLED
        if to == Stage.NURTURING:
            lifecycle.nurture([row.lead_id], by=by, at=at, reason=note)
        else:
            lifecycle.recycle([row.lead_id], by=by, at=at, reason=note or "withdrawn")
        ledger.record(
            [
                _fact(
                    "handoff.withdrawn",
                    row,
                    by,
                    at,
                    from_state=came_from,
                    to_state=Status.WITHDRAWN,
                    reason=note,
                )
            ]
        )
    return row


def close_after(leads: Sequence[int], *, at: datetime) -> list[Handoff]:
    """Marketing took these leads away from sales: what still runs for them is withdrawn."""
    running = Handoff.objects.running().filter(lead__in=leads).order_by("pk").values_list("pk", flat=True)
    with transaction.atomic():
        rows = [row for row in map(_lock, running) if row.status in ACTIVE]
        facts = []
        for row in rows:
            came_from = row.status
            _decide(row, Status.WITHDRAWN, by=None, at=at)
            facts.append(
                _fact("handoff.withdrawn", row, None, at, from_state=came_from, to_state=Status.WITHDRAWN)
            )
        ledger.record(facts)
    return rows


def expire(rows: Iterable[Handoff], *, at: datetime) -> list[Handoff]:
    """End handoffs nobody answered. `rows` are locked by the caller, in the order of their keys."""
    expired = []
    for row in rows:
        if row.status != Status.OPEN or row.first_contact_at is not None or row.expires_at > at:
            continue
        _decide(row, Status.EXPIRED, by=None, at=at)
        expired.append(row)
    facts = [
        _fact("handoff.expired", row, None, at, from_state=Status.OPEN, to_state=Status.EXPIRED)
        for row in expired
    ]
    ledger.record(facts)
    return expired


# -- the door -------------------------------------------------------------------------------------


def _lock(pk: int) -> Handoff:
    rows = Handoff.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("contact", "lead", "assignee", "terms").get(pk=pk)


def _require_own(handoff: Handoff, by: User) -> None:
    """The assignee, their manager or an administrator; from the open queue anybody in sales."""
    if handoff.assignee_id is None:
        access.require_role(by, Role.REP, Role.MANAGER)
    elif not access.may_work(by, handoff.assignee_id):
        access.require_role(by)


def _check(row: Handoff, to: str) -> str:
    """The state it comes from, or `UnableToMove`."""
    if to not in MOVES[row.status]:
        raise UnableToMove("handoff", str(row.get_status_display()), str(Status(to).label))
    return row.status


def _decide(row: Handoff, status: str, *, by: User | None, at: datetime) -> None:
    row.status, row.decided_at, row.decided_by, row.escalate_at = status, at, by, None
    _judge(row, at)
    _save(
        row, "status", "decided_at", "decided_by", "escalate_at", "responded_in_time", "feedback_in_time", "assignee",
        "team", "deal", "accepted_at", "accepted_by",
    )  # fmt: skip


def _judge(row: Handoff, at: datetime) -> None:
    row.responded_in_time = verdicts.responded_in_time(
        first_contact_at=row.first_contact_at, respond_by=row.respond_by, decided_at=row.decided_at, at=at
    )
    row.feedback_in_time = verdicts.feedback_in_time(
        decided_at=row.decided_at, feedback_by=row.feedback_by, at=at
    )


def _save(row: Handoff, *fields: str) -> None:
    row.save(update_fields=[*fields, "updated_at"])


def _fact(kind: str, row: Handoff, by: User | None, at: datetime, **details: Any) -> ledger.Fact:
    return ledger.Fact(
        kind=kind,
        subject=("handoff", row.pk),
        at=at,
        actor=by,
        account_id=row.account_id,
        contact_id=row.contact_id,
        **details,
    )
