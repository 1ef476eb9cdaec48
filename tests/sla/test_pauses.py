"""The clock of a handoff stands still for a reason, and runs on from where it stood."""

from datetime import timedelta

import pytest

from crm.models import LedgerEntry
from crm.states import Refused, UnableToMove
from project import invariants
from sla import escalation, handoffs
from sla.models import Escalation, Handoff, Pause

HOUR = timedelta(hours=1)
DUE = ("warn_at", "respond_by", "accept_by", "expires_at", "feedback_by")


def paused(cast, row, *, by=None, at=None):
    return handoffs.pause(row, reason="asked to call on Thursday", by=by or cast.rep, at=at or cast.at)


def test_every_due_time_ahead_moves_by_the_working_time_that_was_paused(cast):
    row = cast.handoff()
    before = {name: getattr(row, name) for name in DUE}
    paused(cast, row)
    handoffs.resume(row, by=cast.rep, at=cast.at + 2 * HOUR)
    row.refresh_from_db()
    assert row.respond_by - before["respond_by"] == 2 * HOUR
    assert all(getattr(row, name) > before[name] for name in DUE)
    assert dict(row.rungs)["response-100"] == row.respond_by
    assert invariants.broken(cast.at) == []


def test_a_night_that_was_paused_is_no_time_gained(cast):
    row = cast.handoff()
    evening = cast.at + 8 * HOUR  # six o'clock, closing time
    paused(cast, row, at=evening)
    handoffs.resume(row, by=cast.rep, at=evening + 15 * HOUR)
    assert Handoff.objects.get(pk=row.pk).respond_by == row.respond_by


def test_while_it_stands_still_nobody_is_told_and_nothing_expires(cast):
    row = cast.handoff()
    paused(cast, row)
    escalation.sweep(at=row.expires_at)
    assert not Escalation.objects.exists()
    assert Handoff.objects.get(pk=row.pk).status == "open"


def test_it_ends_by_itself_after_the_longest_pause_with_its_true_time(cast):
    row = cast.handoff()
    paused(cast, row)
    held = Pause.objects.get()
    escalation.sweep(at=held.until + 5 * HOUR)
    held.refresh_from_db()
    assert held.ends_at == held.until
    assert LedgerEntry.objects.filter(kind="handoff.resumed").count() == 1


def test_an_answer_ends_it_and_is_judged_by_the_moved_deadline(cast):
    row = cast.handoff()
    paused(cast, row)
    late = row.respond_by + HOUR
    handoffs.contact(row, channel="call", outcome="reached", by=cast.rep, at=late)
    row.refresh_from_db()
    assert row.responded_in_time is True
    assert row.response_hours == pytest.approx(0)
    assert not row.pauses.filter(ends_at=None).exists()


@pytest.mark.parametrize("deed", ["accept", "reject", "withdraw"])
def test_every_decision_ends_it(cast, deed):
    row = cast.handoff()
    paused(cast, row)
    more = {"reason": "no-budget"} if deed == "reject" else {}
    by = cast.marketer if deed == "withdraw" else cast.rep
    getattr(handoffs, deed)(row, by=by, at=cast.at + HOUR, **more)
    assert not Pause.objects.filter(ends_at=None).exists()
    assert invariants.broken(cast.at + HOUR) == []


def test_a_rep_pauses_as_often_as_was_agreed_and_a_manager_always(cast):
    row = cast.handoff()
    paused(cast, row)
    handoffs.resume(row, by=cast.rep, at=cast.at + HOUR)
    with pytest.raises(Refused, match="manager"):
        paused(cast, row, at=cast.at + 2 * HOUR)
    paused(cast, row, by=cast.manager, at=cast.at + 2 * HOUR)
    assert row.pauses.count() == 2


def test_pausing_twice_is_pausing_once(cast):
    row = cast.handoff()
    paused(cast, row)
    paused(cast, row, at=cast.at + HOUR)
    assert Pause.objects.count() == 1


def test_without_a_reason_it_is_refused(cast):
    with pytest.raises(Refused) as refused:
        handoffs.pause(cast.handoff(), reason=" ", by=cast.rep, at=cast.at)
    assert refused.value.field == "reason"
    assert not Pause.objects.exists()


def test_what_is_decided_has_no_clock_to_stop(cast):
    row = cast.handoff()
    handoffs.reject(row, reason="no-budget", by=cast.rep, at=cast.at)
    with pytest.raises(UnableToMove):
        paused(cast, row)


def test_what_was_overdue_before_stays_overdue(cast):
    row = cast.handoff()
    handoffs.accept(row, by=cast.rep, at=cast.at)
    paused(cast, row, at=row.respond_by + HOUR)
    handoffs.resume(row, by=cast.rep, at=row.respond_by + 30 * HOUR)
    assert Handoff.objects.get(pk=row.pk).respond_by == row.respond_by
    assert invariants.broken(row.respond_by + 30 * HOUR) == []
