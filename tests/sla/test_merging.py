"""Merging two leads of one person: nothing is lost, the old ids lead on, and what cannot be merged is said."""

from datetime import timedelta

import pytest

from crm import activities
from crm.models import Consent, LedgerEntry
from crm.states import Refused
from deals.models import Deal
from leads import lifecycle
from leads.capture import door
from leads.capture.intake import Inquiry
from leads.events import recording
from leads.events.recording import Behaviour
from leads.models import BehaviourEvent, Lead
from project import invariants
from sla import handoffs, merging
from sla.handoffs import Opportunity
from tests.support.rest import Rest


def behave(cast, lead, number, kind="download"):
    recording.record([Behaviour("site", f"e{number}", kind, cast.at, lead=lead.pk)], by=None, at=cast.at)


def merge(cast, lead, into, by=None):
    return merging.merge(lead, into=into, by=by or cast.marketer, at=cast.at)


def test_behaviour_adds_up_and_the_score_is_the_sum_of_its_events(cast):
    one, other = cast.lead(), cast.lead()
    behave(cast, one, 1)
    behave(cast, other, 2, "webinar")
    merge(cast, one, other)
    other.score.refresh_from_db()
    assert BehaviourEvent.objects.filter(lead=other).count() == 2
    assert Lead.objects.get(pk=one.pk).score.engagement == 0
    assert invariants.broken(cast.at) == []


def test_what_only_one_knows_is_kept_and_the_earlier_arrival_counts(cast):
    one = cast.lead(job_title="部長", source="fair", external_id="M-1")
    cast.at += timedelta(days=3)
    other = cast.lead()
    winner = merge(cast, one, other)
    winner.refresh_from_db()
    assert (winner.contact.job_title, winner.source, winner.external_id) == ("部長", "fair", "M-1")
    assert winner.captured_at == cast.at - timedelta(days=3)


@pytest.mark.parametrize(
    ("mine", "theirs", "kept"),
    [
        (False, True, Consent.WITHDRAWN),
        (True, False, Consent.WITHDRAWN),
        (True, None, Consent.GRANTED),
        (None, None, Consent.UNKNOWN),
    ],
)
def test_consent_once_withdrawn_stays_withdrawn(cast, mine, theirs, kept):
    winner = merge(cast, cast.lead(consent=mine), cast.lead(consent=theirs))
    winner.contact.refresh_from_db()
    assert winner.contact.consent == kept


def test_handoffs_deals_and_activities_follow(cast):
    done = cast.handoff()
    handoffs.accept(done, by=cast.rep, at=cast.at)
    handoffs.convert(done, Opportunity("Line"), by=cast.rep, at=cast.at)
    back = cast.handoff()
    activities.log(back.contact, channel="call", by=cast.rep, at=cast.at)
    handoffs.reject(back, reason="bad-timing", by=cast.rep, at=cast.at)
    winner = merge(cast, back.lead, done.lead)
    assert set(winner.handoffs.values_list("pk", flat=True)) == {done.pk, back.pk}
    assert Deal.objects.get().lead == winner
    assert winner.contact.activities.count() == 1
    assert invariants.broken(cast.at) == []


@pytest.mark.parametrize("name", ["email", "external_id", "contact", "lead"])
def test_whoever_names_the_old_record_means_the_one_that_stays(cast, name):
    one, other = cast.lead(external_id="M-1"), cast.lead(external_id="M-2")
    old_contact, email = one.contact_id, one.contact.email
    merge(cast, one, other)
    told = {"email": email, "lead_external_id": "M-1", "contact": old_contact, "lead": one.pk}
    key = "lead_external_id" if name == "external_id" else name
    event = Behaviour("site", name, "download", cast.at, **{key: told[key]})
    receipt = recording.record([event], by=cast.marketer, at=cast.at)
    assert (receipt.accepted, BehaviourEvent.objects.get(external_id=name).lead_id) == (1, other.pk)


@pytest.mark.parametrize("known", ["email", "external_id"])
def test_capturing_the_old_record_again_makes_no_new_lead(cast, known):
    one, other = cast.lead(external_id="M-1"), cast.lead(external_id="M-2")
    told = {"email": one.contact.email} if known == "email" else {"external_id": "M-1"}
    merge(cast, one, other)
    [done] = door.capture([Inquiry(**told, job_title="CFO")], by=cast.marketer, at=cast.at)
    assert (done.lead, done.status) == (other.pk, door.UPDATED)
    assert Lead.objects.standing().count() == 1


def test_a_chain_of_merges_leads_to_its_end(cast):
    first, second, third = cast.lead(), cast.lead(), cast.lead()
    merge(cast, first, second)
    merge(cast, second, third)
    first.refresh_from_db()
    assert first.merged_into_id == third.pk
    assert first.contact_id == third.contact_id


def refused(cast, lead, into, by=None):
    before = LedgerEntry.objects.count()
    with pytest.raises(Refused) as said:
        merge(cast, lead, into, by)
    assert LedgerEntry.objects.count() == before
    assert Lead.objects.get(pk=lead.pk).merged_into_id is None
    return str(said.value)


def test_a_lead_that_sales_works_now_stays(cast):
    one, other = cast.handoff(), cast.handoff()
    assert "Sales is working this lead" in refused(cast, one.lead, other.lead)


def test_the_journey_that_is_further_stays(cast):
    lead, further = cast.lead(), cast.lead()
    lifecycle.nurture([further.pk], by=cast.marketer, at=cast.at)
    assert "further than the other" in refused(cast, further, lead)


def test_a_lead_is_not_merged_into_itself(cast):
    lead = cast.lead()
    assert "into itself" in refused(cast, lead, lead)


def test_over_rest_the_old_id_answers_with_the_new_record(cast, clock):
    one, other = cast.lead(), cast.lead()
    api = Rest(cast.marketer, cast.at)
    answer = api.post(f"/api/v1/leads/{one.pk}/merge/", {"into": other.pk})
    assert (answer.status_code, answer.json()["id"]) == (200, other.pk)
    assert api.get(f"/api/v1/leads/{one.pk}/").json()["id"] == other.pk
    assert api.post(f"/api/v1/leads/{one.pk}/merge/", {"into": other.pk}).status_code == 404
    told = [item["kind"] for item in api.get(f"/api/v1/leads/{other.pk}/timeline/").json()["results"]]
    assert {"lead.absorbed", "lead.merged", "contact.merged"} <= set(told)
    assert told.count("lead.captured") == 2


def test_who_may_not_work_both_merges_nothing(cast, clock):
    mine, theirs = cast.handoff().lead, cast.handoff(to=cast.stranger).lead
    answer = Rest(cast.rep, cast.at).post(f"/api/v1/leads/{mine.pk}/merge/", {"into": theirs.pk})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/into"


def test_the_page_of_the_old_lead_leads_to_the_new_one(cast, clock, client):
    one, other = cast.lead(), cast.lead()
    merge(cast, one, other)
    client.force_login(cast.marketer)
    assert client.get(f"/leads/{one.pk}/")["Location"] == f"/leads/{other.pk}/"
