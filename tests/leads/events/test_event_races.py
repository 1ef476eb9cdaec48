"""A person appears while their event arrives, and an event arrives while others are withdrawn. On real commits."""

from __future__ import annotations

import pytest
from django.db import transaction

from leads.capture import door
from leads.capture.intake import Inquiry
from leads.events import recording, waiting, withdrawing
from leads.events.recording import Behaviour
from leads.models import BehaviourEvent, LeadScore, WaitingEvent
from leads.scoring import reading, recounting, versions
from project import invariants
from tests.support.cast import gather
from tests.support.threads import at_once, pause

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 6


@pytest.fixture
def cast(at):
    return gather(at)


def did(person, number, at):
    return Behaviour(
        source="ma", external_id=f"{person}-{number}", kind="download", occurred_at=at,
        email=f"p{person}@kita.jp",
    )  # fmt: skip


def arrives(cast, number):
    batch = [did(person, number, cast.at) for person in range(PEOPLE)]
    return lambda: waiting.receive(batch, by=None, at=cast.at)


def appears(cast, person):
    row = Inquiry(email=f"p{person}@kita.jp", last_name="北")
    return lambda: door.capture([row], by=None, at=cast.at)


def appears_among_other_things(cast, person):
    """The caller does more in the same transaction."""

    def deed():
        with transaction.atomic():
            appears(cast, person)()

    return deed


def once_before(monkeypatch, name, deed):
    """The other one comes, and commits, just before this step of the first."""
    real, left = getattr(waiting, name), [deed]

    def step(*args, **known):
        if left:
            at_once(left.pop())
        return real(*args, **known)

    monkeypatch.setattr(waiting, name, step)


def once_after_looking(monkeypatch, deed, *, later=None):
    """The event comes when the new lead has looked for what waits, and is not committed yet."""
    real, left = waiting.attach, [deed]

    def attach(leads, *, at):
        is_first = bool(left)
        done = real(leads, at=at) if is_first or later is None else later
        if is_first:
            at_once(left.pop())
        return done

    monkeypatch.setattr(waiting, "attach", attach)


def test_nothing_is_lost_or_counted_twice_when_people_and_events_meet(cast):
    people = [appears(cast, person) for person in range(PEOPLE)]
    at_once(arrives(cast, 1), *people, arrives(cast, 1), arrives(cast, 2))
    assert not WaitingEvent.objects.exists()
    assert BehaviourEvent.objects.count() == 2 * PEOPLE
    assert invariants.broken(cast.at) == []


def test_a_person_who_appears_before_the_event_is_kept_gets_it(cast, monkeypatch):
    once_before(monkeypatch, "_keep", appears(cast, 0))
    arrives(cast, 1)()
    assert BehaviourEvent.objects.count() == 1


def test_without_looking_again_that_event_is_left_behind(cast, monkeypatch):
    """Negative control: the keeper's second look is taken away."""
    once_before(monkeypatch, "_keep", appears(cast, 0))
    monkeypatch.setattr(waiting, "_look_again", lambda *_args: None)
    arrives(cast, 1)()
    assert BehaviourEvent.objects.count() == 0


def test_an_event_that_is_kept_before_the_person_is_committed_is_found(cast, monkeypatch):
    once_after_looking(monkeypatch, arrives(cast, 1))
    appears_among_other_things(cast, 0)()
    assert BehaviourEvent.objects.count() == 1


def test_without_the_news_after_the_commit_it_is_not(cast, monkeypatch):
    """Negative control: only the first look is left."""
    once_after_looking(monkeypatch, arrives(cast, 1), later=0)
    appears_among_other_things(cast, 0)()
    assert BehaviourEvent.objects.count() == 0


def waiting_lead(cast):
    lead = cast.lead(email="p0@kita.jp")
    waiting.receive([did(0, number, cast.at) for number in range(4)], by=None, at=cast.at)
    return lead


def withdraw_and_arrive(cast):
    bots = BehaviourEvent.objects.filter(external_id__in=["0-0", "0-1"])
    news = [did(0, number, cast.at) for number in range(10, 14)]
    at_once(
        lambda: withdrawing.withdraw(bots, reason="bots", by=cast.marketer, at=cast.at),
        lambda: waiting.receive(news, by=None, at=cast.at),
        lambda: withdrawing.withdraw(bots, reason="bots", by=cast.marketer, at=cast.at),
    )


def test_a_sum_made_anew_holds_what_arrives_meanwhile(cast, monkeypatch):
    lead, real = waiting_lead(cast), versions.resum

    def slowly(*args):
        pause(0.2)
        real(*args)
        pause(0.2)

    monkeypatch.setattr(versions, "resum", slowly)
    withdraw_and_arrive(cast)
    assert BehaviourEvent.objects.counted().filter(lead=lead).count() == 6
    assert invariants.broken(cast.at) == []


