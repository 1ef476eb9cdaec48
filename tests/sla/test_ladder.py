"""The ladder of a handoff: rungs laid from the terms, clocks that run, and the next moment somebody looks."""

from datetime import UTC, datetime, timedelta

import pytest

from sla import ladder

START = datetime(2026, 6, 1, 9, tzinfo=UTC)
TERMS = {
    "response_hours": 24,
    "accept_hours": 40,
    "feedback_hours": 80,
    "steps": [
        {"clock": "response", "percent": 100, "tells": ["owner", "manager"]},
        {"clock": "response", "percent": 50, "tells": ["owner"]},
        {"clock": "feedback", "percent": 100, "tells": ["owner"]},
        {"clock": "acceptance", "percent": 100, "tells": ["owner"]},
    ],
}


def after(hours: float) -> datetime:
    return START + timedelta(hours=hours)


RUNGS = ladder.lay(TERMS, after)
DEADLINES = {"response": after(24), "acceptance": after(40), "feedback": after(80)}


def clocks(status: str, *, contacted: bool = False, accepted: bool = False) -> frozenset[str]:
    return ladder.running_clocks(status=status, is_contacted=contacted, is_accepted=accepted)


def test_rungs_stand_in_the_order_of_time_at_their_part_of_the_promise():
    assert [
        ("response-50", after(12)),
        ("response-100", after(24)),
        ("acceptance-100", after(40)),
        ("feedback-100", after(80)),
    ] == RUNGS


def test_it_is_at_risk_from_the_last_warning_on():
    assert ladder.warning_of(RUNGS, after(24)) == after(12)
    assert ladder.warning_of([("response-100", after(24))], after(24)) == after(24)


@pytest.mark.parametrize(
    ("status", "contacted", "accepted", "running"),
    [
        ("open", False, False, {"response", "acceptance"}),
        ("contacted", True, False, {"acceptance", "feedback"}),
        ("accepted", False, True, {"response", "feedback"}),
        ("accepted", True, True, {"feedback"}),
        ("rejected", True, False, set()),
        ("expired", False, False, set()),
    ],
)
def test_only_promises_still_to_be_kept_run(status, contacted, accepted, running):
    assert clocks(status, contacted=contacted, accepted=accepted) == running


def test_a_rung_of_a_clock_that_stopped_is_never_reached():
    assert ladder.reached(RUNGS, clocks("contacted", contacted=True), after(24)) == []
    assert ladder.reached(RUNGS, clocks("open"), after(24)) == RUNGS[:2]


def test_the_next_look_is_at_the_next_rung_deadline_or_expiry():
    def look(after_hours, expires):
        return ladder.next_look(
            RUNGS, clocks("open"), deadlines=DEADLINES, expires_at=expires, after=after(after_hours)
        )

    assert look(0, after(48)) == after(12)
    assert look(24, after(30)) == after(30)
    assert look(40, after(48)) == after(48)
    assert look(48, after(48)) is None


def test_without_a_moment_to_start_from_what_has_passed_is_looked_at_at_once():
    running = clocks("contacted", contacted=True)
    assert ladder.next_look(RUNGS, running, deadlines=DEADLINES, expires_at=None) == after(40)


def test_rungs_come_back_from_what_is_stored():
    assert ladder.from_json(ladder.to_json(RUNGS)) == RUNGS
