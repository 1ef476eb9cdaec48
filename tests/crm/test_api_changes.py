"""The change feed over REST: in order, from a cursor, as far as its reader may look."""

import pytest

from tests.support.feed import settle
from tests.support.rest import Rest

CHANGES = "/api/v1/changes/"


@pytest.fixture(autouse=True)
def _committed(transactional_db):
    """The feed holds back what a running transaction wrote, so these tests really commit."""


@pytest.fixture
def cast(transactional_db, at, clock):
    from tests.support.cast import gather

    return gather(at)


def walk(api, size):
    """Every entry, page by page, until nothing waits."""
    address, seen = f"{CHANGES}?page_size={size}", []
    while address:
        answer = api.get(address).json()
        seen += [entry["id"] for entry in answer["results"]]
        address = answer["next"]
    return seen, answer["cursor"]


def test_the_feed_is_walked_in_order_without_gaps_and_read_on_later(cast):
    cast.handoff()
    settle()
    api = Rest(cast.admin, cast.at)
    whole, cursor = walk(api, 500)
    by_twos, same = walk(api, 2)
    assert whole == by_twos
    assert len(set(whole)) == len(whole) > 3
    assert cursor == same
    assert api.get(f"{CHANGES}?cursor={cursor}").json()["results"] == []
    lead = cast.lead()
    settle()
    news = api.get(f"{CHANGES}?cursor={cursor}").json()["results"]
    assert ("lead.captured", {"type": "lead", "id": lead.pk}) in [
        (one["kind"], one["subject"]) for one in news
    ]


def test_a_token_hears_of_what_its_scopes_may_read(cast):
    cast.handoff()
    settle()
    kinds = {
        entry["subject"]["type"]
        for entry in Rest(cast.marketer, cast.at, "handoffs:read").get(CHANGES).json()["results"]
    }
    assert kinds == {"handoff", "agreement"}


def test_a_person_hears_of_what_they_may_see(cast):
    cast.handoff()
    settle()
    assert Rest(cast.rep, cast.at).get(CHANGES).json()["results"] != []
    assert Rest(cast.stranger, cast.at).get(CHANGES).json()["results"] == []


@pytest.mark.parametrize("query", ["cursor=nonsense", "cursor=LTEuMQ==", "colour=red", "page_size=0"])
def test_a_question_that_makes_no_sense_is_refused(cast, query):
    assert Rest(cast.admin, cast.at).get(f"{CHANGES}?{query}").status_code == 400