def test_without_the_lock_the_sum_loses_what_arrives(cast, monkeypatch):
    """Negative control: the score is read, and written back later."""
    waiting_lead(cast)

    def careless(leads, _rules):
        before = dict(LeadScore.objects.filter(lead__in=leads).values_list("lead", "engagement"))
        pause(0.4)
        for lead, engagement in before.items():
            LeadScore.objects.filter(lead=lead).update(engagement=engagement / 2)

    monkeypatch.setattr(recounting, "hold", lambda _leads: None)
    monkeypatch.setattr(versions, "resum", careless)
    withdraw_and_arrive(cast)
    assert invariants.broken(cast.at) != []


# -- and a new version of the points takes force ------------------------------------------------------


def draft_with(cast, points):
    draft = versions.draft_from(versions.active(), by=cast.marketer, at=cast.at)
    draft.behaviour_rules.filter(kind="download").update(points=points)
    return draft


def points_now(cast):
    """What the behaviour of each lead is worth."""
    decay = versions.in_force().decay
    sums = LeadScore.objects.order_by("pk").values_list("engagement", flat=True)
    return [decay.score_at(engagement, cast.at) for engagement in sums]


def arrive_while_it_takes_force(cast, monkeypatch):
    """The event's points are known, and not written yet, when the activation comes."""
    lead, draft, write = cast.lead(email="p0@kita.jp"), draft_with(cast, 40), recording._write

    def slowly(*args):
        pause(0.4)
        return write(*args)

    def activate():
        pause(0.1)
        versions.activate(draft, by=cast.marketer, at=cast.at)

    monkeypatch.setattr(recording, "_write", slowly)
    at_once(lambda: waiting.receive([did(0, 1, cast.at)], by=None, at=cast.at), activate)
    return lead


def test_an_event_is_counted_by_the_version_that_is_in_force_when_it_is_written(cast, monkeypatch):
    arrive_while_it_takes_force(cast, monkeypatch)
    assert points_now(cast) == [pytest.approx(40)]
    assert invariants.broken(cast.at) == []


def test_without_the_lock_it_keeps_the_points_of_the_version_before(cast, monkeypatch):
    unlocked = lambda question, _rows: (versions.in_force(), question.ask())  # noqa: E731
    monkeypatch.setattr(versions, "held_beside", unlocked)
    arrive_while_it_takes_force(cast, monkeypatch)
    assert points_now(cast) != [pytest.approx(40)]
    assert invariants.broken(cast.at) != []


def wait_for_what_takes_force(cast, monkeypatch):
    """The version takes force when the event comes, and has not committed yet."""
    lead, draft, rescore = cast.lead(email="p0@kita.jp"), draft_with(cast, 40), versions.rescore

    def slowly(*args, **options):
        pause(0.5)
        return rescore(*args, **options)

    def arrive():
        pause(0.2)
        waiting.receive([did(0, 1, cast.at)], by=None, at=cast.at)

    monkeypatch.setattr(versions, "rescore", slowly)
    at_once(lambda: versions.activate(draft, by=cast.marketer, at=cast.at), arrive)
    return lead


def test_an_event_that_waits_for_a_version_is_counted_by_it(cast, monkeypatch):
    wait_for_what_takes_force(cast, monkeypatch)
    assert points_now(cast) == [pytest.approx(40)]
    assert invariants.broken(cast.at) == []


def test_rules_read_by_the_statement_that_waits_are_those_of_before(cast, monkeypatch):
    at_the_same_moment = """
        (SELECT leads_rules(model.id) FROM leads_scoringmodel model,
                (SELECT pg_advisory_xact_lock_shared(%(rules_lock)s, 0),
                        set_config('plan_cache_mode', %(rules_plans)s, true) OFFSET 0) lock
          WHERE model.status = 'active')
    """
    by_function = "leads_rules_held(%(rules_lock)s, %(rules_plans)s)"
    monkeypatch.setattr(reading, "_HELD", reading._HELD.replace(by_function, at_the_same_moment))
    wait_for_what_takes_force(cast, monkeypatch)
    assert points_now(cast) != [pytest.approx(40)]
    assert invariants.broken(cast.at) != []


def test_captures_events_and_an_activation_at_once_do_not_stop_each_other(cast):
    for person in range(PEOPLE):
        cast.lead(email=f"p{person}@kita.jp")
    draft = draft_with(cast, 40)
    people = [appears(cast, person) for person in range(PEOPLE)]
    activation = lambda: versions.activate(draft, by=cast.marketer, at=cast.at)  # noqa: E731
    at_once(arrives(cast, 1), *people, activation, arrives(cast, 2))
    assert points_now(cast) == [pytest.approx(2 * 40)] * PEOPLE
    assert invariants.broken(cast.at) == []
