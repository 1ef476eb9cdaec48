"""What to send the people of a deal next, role by role."""

import pytest

from content.models import Asset, AssetKind
from deals import committee, pipeline, suggestions
from deals.pipeline import Opening
from leads.events import recording
from leads.events.recording import Behaviour
from tests.support.rest import Rest


@pytest.fixture
def deal(cast):
    for role, kind in (("it", AssetKind.SECURITY_SHEET), ("legal", AssetKind.CONTRACT_SAMPLE)):
        Asset.objects.create(
            slug=f"for-{role}", kind=kind, title=role, phases=["consideration"], stakeholder_roles=[role]
        )
    row = cast.handoff()
    opening = Opening(
        name="Line", owner=cast.rep, account_id=row.account_id, contact=row.contact, lead=row.lead
    )
    [made] = pipeline.open_deals([opening], by=cast.rep, at=cast.at)
    committee.seat(made, row.contact, role="it", by=cast.rep, at=cast.at)
    return made


def by_role(deal, at):
    return {one.role: one for one in suggestions.for_deal(deal, at=at)}


def test_each_role_gets_what_is_written_for_it_and_missing_ones_are_named(cast, deal):
    found = by_role(deal, cast.at)
    assert (found["it"].is_missing, found["legal"].is_missing) == (False, True)
    assert found["it"].suggestions[0].asset.slug == "for-it"
    assert found["legal"].suggestions[0].asset.slug == "for-legal"


def test_what_a_member_has_read_is_not_sent_to_their_role_again(cast, deal):
    told = Behaviour("site", "e1", "download", cast.at, asset="for-it", lead=deal.lead_id)
    recording.record([told], by=None, at=cast.at)
    found = by_role(deal, cast.at)
    assert "for-it" not in [one.asset.slug for one in found["it"].suggestions]
    assert "for-it" in [one.asset.slug for one in found["legal"].suggestions]


def test_the_api_lists_the_roles(cast, deal, clock):
    answer = Rest(cast.rep, cast.at).get(f"/api/v1/deals/{deal.pk}/recommendations/").json()["results"]
    assert [one["role"] for one in answer] == ["executive", "end_user", "it", "procurement", "legal"]
    assert answer[2]["recommendations"][0]["asset"]["slug"] == "for-it"
    address = f"/api/v1/deals/{deal.pk}/recommendations/"
    assert Rest(cast.stranger, cast.at).get(address).status_code == 404
