"""Where running handoffs stand: the team's counts say what the inbox says, in every state and at every moment."""

from datetime import timedelta

import pytest

from desk import waiting
from desk.team_states import STATES, States
from sla import handoffs
from sla.models import Handoff

HOUR = timedelta(hours=1)


def at_open(cast, row):
    return cast.at


def soon(cast, row):
    return row.warn_at + HOUR


def today(cast, row):
    return row.warn_at - HOUR


def late(cast, row):
    return row.respond_by + HOUR


def talked(cast, row):
    handoffs.contact(row, channel="call", outcome="reached", by=cast.rep, at=cast.at)
    return cast.at + HOUR


def talked_and_late(cast, row):
    return talked(cast, row) + timedelta(days=60)


def taken(cast, row):
    handoffs.accept(row, by=cast.rep, at=cast.at)
    return row.respond_by + HOUR


def paused(cast, row):
    handoffs.pause(row, reason="on holiday", by=cast.rep, at=cast.at)
    return row.respond_by + HOUR


def paused_when_late(cast, row):
    handoffs.pause(row, reason="on holiday", by=cast.rep, at=row.respond_by + HOUR)
    return row.respond_by + 2 * HOUR


def talked_and_paused(cast, row):
    moment = talked(cast, row)
    handoffs.pause(row, reason="on holiday", by=cast.rep, at=moment)
    return moment + HOUR


def paused_when_the_outcome_was_late(cast, row):
    moment = talked_and_late(cast, row)
    handoffs.pause(row, reason="on holiday", by=cast.rep, at=moment)
    return moment + HOUR


SCENES = {
    at_open: "later",
    soon: "soon",
    today: "today",
    late: "overdue",
    talked: "feedback",
    talked_and_late: "feedback",
    taken: "overdue",
    paused: "paused",
    paused_when_late: "overdue",
    talked_and_paused: "paused",
    paused_when_the_outcome_was_late: "feedback",
}


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_the_database_and_the_clock_agree(cast, scene):
    row = cast.handoff()
    moment = scene(cast, row)
    found = [code for code in STATES if Handoff.objects.filter(States(moment).of(code)).exists()]
    assert found == [SCENES[scene]]
    [group] = [group for group in waiting.grouped(cast.rep, moment) if group.rows]
    assert str(group.label) == str(waiting.GROUPS[found[0]][0])


def test_a_feedback_that_is_late_is_counted_beside_its_state(cast):
    row = cast.handoff()
    moment = talked_and_late(cast, row)
    counted = Handoff.objects.aggregate(**States(moment).counts())
    assert (counted["feedback"], counted["late_feedback"], counted["overdue"]) == (1, 1, 0)
