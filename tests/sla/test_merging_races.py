"""Merges that meet: two that cross, and one while an event and a note arrive. Each on a connection of its own."""

import pytest

from crm import activities, directory, journal, merging
from crm.models import Account, Contact
from leads import merging as leads_merging
from leads.events import recording
from leads.events.recording import Behaviour
from leads.models import BehaviourEvent, Lead
from project import invariants
from sla import merging as sla_merging
from tests.support.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_merges_of_people_that_cross_leave_one_record_and_no_dead_lock(cast):
    for _round in range(3):
        one, other = cast.lead().contact, cast.lead().contact
        done = at_once(
            lambda one=one, other=other: sla_merging.merge_people(one, into=other, by=cast.admin, at=cast.at),
            lambda one=one, other=other: sla_merging.merge_people(other, into=one, by=cast.admin, at=cast.at),
        )
        assert done == 1
        assert Contact.objects.standing().filter(pk__in=[one.pk, other.pk]).count() == 1
    assert invariants.broken(cast.at) == []


def test_two_merges_of_companies_that_cross_leave_one(cast):
    one, other = (directory.add_account(name=name, by=cast.admin, at=cast.at) for name in "甲乙")
    done = at_once(
        lambda: merging.merge_accounts(one, other, by=cast.admin, at=cast.at),
        lambda: merging.merge_accounts(other, one, by=cast.admin, at=cast.at),
    )
    assert done == 1
    assert Account.objects.standing().count() == 1


def test_an_event_and_a_note_that_arrive_during_a_merge_are_the_winners_in_the_end(cast):
    one, other = cast.lead(), cast.lead()
    event = Behaviour("site", "e1", "download", cast.at, email=one.contact.email)
    at_once(
        lambda: sla_merging.merge_people(one.contact, into=other.contact, by=cast.admin, at=cast.at),
        lambda: recording.record([event], by=None, at=cast.at),
        lambda: activities.log(one.contact, channel="call", by=cast.admin, at=cast.at),
    )
    leads_merging.gather_strays()
    assert other.contact.activities.count() == 1
    assert BehaviourEvent.objects.filter(lead=other).count() == BehaviourEvent.objects.count()
    assert [model for model in journal.mergeable() if journal.dangling(model)] == []
    assert invariants.broken(cast.at) == []


def test_a_stray_is_seen_and_follows(cast):
    """The negative control: what was written to the loser after its merge breaks I9 until it is gathered."""
    one, other = cast.lead(), cast.lead()
    sla_merging.merge_people(one.contact, into=other.contact, by=cast.admin, at=cast.at)
    activities.log(one.contact, channel="call", by=cast.admin, at=cast.at)
    assert any("I9" in line for line in invariants.broken(cast.at))
    assert leads_merging.gather_strays() == 1
    assert invariants.broken(cast.at) == []
    assert Lead.objects.standing().count() == 1
