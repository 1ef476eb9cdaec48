"""Replaying the agreement in force gives what really happened, lead by lead.

`BATON_LIVES=40 ./run test tests/sla/test_replay_reproduction.py` lives more lives than CI does.
"""

from collections import Counter
from datetime import timedelta

import pytest

from crm.models import Leave, User
from leads import steering
from leads.scoring import versions
from project.demo import story
from sla.models import Agreement, Handoff, ReasonRule, Status
from sla.replay import history, play, reproduction
from sla.replay.contracts import in_force
from sla.replay.reproduction import Cause, What
from tests.sla.asking import WEEK, live
from tests.sla.replaying import Life
from tests.support import machine

LIVES = range(1, 1 + machine.times("BATON_LIVES", 3))
STEPS = 340


def replayed(since, until):
    read = history.read([], since=since, until=until, known_at=until)
    return read, play.replay(read, in_force(), read.sellers)


def offered(row):
    return row.lead, row.round, row.offered_at, row.due


def ended(row):
    """How it ended; verdicts of what still runs change with every sweep."""
    return row.ended_as, row.ended_at, row.accepted_at, row.verdicts if row.ended_as else None


def assert_everything_happens_again(read, side):
    real = [one for one in read.answers if one.offered_at >= read.since]
    assert [(one.at, one.lead) for one in side.played.mqls] == [(one.at, one.lead) for one in read.qualified]
    assert [offered(row) for row in side.played.handovers] == [offered(one) for one in real]
    assert [row.given_to for row in side.played.handovers] == [one.assignee for one in real]
    assert [ended(row) for row in side.played.handovers] == [ended(one) for one in real]


@pytest.mark.parametrize("seed", LIVES)
def test_everything_happens_again(cast, seed):
    end = Life(cast, seed).live(steps=STEPS) + timedelta(seconds=1)
    read, side = replayed(cast.at, end)
    assert_everything_happens_again(read, side)
    assert len(read.qualified) > 15
    assert {Status.REJECTED, Status.EXPIRED, Status.CONVERTED} <= {one.ended_as for one in read.answers}


@pytest.mark.parametrize("seed", [seed + 100 for seed in LIVES])
def test_from_the_middle_on_as_well(cast, seed):
    """What ran, waited and had been refused when the period begins is taken up where it stood."""
    life = Life(cast, seed)
    middle = life.live(steps=STEPS // 2) + timedelta(seconds=1)
    end = life.live(steps=STEPS // 2) + timedelta(seconds=1)
    read, side = replayed(middle, end)
    assert_everything_happens_again(read, side)
    assert read.running
    assert any(one.round > 1 for one in read.answers)


@pytest.mark.parametrize("routing", ["queue", "balanced"])
def test_leads_that_wait_in_the_open_queue_are_claimed_again(cast, routing):
    Agreement.objects.update(routing=routing, after_expiry="queue")
    end = Life(cast, 7, people=12).live(steps=STEPS // 2) + timedelta(seconds=1)
    read, side = replayed(cast.at, end)
    assert_everything_happens_again(read, side)
    assert any(one.assignee is None and one.owner for one in read.answers)


# Negative controls: the comparison sees what is different.


def test_another_threshold_is_no_reproduction(cast):
    live(cast)
    definition = Agreement.objects.current().definition
    definition.threshold = 45
    definition.save()
    read, side = replayed(cast.at, cast.at + 10 * WEEK)
    found = reproduction.compare(read, side)
    assert (found.mqls, found.mqls_found) == (8, 8)
    assert Counter(one.what for one in found.differences)[What.EXTRA] == 8


def test_another_wait_is_no_reproduction(cast):
    end = Life(cast, 2).live(steps=STEPS) + timedelta(seconds=1)
    ReasonRule.objects.update(wait_days=200)
    read, side = replayed(cast.at, end)
    assert reproduction.compare(read, side).mqls_found < len(read.qualified)


# Why a replay differs ------------------------------------------------------------------------------


def causes(cast):
    read, side = replayed(cast.at, cast.at + 10 * WEEK)
    return reproduction.compare(read, side).causes()


def test_a_history_without_changes_differs_in_nothing(cast):
    live(cast)
    assert causes(cast) == {}


def test_an_edited_person_explains_a_missing_mql(cast):
    lead = live(cast)[0]
    definition = Agreement.objects.current().definition
    definition.required_fields = ["email", "job_title"]
    definition.save()
    assert set(causes(cast)) == {Cause.UNKNOWN}
    steering.edit(lead, by=cast.marketer, at=cast.at + 9 * WEEK, job_title="")
    steering.edit(lead, by=cast.marketer, at=cast.at + 9 * WEEK, first_name="次郎")
    assert causes(cast)[Cause.EDITED] == 1


def test_a_new_scoring_model_explains_what_came_before_it(cast):
    live(cast)
    model = versions.draft_from(versions.active(), by=cast.marketer, at=cast.at + 9 * WEEK)
    model.behaviour_rules.update(points=1)
    versions.activate(model, by=cast.marketer, at=cast.at + 9 * WEEK)
    assert set(causes(cast)) == {Cause.SCORING}


def test_somebody_who_left_explains_another_owner(cast):
    live(cast)
    gone = Handoff.objects.order_by("pk").first().assignee
    User.objects.filter(pk=gone.pk).update(is_active=False)
    assert causes(cast)[Cause.PEOPLE] >= 1


def test_leave_that_was_entered_since_is_not_explained_but_counted(cast):
    live(cast)
    first = Handoff.objects.order_by("pk").first()
    Leave.objects.create(user=first.assignee, starts_on=cast.at.date(), ends_on=cast.at.date())
    assert causes(cast)[Cause.UNKNOWN] == 1


# The demo company ----------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_demo_company_is_found_again(db, at, capsys):
    """Half a year of it: every MQL, and every handoff but those of the fair, which brings many leads at one instant."""
    story.play(at=at, scale=0.2)
    read, side = replayed(at - 26 * WEEK, at)
    found = reproduction.compare(read, side)
    with capsys.disabled():
        print(
            f"\n{found.mqls_found} of {found.mqls} MQLs and {found.handoffs_found} of {found.handoffs} handoffs"
            f" are reproduced; the rest: {dict(found.causes())}"
        )
    assert found.mqls > 30
    assert found.share > 0.95
    assert set(found.causes()) <= {Cause.INSTANT}
    assert len({one.at for one in found.differences}) <= 1
