"""Who hears the moment a lead is hot: whom it is given to, and whoever asked to."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.models import Notification, OutboxMessage, User
from leads import steering
from leads.events import recording
from leads.events.recording import Behaviour


def watch(*people):
    User.objects.filter(pk__in=[person.pk for person in people]).update(hears_hot_leads=True)


def told(kind):
    return set(Notification.objects.filter(kind=kind).values_list("user__username", flat=True))


def request_demo(lead, cast):
    event = Behaviour("site", f"demo-{lead.pk}", "demo_request", cast.at, lead=lead.pk)
    recording.record([event], by=None, at=cast.at)


def test_the_rep_hears_in_the_bell_and_by_mail_and_nobody_else_unasked(cast):
    request_demo(cast.lead(), cast)
    assert len(told("handoff.offered")) == 1
    assert told("handoff.hot") == set()
    assert OutboxMessage.objects.filter(kind="mail", topic="handoff.offered").count() == 1


def test_marketing_hears_of_every_one_that_asks_to(cast):
    watch(cast.marketer)
    request_demo(cast.lead(), cast)
    assert told("handoff.hot") == {"marketer"}
    assert OutboxMessage.objects.filter(kind="mail", topic="handoff.hot").count() == 1


def test_a_manager_hears_of_their_own_team_s(cast):
    watch(cast.manager)
    cast.handoff(to=cast.rep)
    cast.handoff(to=cast.stranger)
    assert Notification.objects.filter(kind="handoff.hot", user=cast.manager).count() == 1


@pytest.mark.parametrize("who", ["colleague", "stranger"])
def test_a_rep_hears_only_of_leads_of_their_own(cast, who):
    watch(getattr(cast, who))
    cast.handoff(to=cast.rep)
    assert told("handoff.hot") == set()


def test_an_edit_that_lifts_a_lead_over_the_bar_tells_as_well(cast):
    watch(cast.marketer)
    lead = cast.lead()
    events = [Behaviour("ma", f"i{n}", "inquiry", cast.at, lead=lead.pk) for n in range(7)]
    recording.record(events, by=None, at=cast.at)
    assert told("handoff.hot") == set()
    steering.edit(lead, by=cast.marketer, at=cast.at, job_title="購買部長", stakeholder_role="executive")
    assert told("handoff.hot") == {"marketer"}


def test_many_are_handed_over_and_told_of_in_as_many_statements_as_a_few(cast):
    User.objects.update(capacity=1000)  # so that nobody waits in the open queue, which managers would hear of
    watch(cast.marketer)
    few, many = (batch_of_demos(cast, count) for count in (24, 42))
    recording.record(batch_of_demos(cast, 3), by=None, at=cast.at)  # terms are frozen once
    assert statements_of(few, cast) == statements_of(many, cast)
    assert Notification.objects.filter(kind="handoff.hot").count() == 69


def batch_of_demos(cast, count):
    leads = [cast.lead() for _ in range(count)]
    return [Behaviour("site", f"demo-{lead.pk}", "demo_request", cast.at, lead=lead.pk) for lead in leads]


def statements_of(batch, cast):
    with CaptureQueriesContext(connection) as asked:
        recording.record(batch, by=None, at=cast.at)
    return len(asked)
