"""What leads were at a moment of the past, read from the ledger and the events."""

from datetime import timedelta

import pytest

from leads import lifecycle, past, steering
from leads.events import recording, withdrawing
from leads.events.recording import Behaviour
from leads.models import BehaviourEvent, LeadScore, Stage

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def behave(lead, at, *, kind="inquiry", happened=None):
    number = BehaviourEvent.objects.count()
    event = Behaviour("site", f"past-{number}", kind, happened or at, lead=lead.pk)
    recording.record([event], by=None, at=at)


def test_an_event_counts_from_when_it_was_heard_of(cast):
    lead = cast.lead()
    behave(lead, cast.at + DAY, happened=cast.at - DAY)
    assert list(past.gains(cast.at - 2 * DAY, cast.at + DAY)) == []
    [gain] = past.gains(cast.at, cast.at + 2 * DAY)
    assert (gain.at, gain.occurred_at, gain.lead) == (cast.at + DAY, cast.at - DAY, lead.pk)


def test_gains_come_in_order_whatever_the_windows(cast):
    leads = [cast.lead(), cast.lead()]
    for hours in (30, 3, 75, 3.5):
        for lead in reversed(leads):
            behave(lead, cast.at + hours * HOUR)
    found = [(gain.at, gain.lead) for gain in past.gains(cast.at, cast.at + 4 * DAY)]
    assert found == sorted(found)
    assert len(found) == 8


def test_the_gains_sum_to_the_stored_score(cast):
    lead = cast.lead()
    for hours in range(5):
        behave(lead, cast.at + hours * HOUR)
    total = sum(gain.amount for gain in past.gains(cast.at, cast.at + DAY))
    assert total == LeadScore.objects.get(lead=lead).engagement


def test_what_was_taken_back_never_counted(cast):
    lead = cast.lead()
    behave(lead, cast.at)
    withdrawing.withdraw(BehaviourEvent.objects.all(), reason="bot", by=cast.marketer, at=cast.at + HOUR)
    assert list(past.gains(cast.at, cast.at + DAY)) == []


def test_a_position_is_that_just_before_the_moment(cast):
    lead = cast.lead()
    lifecycle.nurture([lead.pk], by=cast.marketer, at=cast.at + HOUR)
    until = cast.at + 10 * DAY
    lifecycle.recycle([lead.pk], by=None, at=cast.at + 2 * HOUR, reason="x", waits_until=until)
    stages = {
        hours: past.positions([lead.pk], cast.at + hours * HOUR)[lead.pk].stage for hours in (0.5, 1, 1.5, 3)
    }
    assert stages == {0.5: Stage.INQUIRY, 1: Stage.INQUIRY, 1.5: Stage.NURTURING, 3: Stage.RECYCLED}
    assert past.positions([lead.pk], cast.at + 3 * HOUR)[lead.pk].waits_until == until


def test_a_floor_holds_what_happened_before_it_whenever_it_was_heard_of(cast):
    lead = cast.lead()
    behave(lead, cast.at)
    lifecycle.recycle([lead.pk], by=None, at=cast.at + DAY, reason="x", fresh_behaviour_only=True)
    behave(lead, cast.at + 2 * DAY, happened=cast.at + HOUR)
    behave(lead, cast.at + 2 * DAY + HOUR)
    found, stored = past.positions([lead.pk], cast.at + 3 * DAY)[lead.pk], LeadScore.objects.get(lead=lead)
    assert (found.engagement, found.floor) == pytest.approx((stored.engagement, stored.floor))
    assert found.floored_at == stored.floored_at == cast.at + DAY


def test_a_correction_of_the_person_is_told_with_the_lead(cast):
    lead = cast.lead()
    steering.edit(lead, by=cast.marketer, at=cast.at + HOUR, job_title="部長")
    told = [(move.lead, move.to) for move in past.moves(cast.at + HOUR, cast.at + DAY)]
    assert (lead.pk, "") in told
