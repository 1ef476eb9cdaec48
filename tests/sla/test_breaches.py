"""The facts behind late first contacts, as they are found in what was recorded."""

from datetime import timedelta

import pytest

from crm import activities, leaves
from sla import breaches, handoffs
from sla.causes import Cause
from sla.models import Agreement, Handoff

HOUR = timedelta(hours=1)


def story(row):
    return breaches.stories([Handoff.objects.get(pk=row.pk)])[row.pk]


def cause(row):
    return story(row).cause


def test_nobody_tried(cast):
    assert cause(cast.handoff()) == Cause.UNTOUCHED


def test_nobody_owns_it(cast):
    row = cast.handoff()
    Handoff.objects.filter(pk=row.pk).update(assignee=None)
    assert cause(row) == Cause.QUEUE


def test_tried_and_not_as_agreed(cast):
    Agreement.objects.in_force().update(response_counts="reached")
    row = cast.handoff()
    handoffs.contact(row, channel="call", outcome="no_answer", by=cast.rep, at=cast.at + HOUR)
    assert cause(row) == Cause.TRIED


def test_what_was_done_after_the_deadline_is_no_attempt_in_time(cast):
    row = cast.handoff()
    handoffs.contact(row, channel="call", outcome="reached", by=cast.rep, at=row.respond_by + HOUR)
    assert cause(row) == Cause.UNTOUCHED


def test_the_mail_bounced(cast):
    row = cast.handoff()
    activities.log(row.contact, channel="email", outcome="bounced", by=cast.rep, at=cast.at + HOUR)
    assert cause(row) == Cause.BOUNCED


def test_the_owner_was_away_on_the_day(cast):
    row = cast.handoff()
    day = row.respond_by.date()
    leaves.add(cast.rep, starts_on=day, ends_on=day, by=cast.manager, at=cast.at)
    assert cause(row) == Cause.AWAY


def test_it_came_to_its_owner_when_time_was_short(cast):
    row = cast.handoff()
    handoffs.reassign(row, to=cast.colleague, by=cast.manager, at=row.warn_at)
    assert cause(row) == Cause.PASSED_LATE


def test_what_came_to_somebody_after_the_deadline_was_not_theirs_to_keep(cast):
    leaves.add(cast.colleague, starts_on=cast.at.date(), ends_on=cast.at.date(), by=cast.manager, at=cast.at)
    row = cast.handoff()
    for to in (cast.colleague, cast.manager):
        handoffs.reassign(row, to=to, by=cast.manager, at=row.respond_by + HOUR)
    assert (story(row).owner, story(row).cause) == (cast.rep, Cause.UNTOUCHED)


def test_one_claimed_too_late_had_waited_in_the_queue(cast):
    row = cast.handoff()
    Handoff.objects.filter(pk=row.pk).update(assignee=None)
    handoffs.claim(row, by=cast.colleague, at=row.respond_by + HOUR)
    assert (story(row).owner, story(row).cause) == (None, Cause.QUEUE)


def test_the_owner_has_more_than_they_can_work(cast):
    type(cast.rep).objects.filter(pk=cast.rep.pk).update(capacity=1)
    row, _other = cast.handoff(), cast.handoff()
    assert cause(row) == Cause.FULL


@pytest.mark.parametrize("count", [1, 5])
def test_the_price_does_not_grow_with_the_rows(cast, count, django_assert_num_queries):
    rows = [cast.handoff() for _ in range(count)]
    with django_assert_num_queries(4):
        breaches.stories(rows)


def test_the_first_cause_told_is_the_first_on_record(cast):
    late = cast.handoff()
    handoffs.reassign(late, to=cast.colleague, by=cast.manager, at=late.warn_at)
    rows = list(Handoff.objects.with_people().filter(pk__in=[late.pk, cast.handoff().pk]).order_by("pk"))
    told, record = breaches.stories(rows), breaches.records(rows)
    assert [record[row.pk][0].kind for row in rows] == [told[row.pk].cause for row in rows]
    assert [one.kind for one in record[rows[0].pk]] == [Cause.PASSED_LATE]
