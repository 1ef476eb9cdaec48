"""The sweep tells once, by the true moment, however often and however late it runs."""

from datetime import timedelta

from crm.models import LedgerEntry, Notification, OutboxMessage
from sla import escalation, handoffs
from sla.models import Escalation, Handoff


def _levels():
    return sorted(Escalation.objects.values_list("level", flat=True))


def test_nothing_is_told_before_the_first_rung_is_due(cast):
    row = cast.handoff()
    first = row.rungs[0][1]
    escalation.sweep(at=first - timedelta(seconds=1))
    assert _levels() == []
    escalation.sweep(at=first)
    assert _levels() == ["response-50"]


def test_the_owner_is_warned_once_at_each_rung(cast):
    row = cast.handoff()
    for _ in range(3):
        escalation.sweep(at=row.warn_at)
    assert _levels() == ["response-50", "response-80"]
    told = Notification.objects.filter(kind="handoff.warning")
    assert list(told.values_list("user__username", flat=True)) == ["rep", "rep"]


def test_long_after_the_breach_manager_and_marketing_hear_of_it(cast):
    row = cast.handoff()
    handoffs.accept(row, by=cast.rep, at=cast.at)  # so that it does not expire
    escalation.sweep(at=dict(row.rungs)["response-150"])
    told = Notification.objects.filter(kind="handoff.escalated").values_list("user__username", flat=True)
    assert sorted(told) == ["manager", "marketer"]


def test_who_neither_accepts_nor_rejects_is_reminded(cast):
    row = cast.handoff()
    handoffs.contact(row, channel="call", outcome="reached", by=cast.rep, at=cast.at)
    escalation.sweep(at=row.accept_by)
    assert _levels() == ["acceptance-100"]
    assert Notification.objects.get(kind="handoff.acceptance").user == cast.rep


def test_a_breach_is_told_to_owner_and_manager_in_app_and_by_mail(cast):
    row = cast.handoff()
    escalation.sweep(at=row.respond_by)
    told = Notification.objects.filter(kind="handoff.breach").values_list("user__username", flat=True)
    assert sorted(told) == ["manager", "rep"]
    assert OutboxMessage.objects.filter(kind="mail", topic="handoff.breach").count() == 2


def test_a_late_sweep_finds_the_breach_with_its_true_time(cast):
    row = cast.handoff()
    escalation.sweep(at=row.respond_by + timedelta(minutes=30))
    assert LedgerEntry.objects.get(kind="handoff.breach").at == row.respond_by
    assert Handoff.objects.get(pk=row.pk).responded_in_time is False


def test_an_answered_handoff_is_left_alone(cast):
    row = cast.handoff()
    handoffs.contact(row, channel="call", outcome="reached", by=cast.rep, at=cast.at)
    escalation.sweep(at=row.respond_by)
    assert _levels() == []


def test_overdue_feedback_is_told_once(cast):
    row = cast.handoff()
    handoffs.contact(row, channel="call", outcome="reached", by=cast.rep, at=cast.at)
    for _ in range(2):
        escalation.sweep(at=row.feedback_by)
    assert _levels() == ["acceptance-100", "feedback-100", "feedback-80"]


def test_many_due_handoffs_are_all_found_in_small_batches(cast):
    rows = [cast.handoff() for _ in range(7)]
    assert escalation.sweep(at=rows[0].warn_at, batch=3).raised == 14
