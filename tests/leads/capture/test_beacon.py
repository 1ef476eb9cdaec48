"""What visitors do on our sites: kept while they are unknown, theirs once they tell who they are."""

import json
from pathlib import Path

import pytest

from content.models import Asset, AssetKind
from leads.capture import beacon, visitors
from leads.models import BehaviourEvent, Lead, PathRule, Site, Visit, Visitor
from leads.tasks import forget
from tests.support.forms import BROWSER, SITE, Person, make_form

pytestmark = pytest.mark.django_db
VISITOR = "0123456789abcdef" * 2


@pytest.fixture
def site(cast):
    site = Site.objects.create(code="www", name="Our site", origins=[SITE])
    PathRule.objects.create(site=site, path="/pricing", kind="pricing_view")
    return site


@pytest.fixture
def see(site, client, clock):
    def told(path="/", *, asset="", key="", visitor=VISITOR, **headers):
        body = json.dumps({"v": visitor, "p": path, "a": asset, "k": key})
        sent = {"Origin": SITE, **BROWSER, **headers}
        return client.post("/b/", body, content_type="text/plain", headers=sent)

    return told


def kinds():
    return list(Visit.objects.order_by("pk").values_list("kind", "path"))


def test_pages_are_kept_by_what_they_stand_for(see):
    assert [see(path).status_code for path in ("/", "/pricing/", "/blog/one?user=aya")] == [204, 204, 204]
    assert kinds() == [("page_view", "/"), ("pricing_view", "/pricing/"), ("page_view", "/blog/one")]


def test_a_page_counts_once_in_half_an_hour(see, clock):
    see("/pricing"), see("/pricing")
    clock.move(minutes=31)
    see("/pricing")
    assert Visit.objects.count() == 2


def test_a_marked_link_counts_as_the_download_of_its_asset(see):
    Asset.objects.create(slug="tco", kind=AssetKind.GUIDE, title="TCO", phases=["interest"])
    see("/", asset="tco")
    assert Visit.objects.get().asset.slug == "tco"


def test_of_a_visitor_only_a_hash_is_kept(see):
    see("/")
    assert Visitor.objects.get().key == visitors.key_of(VISITOR)


@pytest.mark.parametrize(
    "headers",
    [
        {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"},
        {
            "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/140.0.0.0 Safari/537.36"
        },
        {"User-Agent": ""},
        {"Accept-Language": ""},
        {"Sec-Purpose": "prefetch;prerender"},
        {"Sec-GPC": "1"},
        {"DNT": "1"},
    ],
)
def test_programs_and_people_who_want_to_be_left_alone_are_not_kept(see, headers):
    assert see("/", **headers).status_code == 204
    assert not Visit.objects.exists()


def test_a_visitor_who_fills_in_a_form_brings_what_they_did_before(see, clock):
    make_form()
    see("/pricing")
    Person(clock).fill_in(email="aya@kaze.example", v=VISITOR)
    lead = Lead.objects.get()
    assert sorted(lead.events.values_list("source", "kind")) == [
        ("form", "form"),
        ("web:www", "pricing_view"),
    ]
    assert not Visit.objects.exists()


def test_from_then_on_it_is_behaviour_at_once(see, clock):
    make_form()
    see("/")
    Person(clock).fill_in(email="aya@kaze.example", v=VISITOR)
    see("/pricing")
    assert BehaviourEvent.objects.filter(kind="pricing_view", lead=Lead.objects.get()).count() == 1


def test_a_mailed_link_says_who_came(cast, see):
    lead = cast.lead()
    see("/pricing", key=visitors.mail_key(lead.contact, at=cast.at))
    assert [event.properties for event in lead.events.all()] == [{"path": "/pricing"}]


def test_what_one_visitor_can_fill_is_bounded(see, monkeypatch):
    monkeypatch.setattr("leads.capture.beacon.MOST_VISITS", 2)
    for page in range(4):
        see(f"/{page}")
    assert Visit.objects.count() == 2


@pytest.mark.parametrize("limit", ["VISITOR_A_DAY", "SENDER_A_MINUTE"])
def test_too_many_are_refused(see, monkeypatch, limit):
    monkeypatch.setattr(f"leads.capture.views.beacon.{limit}", 2)
    assert [see(f"/{page}").status_code for page in range(3)] == [204, 204, 429]


def test_what_nobody_claimed_is_forgotten(see, clock):
    see("/")
    clock.move(days=179)
    forget()
    assert Visit.objects.count() == 1
    clock.move(days=2)
    forget()
    assert (Visit.objects.count(), Visitor.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("path", "fits"),
    [("/pricing", True), ("/pricing/", True), ("/pricing/jp", False), ("/blog/a/b", True), ("/", False)],
)
def test_a_rule_fits_a_path(path, fits):
    rules = [PathRule(path="/pricing"), PathRule(path="/blog/*")]
    assert (beacon.rule_for(path, rules) is not None) == fits


def test_the_script_is_small_and_cached(client):
    answer = client.get("/b.js")
    assert len(answer.content) < 2400
    assert answer["Content-Type"].startswith("text/javascript")
    assert "max-age" in answer["Cache-Control"]
    assert Path("leads/capture/views/beacon.js").read_bytes() == answer.content
