"""The ways by which a lead came: every one kept, the first on the lead, none twice for a list sent again."""

import pytest

from leads import merging
from leads.capture import door
from leads.capture.intake import Inquiry
from leads.capture.origins import is_origin, place_of
from leads.models import Touch
from tests.support.rest import Rest

pytestmark = pytest.mark.django_db


def come(cast, **way):
    return door.capture([Inquiry(email="a@kaze.example", **way)], by=None, at=cast.at)[0].lead


def test_each_new_way_is_a_touch_and_the_same_list_again_is_none(cast):
    for _time in range(2):
        lead = come(cast, source="fair", campaign="spring")
    come(cast, source="google", medium="cpc")
    kept = Touch.objects.filter(lead=lead).order_by("pk").values_list("source", flat=True)
    assert list(kept) == ["fair", "google"]


def test_who_comes_without_a_way_leaves_no_touch(cast):
    come(cast)
    assert not Touch.objects.exists()


def test_rest_takes_the_whole_way_and_the_timeline_tells_it(cast):
    rest = Rest(cast.marketer, cast.at)
    way = {"source": "google", "term": "sla", "content": "ad-2", "referrer": "https://a.example/x?q=secret"}
    lead = rest.post("/api/v1/leads/", {"email": "b@kaze.example", **way}).json()["id"]
    told = [
        item
        for item in rest.get(f"/api/v1/leads/{lead}/timeline/").json()["results"]
        if item["kind"] == "lead.touched"
    ]
    assert told[0]["data"] | way | {"referrer": "a.example/x"} == told[0]["data"]


def test_two_journeys_that_become_one_keep_the_ways_of_both(cast):
    old, new = cast.lead(source="fair"), cast.lead(source="google")
    one, other = merging.lock_both(old, new, by=cast.marketer)
    merging.absorb(one, other, by=cast.marketer, at=cast.at)
    assert sorted(new.touches.values_list("source", flat=True)) == ["fair", "google"]


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://News.example/a/b/?user=1#x", "news.example/a/b"),
        ("https://user:pass@news.example:8443/", "news.example"),
        ("/landing?x=1", "/landing"),
        ("javascript:alert(1)", ""),
        ("http://[broken", ""),
        ("", ""),
    ],
)
def test_of_an_address_host_and_path_are_kept(url, place):
    assert place_of(url) == place


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("https://a.example", True),
        ("http://localhost:8000", True),
        ("https://a.example/", False),
        ("a.example", False),
    ],
)
def test_an_origin_has_no_path(text, is_one):
    assert is_origin(text) == is_one
