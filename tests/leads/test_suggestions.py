"""What to send a lead next, from what it has read, over REST and on the desk's pages."""

import pytest

from content.models import Asset, AssetKind
from leads import suggestions
from leads.events import recording
from leads.events.recording import Behaviour
from tests.support.rest import Rest


@pytest.fixture
def library(cast):
    webinar = Asset.objects.create(
        slug="webinar", kind=AssetKind.WEBINAR, title="Live", phases=["comparison"]
    )
    Asset.objects.create(
        slug="paper", kind=AssetKind.WHITE_PAPER, title="Paper", phases=["interest"], next_step=webinar
    )
    Asset.objects.create(
        slug="sheet",
        kind=AssetKind.SECURITY_SHEET,
        title="Security",
        phases=["consideration"],
        stakeholder_roles=["it"],
    )
    return cast


def read(cast, lead, slug="paper"):
    told = Behaviour("site", f"{lead.pk}-{slug}", "download", cast.at, asset=slug, lead=lead.pk)
    recording.record([told], by=None, at=cast.at)


def test_the_next_step_after_what_was_read_comes_first(library):
    lead = library.lead(stakeholder_role="it")
    read(library, lead)
    found = suggestions.for_lead(lead, at=library.at)
    assert [one.asset.slug for one in found] == ["webinar", "sheet"]
    assert "Follows “Paper”, which they have read." in [words for _reason, words in found[0].reasons]


def test_the_api_says_why_and_the_reasons_sum_up(library, clock):
    lead = library.lead()
    read(library, lead)
    answer = Rest(library.marketer, library.at).get(f"/api/v1/leads/{lead.pk}/recommendations/")
    first = answer.json()["results"][0]
    assert first["asset"]["slug"] == "webinar"
    assert first["points"] == pytest.approx(sum(reason["points"] for reason in first["reasons"]))
    assert {reason["kind"] for reason in first["reasons"]} == {"next_step", "phase"}


def test_a_lead_of_somebody_else_is_missing(library, clock):
    row = library.handoff()
    address = f"/api/v1/leads/{row.lead_id}/recommendations/"
    assert Rest(library.rep, library.at).get(address).status_code == 200
    assert Rest(library.stranger, library.at).get(address).status_code == 404


def test_queries_do_not_grow_with_what_was_read(library, django_assert_max_num_queries):
    lead = library.lead()
    for slug in ("paper", "sheet", "webinar"):
        read(library, lead, slug)
    with django_assert_max_num_queries(3):
        suggestions.for_lead(lead, at=library.at)
