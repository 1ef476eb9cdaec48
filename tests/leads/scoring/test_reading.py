"""Where no model is active, nothing gives points, and nobody is turned away for it."""

import pytest

from leads.events import recording
from leads.events.recording import Behaviour
from leads.models import BehaviourEvent, Lead, LeadScore, ScoringModel, Stage, VersionStatus
from leads.scoring import versions
from tests.support.forms import Person, make_form
from tests.support.rest import Rest


@pytest.fixture
def draft(cast):
    """The only version there is, not yet in force."""
    ScoringModel.objects.update(status=VersionStatus.DRAFT, activated_at=None)
    return ScoringModel.objects.get()


def did(lead, cast, kind):
    return recording.record([Behaviour("ma", kind, kind, cast.at, lead=lead.pk)], by=None, at=cast.at)


def test_a_public_form_takes_people_in(cast, draft, clock):
    make_form(fields="industry company")
    answer = Person(clock).fill_in(email="aya@kaze.example", company="Kaze K.K.")
    assert answer.status_code == 303
    assert Lead.objects.get(contact__email_key="aya@kaze.example").events.count() == 1


def test_behaviour_is_kept_and_summed_once_a_model_is_activated(cast, draft):
    lead = cast.lead()
    assert did(lead, cast, "inquiry").accepted == 1
    assert LeadScore.objects.get(lead=lead).engagement == 0
    versions.activate(draft, by=cast.marketer, at=cast.at)
    decay = versions.in_force().decay
    assert decay.score_at(LeadScore.objects.get(lead=lead).rank, cast.at) == pytest.approx(10)


def test_a_raised_hand_is_an_mql_all_the_same(cast, draft):
    lead = cast.lead()
    did(lead, cast, "demo_request")
    assert Lead.objects.get(pk=lead.pk).stage == Stage.MQL
    assert BehaviourEvent.objects.get(lead=lead).kind == "demo_request"


@pytest.mark.parametrize("page", ["/leads/{}/", "/leads/{}/score/", "/leads/", "/leads/quality/"])
def test_their_pages_open(cast, draft, client, page):
    lead = cast.lead(company="Kita")
    did(lead, cast, "inquiry")
    client.force_login(cast.marketer)
    assert client.get(page.format(lead.pk)).status_code == 200


def test_a_program_is_told_of_a_score_of_nothing(cast, draft, clock):
    lead = cast.lead()
    did(lead, cast, "inquiry")
    answer = Rest(cast.marketer, cast.at, "leads:read").get(f"/api/v1/leads/{lead.pk}/score/")
    assert (answer.status_code, answer.json()["total"]) == (200, 0)


def test_a_program_brings_a_lead_and_reads_it_back(cast, draft, clock):
    api = Rest(cast.marketer, cast.at, "leads:write", "leads:read")
    made = api.post("/api/v1/leads/", {"email": "aya@kaze.example", "last_name": "風"})
    told = api.get(f"/api/v1/leads/{made.json()['id']}/")
    listed = api.get("/api/v1/leads/")
    assert [made.status_code, told.status_code, listed.status_code] == [201, 200, 200]
    assert made.json()["score"] == told.json()["score"] == listed.json()["results"][0]["score"] == 0
