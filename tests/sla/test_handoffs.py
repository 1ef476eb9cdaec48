"""The handoff's deeds, from every state: allowed moves move, others change nothing."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from crm.models import LedgerEntry, OutboxMessage
from crm.states import Refused, UnableToMove
from leads import lifecycle
from leads.models import Lead, Stage
from sla import escalation, handoffs
from sla.handoffs import Opportunity
from sla.models import MOVES, Feedback, Handoff, Status

DEEDS = {
    Status.CONTACTED: lambda row, who, at: handoffs.contact(
        row, channel="call", outcome="reached", by=who, at=at
    ),
    Status.ACCEPTED: lambda row, who, at: handoffs.accept(row, by=who, at=at),
    Status.REJECTED: lambda row, who, at: handoffs.reject(row, reason="no-budget", by=who, at=at),
    Status.CONVERTED: lambda row, who, at: handoffs.convert(
        row, Opportunity("Deal", Decimal(1)), by=who, at=at
    ),
    Status.WITHDRAWN: lambda row, who, at: handoffs.withdraw(row, by=who, at=at),
}
WAYS = {
    Status.OPEN: [],
    Status.CONTACTED: [Status.CONTACTED],
    Status.ACCEPTED: [Status.ACCEPTED],
    Status.CONVERTED: [Status.ACCEPTED, Status.CONVERTED],
    Status.REJECTED: [Status.REJECTED],
    Status.WITHDRAWN: [Status.WITHDRAWN],
}


def _bring(cast, status):
    row = cast.handoff()
    for step in WAYS[status]:
        DEEDS[step](row, _actor(cast, step), cast.at)
    return Handoff.objects.get(pk=row.pk)


def _actor(cast, status):
    return cast.marketer if status == Status.WITHDRAWN else cast.rep


def _facts():
    return LedgerEntry.objects.count(), OutboxMessage.objects.count(), Feedback.objects.count()


ALLOWED = [(came, to) for came in WAYS for to in DEEDS if to in MOVES[came]]
# Logging one more contact is always possible while a handoff runs, and never moves it back.
FORBIDDEN = [
    (came, to)
    for came in WAYS
    for to in DEEDS
    if to not in MOVES[came] and came != to and not (to == Status.CONTACTED and came == Status.ACCEPTED)
]


@pytest.mark.parametrize(("came", "to"), ALLOWED)
def test_every_allowed_move_moves_and_is_recorded_once(cast, came, to):
    row = _bring(cast, came)
    DEEDS[to](row, _actor(cast, to), cast.at)
    row.refresh_from_db()
    assert row.status == to
    assert LedgerEntry.objects.filter(subject_type="handoff", subject_id=row.pk, to_state=to).count() == 1


@pytest.mark.parametrize(("came", "to"), FORBIDDEN)
def test_every_other_move_is_refused_and_nothing_changes(cast, came, to):
    row = _bring(cast, came)
    before = _facts()
    with pytest.raises(UnableToMove):
        DEEDS[to](row, _actor(cast, to), cast.at)
    row.refresh_from_db()
    assert row.status == came
    assert _facts() == before


@pytest.mark.parametrize("deed", [Status.ACCEPTED, Status.REJECTED])
def test_a_deed_done_again_by_the_same_person_changes_nothing(cast, deed):
    row = _bring(cast, deed)
    before = _facts()
    DEEDS[deed](row, cast.rep, cast.at)
    assert _facts() == before


@pytest.mark.parametrize("deed", [Status.CONTACTED, Status.ACCEPTED, Status.REJECTED])
def test_a_stranger_may_not_work_it_and_nothing_changes(cast, deed):
    row = cast.handoff()
    before = _facts()
    with pytest.raises(PermissionDenied):
        DEEDS[deed](row, cast.stranger, cast.at)
    assert _facts() == before


def test_a_manager_may_act_for_the_team(cast):
    assert handoffs.accept(cast.handoff(), by=cast.manager, at=cast.at).status == Status.ACCEPTED


def test_reject_without_a_comment_that_is_asked_for_is_refused_and_nothing_changes(cast):
    row = cast.handoff()
    with pytest.raises(Refused) as refusal:
        handoffs.reject(row, reason="other", by=cast.rep, at=cast.at)
    assert refusal.value.field == "comment"
    assert Handoff.objects.get(pk=row.pk).status == Status.OPEN


def test_reject_with_a_reason_outside_the_agreement_is_refused(cast):
    with pytest.raises(Refused) as refusal:
        handoffs.reject(cast.handoff(), reason="bored", by=cast.rep, at=cast.at)
    assert refusal.value.field == "reason"


def test_a_note_or_an_automatic_reply_does_not_stop_the_clock(cast):
    row = cast.handoff()
    handoffs.contact(row, channel="note", outcome="reached", by=cast.rep, at=cast.at)
    handoffs.contact(row, channel="email", outcome="auto_reply", by=cast.rep, at=cast.at)
    assert Handoff.objects.get(pk=row.pk).first_contact_at is None


def test_accepting_does_not_stop_the_clock(cast):
    row = handoffs.accept(cast.handoff(), by=cast.rep, at=cast.at)
    assert row.first_contact_at is None
    assert row.responded_in_time is None


def test_a_contact_after_the_deadline_is_late(cast):
    row = cast.handoff()
    late = row.respond_by + timedelta(minutes=1)
    handoffs.contact(row, channel="call", outcome="no_answer", by=cast.rep, at=late)
    assert Handoff.objects.get(pk=row.pk).responded_in_time is False


def test_a_contact_logged_late_counts_from_when_it_happened(cast):
    row = cast.handoff()
    late, real = row.respond_by + timedelta(hours=5), cast.at + timedelta(hours=1)
    handoffs.contact(row, channel="call", outcome="reached", occurred_at=real, by=cast.rep, at=late)
    assert Handoff.objects.get(pk=row.pk).responded_in_time is True


def test_due_times_follow_business_hours(cast):
    row = cast.handoff()  # Monday 10:00 in Tokyo; 24 working hours of 9 a day end on Wednesday at 16:00
    assert row.respond_by - row.offered_at == timedelta(days=2, hours=6)


def test_a_lead_has_at_most_one_running_handoff(cast):
    row = cast.handoff()
    with pytest.raises(Refused) as refusal:
        handoffs.hand_over(row.lead, by=cast.marketer, at=cast.at)
    assert refusal.value.code == "conflict"


def test_reassigning_keeps_the_due_times_and_moves_the_lead(cast):
    row = cast.handoff()
    moved = handoffs.reassign(row, to=cast.colleague, by=cast.manager, at=cast.at, note="holiday")
    assert moved.respond_by == row.respond_by
    assert Lead.objects.get(pk=row.lead_id).owner == cast.colleague


@pytest.mark.parametrize("deed", [Status.CONTACTED, Status.ACCEPTED, Status.REJECTED])
def test_who_lost_it_a_moment_ago_may_not_answer_it(cast, deed):
    seen = cast.handoff()
    handoffs.reassign(seen, to=cast.colleague, by=cast.manager, at=cast.at)
    before = _facts()
    with pytest.raises(PermissionDenied):
        DEEDS[deed](seen, cast.rep, cast.at)
    assert _facts() == before


def test_only_a_manager_reassigns(cast):
    with pytest.raises(PermissionDenied):
        handoffs.reassign(cast.handoff(), to=cast.colleague, by=cast.rep, at=cast.at)


def test_an_expired_handoff_goes_to_somebody_else(cast):
    row = cast.handoff()
    escalation.sweep(at=row.expires_at)
    assert Handoff.objects.get(pk=row.pk).status == Status.EXPIRED
    again = Handoff.objects.get(lead=row.lead_id, status=Status.OPEN)
    assert again.assignee != cast.rep


def test_the_last_round_ends_in_disqualification(cast):
    row = cast.handoff()
    Handoff.objects.filter(pk=row.pk).update(round=3)
    handoffs.reject(row, reason="no-budget", by=cast.rep, at=cast.at)
    assert Lead.objects.get(pk=row.lead_id).stage == Stage.DISQUALIFIED


@pytest.mark.parametrize("end", [lifecycle.recycle, lifecycle.disqualify])
def test_a_lead_marketing_takes_away_leaves_no_handoff_running(cast, end):
    row = cast.handoff()
    end([row.lead_id], by=cast.marketer, at=cast.at, reason="mistake")
    assert Handoff.objects.get(pk=row.pk).status == Status.WITHDRAWN
    assert LedgerEntry.objects.filter(kind="handoff.withdrawn", subject_id=row.pk).count() == 1
