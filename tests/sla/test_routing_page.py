"""Who could get a lead now, and a dry run that writes nothing."""

import re
from datetime import timedelta

import pytest

from crm.models import Leave, LedgerEntry, OutboxMessage, User
from leads.models import Lead, Segment
from sla import dry_run, handoffs
from sla.models import Handoff, Territory

PAGE = "/sla/routing/"


@pytest.fixture
def desk(cast, client, clock):
    def enter(who):
        client.force_login(getattr(cast, who))
        return client

    return enter


def text_of(answer):
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def states(client):
    return {row.user.username: row.state for row in client.get(PAGE).context["seats"]}


def test_every_cause_that_keeps_a_person_out_is_shown(cast, desk):
    today = cast.at.date()
    Leave.objects.create(user=cast.colleague, starts_on=today, ends_on=today)
    User.objects.filter(pk=cast.stranger.pk).update(capacity=0)
    assert states(desk("marketer")) == {"rep": "free", "colleague": "away", "stranger": "full"}


def test_a_manager_sees_the_own_team(desk):
    assert set(states(desk("manager"))) == {"rep", "colleague"}


def test_territories_are_named_with_their_team(cast, desk):
    Territory.objects.create(segment=Segment.objects.get(code="enterprise"), team=cast.stranger.team)
    assert "Large companies Osaka" in text_of(desk("rep").get(PAGE))


def test_a_dry_run_says_who_would_get_each_and_why(cast, desk):
    for _turn in range(3):
        cast.lead()
    answer = desk("marketer").get(PAGE, {"stage": "inquiry", "size": "10"})
    assert len(answer.context["run"]["guesses"]) == 3
    assert sum(count for _name, count in answer.context["run"]["shares"]) == 3
    assert "Has room for it and comes first in turn." in text_of(answer)


def test_a_dry_run_writes_nothing(cast, desk):
    cast.lead()
    before = Handoff.objects.count(), LedgerEntry.objects.count(), OutboxMessage.objects.count()
    desk("marketer").get(PAGE, {"stage": "inquiry", "size": "10"})
    assert (Handoff.objects.count(), LedgerEntry.objects.count(), OutboxMessage.objects.count()) == before
    assert not Lead.objects.filter(stage="mql").exists()


def test_a_dry_run_guesses_what_then_happens(cast):
    leads = [cast.lead() for _turn in range(6)]
    guessed = {out.lead.pk: out.choice.user for out in dry_run.dry_run(leads, at=cast.at)}
    offered = {
        lead.pk: handoffs.hand_over(lead, by=cast.marketer, at=cast.at + timedelta(seconds=1)).assignee_id
        for lead in leads
    }
    assert sorted(guessed.values()) == sorted(offered.values())


def test_a_lead_of_a_segment_falls_under_its_agreement_and_territory(cast, desk):
    segment = Segment.objects.get(code="enterprise")
    Territory.objects.create(segment=segment, team=cast.stranger.team)
    cast.lead(employee_count=5000)
    [guess] = desk("marketer").get(PAGE, {"stage": "inquiry", "size": "10"}).context["run"]["guesses"]
    assert guess.name == str(cast.stranger)
    assert "It lies in the territory of Osaka." in guess.why.details


def test_the_sample_holds_only_what_the_person_may_see(cast, desk):
    cast.lead()
    answer = desk("stranger").get(PAGE, {"stage": "inquiry", "size": "10"})
    assert answer.context["run"]["guesses"] == []
    assert "No leads match" in text_of(answer)


def test_the_sample_is_narrowed_by_segment_and_source(cast, desk):
    large, small = cast.lead(employee_count=5000, source="fair"), cast.lead(employee_count=5, source="web")
    segment = Segment.objects.get(code="enterprise")
    client = desk("marketer")

    def found(**asked):
        run = client.get(PAGE, {"stage": "inquiry", "size": "10", **asked}).context["run"]
        return {guess.lead.pk for guess in run["guesses"]}

    assert found(segment=segment.pk) == {large.pk}
    assert found(source="web") == {small.pk}


@pytest.mark.parametrize("query", [{"stage": "nonsense", "size": "10"}, {"stage": "inquiry", "size": "9999"}])
def test_a_sample_that_cannot_be_is_explained(desk, query):
    answer = desk("marketer").get(PAGE, query)
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert answer.context["run"] is None


def test_the_page_asks_as_often_for_many_leads_as_for_few(cast, desk, django_assert_max_num_queries):
    client = desk("marketer")
    for _turn in range(12):
        cast.lead()
    with django_assert_max_num_queries(24):
        client.get(PAGE, {"stage": "inquiry", "size": "50"})
