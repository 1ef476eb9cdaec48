"""What was done with a person: logged once by its external id, and taken back when a mail bounced."""

from datetime import timedelta

import pytest

from crm import activities
from crm.activities import Entry
from crm.models import Activity, LedgerEntry
from crm.states import Refused


@pytest.fixture
def person(cast):
    return cast.lead().contact


def mail(person, **known):
    values = {"channel": "email", "outcome": "left_message", "external_id": "m-1"}
    return Entry(contact=person, **(values | known))


def test_told_twice_it_is_one_activity_with_one_fact(cast, person):
    first, again = (activities.log_once(mail(person), by=cast.rep, at=cast.at) for _ in range(2))
    assert (first[1], again[1]) == (True, False)
    assert first[0].pk == again[0].pk
    assert LedgerEntry.objects.filter(kind="activity.logged").count() == 1


def test_twice_in_one_batch_is_once(cast, person):
    done = activities.log_many([mail(person), mail(person)], by=None, at=cast.at)
    assert [each.is_new for each in done] == [True, False]
    assert Activity.objects.count() == 1


def test_without_an_external_id_each_is_its_own(cast, person):
    activities.log_many([mail(person, external_id="")] * 3, by=cast.rep, at=cast.at)
    assert Activity.objects.count() == 3


def test_one_that_lies_ahead_is_refused_and_the_others_are_kept(cast, person):
    ahead = mail(person, external_id="m-2", occurred_at=cast.at + timedelta(hours=1))
    done = activities.log_many([mail(person), ahead], by=cast.rep, at=cast.at)
    assert [each.activity is not None for each in done] == [True, False]
    assert done[1].refusal.field == "occurred_at"


def test_an_external_id_of_somebody_else_is_refused_and_tells_nothing(cast, person):
    activities.log_once(mail(person), by=cast.rep, at=cast.at)
    with pytest.raises(Refused) as refused:
        activities.log_once(mail(cast.lead().contact), by=cast.rep, at=cast.at)
    assert refused.value.field == "external_id"
    assert Activity.objects.get().contact == person


def test_told_again_as_bounced_it_has_bounced(cast, person):
    activities.log_once(mail(person), by=cast.rep, at=cast.at)
    [done] = activities.log_many([mail(person, outcome="bounced")], by=None, at=cast.at)
    assert (done.is_new, done.has_bounced) == (False, True)
    assert Activity.objects.get().outcome == "bounced"


def test_told_again_otherwise_it_stays_as_it_was(cast, person):
    activities.log_once(mail(person), by=cast.rep, at=cast.at)
    activities.log_once(mail(person, outcome="reached"), by=cast.rep, at=cast.at)
    assert Activity.objects.get().outcome == "left_message"


@pytest.mark.parametrize("channel", ["call", "meeting", "note"])
def test_what_cannot_come_back_does_not_bounce(cast, person, channel):
    call = activities.log(person, channel=channel, outcome="reached", by=cast.rep, at=cast.at)
    with pytest.raises(Refused):
        activities.report_bounce(call, by=cast.rep, at=cast.at)
    call.refresh_from_db()
    assert call.outcome == "reached"


def test_who_reported_a_bounce_is_kept(cast, person):
    sent, _new = activities.log_once(mail(person), by=cast.rep, at=cast.at)
    activities.report_bounce(sent, by=cast.colleague, at=cast.at)
    assert LedgerEntry.objects.get(kind="activity.bounced").actor == cast.colleague
