"""The sweep tells once, by the true moment, however often and however late it runs."""

from datetime import timedelta

from crm.models import LedgerEntry, Notification, OutboxMessage
from sla import escalation, handoffs
from sla.models import Escalation, Handoff


def _levels():
    return sorted(Escalation.objects.values_list("level", flat=True))


def test_nothing_is_told_before_the_warning_is_due(cast):
    row = cast.handoff()
    escalation.sweep(at=row.warn_at - timedelta(seconds=1))
    assert _levels() == []


def test_the_owner_is_warned_once(cast):
    row = cast.handoff()
    for _ in range(3):
        escalation.sweep(at=row.warn_at)
    assert _levels() == ["warning"]
    assert Notification.objects.filter(kind="handoff.warning").count() == 1


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
    assert _levels() == ["feedback"]


def test_many_due_handoffs_are_all_found_in_small_batches(cast):
    rows = [cast.handoff() for _ in range(7)]
    assert escalation.sweep(at=rows[0].warn_at, batch=3).raised == 7
