"""What becomes of a replayed handoff: what was really done, under other terms or later; else what is likely."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from sla import clock, offering
from sla.models import Terms
from sla.replay import outcomes
from sla.replay.chances import Acceptance, Chances, Duration, Pace
from sla.replay.facts import EXPECTED, FACT, MOVED, Answer, Deed, Handover
from sla.work_calendar import WorkCalendar

MONDAY = datetime(2026, 6, 1, 1, tzinfo=UTC)  # 10:00 in Tokyo
HOUR = timedelta(hours=1)
KNOWN_AT = MONDAY + timedelta(days=60)
OFFICE = WorkCalendar(
    zone="Asia/Tokyo",
    windows={day: ((time(9), time(18)),) for day in range(5)},
)
BODY = {
    "calendar": OFFICE.to_snapshot(MONDAY),
    "response_hours": 8, "accept_hours": 12, "feedback_hours": 40, "expire_hours": 20,
    "response_counts": "attempt", "attempts": 1, "channels": 1, "max_pauses": 1, "pause_days": 10,
    "steps": [], "reasons": {}, "max_rounds": 3, "after_expiry": "next",
}  # fmt: skip


def under(at=MONDAY, **terms):
    """A handoff offered at a moment under these terms."""
    body = BODY | terms
    due = offering.due_times(Terms(body=body), offered_at=at)
    return Handover(1, 1, at, 7, "least_loaded", 85.0, "fair", due, body, 7)


def answered(*, hours=2.0, outcome="reached", at=MONDAY, **facts):
    """What really happened: offered on Monday at ten, tried so many working hours later."""
    tried = (Deed("call", "outbound", outcome, clock.add(OFFICE, at, hours)),) if hours is not None else ()
    due = offering.due_times(Terms(body=BODY), offered_at=at)
    return Answer(1, 1, 1, 85.0, "fair", at, 7, due, BODY, tried, **facts)


@pytest.fixture
def chances():
    hours = [(7, Duration(each, True)) for each in (2, 4, 10, 30)]
    accepting = Acceptance()
    accepting.see(85, "fair", True)
    return Chances(Pace(hours), Pace(hours), Pace(hours), accepting)


def follow(row, answer, chances):
    outcomes.follow(row, answer, chances, known_at=KNOWN_AT)
    return row


def test_what_was_done_is_done_again_to_the_microsecond(chances):
    end = MONDAY + timedelta(days=2, microseconds=7)
    row = follow(under(), answered(accepted_at=end, ended_at=end, ended_as="converted"), chances)
    assert (row.basis, row.first_contact_at) == (FACT, MONDAY + 2 * HOUR)
    assert (row.accepted_at, row.ended_at, row.ended_as) == (end, end, "converted")
    assert row.acceptance == 1


def test_at_another_time_it_takes_as_many_working_hours(chances):
    friday = MONDAY + timedelta(days=4, hours=7)  # 17:00: one hour is left, the other comes on Monday
    row = follow(under(friday), answered(hours=2), chances)
    assert row.basis == MOVED
    assert row.first_contact_at == MONDAY + timedelta(days=7)


@pytest.mark.parametrize(("hours", "promised", "late"), [(2, 8, 0), (6, 4, 1), (4, 4, 0)])
def test_a_shorter_promise_is_broken_by_who_took_longer(chances, hours, promised, late):
    row = follow(under(response_hours=promised), answered(hours=hours), chances)
    assert row.late[0] == late


def test_a_rule_that_asks_to_have_reached_the_person_is_not_met_by_a_message(chances):
    end = MONDAY + timedelta(days=1)
    answer = answered(outcome="left_message", ended_at=end, ended_as="rejected")
    assert follow(under(), answer, chances).first_contact_at
    assert follow(under(response_counts="reached"), answer, chances).first_contact_at is None


def test_who_was_too_slow_for_a_shorter_wait_loses_the_lead(chances):
    row = follow(under(expire_hours=9), answered(hours=12), chances)
    assert (row.ended_as, row.ended_at) == ("expired", row.due.expires_at)
    assert row.late[0] == 1


def test_a_sweep_that_really_came_late_comes_as_late_again(chances):
    gone = answered(hours=None)
    gone = replace(gone, ended_as="expired", ended_at=gone.due.expires_at + 5 * HOUR)
    row = follow(under(), gone, chances)
    assert (row.ended_as, row.ended_at) == ("expired", gone.ended_at)


def test_who_answered_before_the_sweep_came_is_not_too_late(chances):
    row = follow(under(), answered(hours=21), chances)
    assert row.ended_as == ""
    assert row.first_contact_at


def test_a_longer_wait_than_anybody_saw_is_expected_from_there_on(chances):
    gone = answered(hours=None)
    gone = replace(gone, ended_as="expired", ended_at=gone.due.expires_at)
    row = follow(under(expire_hours=60), gone, chances)
    assert row.basis == EXPECTED
    assert row.late[0] == 1  # eight hours had passed for certain
    assert row.free_at


def test_a_pause_puts_the_promise_off_as_far_as_the_terms_allow(chances):
    pause = (MONDAY + HOUR, MONDAY + 5 * HOUR)
    answer = answered(hours=11, pauses=(pause,))
    assert follow(under(), answer, chances).late[0] == 0
    assert follow(under(max_pauses=0), answer, chances).late[0] == 1


def test_what_sales_said_of_another_score_is_no_fact(chances):
    end = MONDAY + timedelta(days=2)
    answer = answered(accepted_at=end, ended_at=end, ended_as="converted")
    row = under(MONDAY + timedelta(days=7))
    row.score = 30.0
    follow(row, answer, chances)
    assert row.is_guess
    assert 0 < row.acceptance < 1
    assert row.ended_as == "converted"


def test_what_still_runs_is_judged_by_nobody_before_its_time(chances):
    row = under()
    outcomes.follow(row, answered(hours=None), chances, known_at=MONDAY + HOUR)
    assert row.verdicts == (None, None, None)
    assert row.late == (None, None, None)


def test_what_never_took_place_is_expected_the_same_every_time(chances):
    first, second = under(), under()
    outcomes.expect(first, chances)
    outcomes.expect(second, chances)
    assert first == second
    assert first.basis == EXPECTED
    assert 0 < first.late[0] < 1
    assert first.between[0] <= first.acceptance <= first.between[1]


def test_experience_counts_who_never_answered_as_longer_than_that():
    gone = replace(answered(hours=None), ended_as="expired", ended_at=MONDAY + 20 * HOUR)
    learnt = outcomes.learn([answered(hours=2), gone], BODY, known_at=KNOWN_AT)
    assert learnt.response.everybody.count == 1
    assert learnt.response.everybody.beyond(100) == 0.5


def test_experience_is_read_by_the_rule_in_question():
    told = answered(hours=2, outcome="left_message", ended_at=MONDAY + 30 * HOUR, ended_as="rejected")
    assert outcomes.learn([told], BODY, known_at=KNOWN_AT).response.everybody.count == 1
    strict = BODY | {"response_counts": "reached"}
    assert outcomes.learn([told], strict, known_at=KNOWN_AT).response.everybody.count == 0
