"""Every address for every principal, generated from the URL conf: an address nobody thought of fails here."""

from decimal import Decimal

import pytest
from django.urls import get_resolver

from content.models import Asset, AssetKind
from crm import activities, imports, leaves, tokens
from crm.models import Leave, LedgerEntry, WebhookDelivery
from crm.webhooks import fanout, registry
from leads.models import CaptureForm
from sla import handoffs
from sla.handoffs import Opportunity
from sla.models import Agreement, DataTask
from tests.support import founded

PEOPLE = ("anonymous", "rep", "colleague", "manager", "marketer", "stranger", "admin")
# Addresses that answer anybody, on purpose.
PUBLIC = {
    "healthz",
    "readyz",
    "accounts/login/",
    "accounts/logout/",
    "language/",
    "admin/login/",
    "admin/logout/",
}
# The contract of the API is no secret; the answers are.
PUBLIC |= {"admin/jsi18n/", "api/v1/docs/", "api/v1/schema/"}
# What strangers fill in, and what our web sites tell.
PUBLIC |= {"f/<slug:slug>/", "f/<slug:slug>/not-me/", "b.js"}
LEAVES = "accounts/logout/"
# Who may see a record of the rep's; for all others it does not exist.
SALES = ("rep", "colleague", "manager", "stranger")
OUTSIDERS = ("colleague", "stranger")
INSIDERS = ("rep", "manager", "marketer", "admin")
LEADERS = ("manager", "admin")
RECORDS = (
    "handoffs",
    "leads",
    "accounts",
    "contacts",
    "deals",
    "data-tasks",
    "webhooks",
    "activities",
    "imports",
)
# What everybody in the company reads, and some may move.
SHARED = ("agreements",)
# What a role may not do at all is forbidden, whether the record is there or not.
FORBIDDEN = ("imports",)


def _routes(patterns, prefix=""):
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from _routes(pattern.url_patterns, route)
        else:
            yield route


ROUTES = sorted(
    {route for route in _routes(get_resolver().url_patterns) if "(?P" not in route and "^" not in route}
)


def _kind(route):
    """Which record an address is about: `handoffs` of `api/v1/handoffs/<int:pk>/accept/`."""
    parts = route.removeprefix("api/v1/").removeprefix("sla/").split("/")
    return parts[0] if parts[0] in RECORDS + SHARED else ""


def _is_owned(route):
    return _kind(route) in RECORDS and "<int:pk>" in route


@pytest.fixture
def company(cast):
    """What the walks ask for: `ids` by the name of its address."""
    cast.ids = dict(founded.lay(lambda: _records(cast), key=("walked", cast.at)))
    return cast


def _records(cast):
    """One lead all the way into a deal of the rep's, one back for its data, and a handoff still open."""
    row = cast.handoff(last_name="カナリア")
    handoffs.accept(row, by=cast.rep, at=cast.at)
    done = handoffs.convert(row, Opportunity("カナリア商談", Decimal(5)), by=cast.rep, at=cast.at)
    back = cast.handoff(last_name="カナリア")
    handoffs.reject(back, reason="insufficient-data", comment="カナリア", by=cast.rep, at=cast.at)
    webhook, _secret = registry.register(
        owner=cast.admin,
        url="https://hooks.example.com/in",
        name="カナリア",
        topics=["*"],
        by=cast.admin,
        at=cast.at,
    )
    fanout.spread(list(LedgerEntry.objects.order_by("-pk")[:1]), [webhook], at=cast.at)
    call = activities.log(row.contact, channel="call", note="カナリア", by=cast.rep, at=cast.at)
    leave = leaves.add(cast.rep, starts_on=cast.at.date(), ends_on=cast.at.date(), by=cast.rep, at=cast.at)
    asset = Asset.objects.create(slug="guide", kind=AssetKind.GUIDE, title="Guide", phases=["interest"])
    CaptureForm.objects.create(slug=asset.slug, title="Guide", is_active=True)
    return {
        "handoffs": cast.handoff(last_name="カナリア").pk,
        "leads": row.lead_id,
        "accounts": row.account_id,
        "contacts": row.contact_id,
        "deals": done.deal.pk,
        "data-tasks": DataTask.objects.get(handoff=back).pk,
        "agreements": Agreement.objects.current().pk,
        "activities": call.pk,
        "team": leave.pk,
        "imports": imports.receive(
            "leads", "email\nカナリア\n".encode(), by=cast.marketer, at=cast.at, file_name="カナリア.csv"
        ).pk,
        "slug": asset.slug,
        "webhooks": webhook.pk,
        "delivery": WebhookDelivery.objects.get().pk,
    }


def _address(route, ids):
    pk = ids.get(_kind(route), ids["team"] if route.startswith("team/") else 1)
    for placeholder in ("<int:pk>", "<path:object_id>", "<id>", "<int:id>"):
        route = route.replace(placeholder, str(pk))
    route = route.replace("<int:delivery>", str(ids["delivery"]))
    return "/" + route.replace("<slug:slug>", ids["slug"])


def _visit(client, who, company, method="get"):
    if who != "anonymous":
        client.force_login(getattr(company, who))
    for route in ROUTES:
        if "<" in _address(route, company.ids) or route in ("readyz", LEAVES):
            continue
        body = (
            {"data": {}, "content_type": "application/json"}
            if route.startswith("api/") and method == "post"
            else {}
        )
        yield route, getattr(client, method)(_address(route, company.ids), **body)


def test_there_are_addresses_to_walk():
    assert len(ROUTES) > 80


def _wrong(who, route, answer):
    """What is wrong with showing this person this page, if anything; one walk judges all of it."""
    shown = answer.status_code == 200
    if answer.status_code >= 500:
        return "fails"
    if who == "anonymous" and shown and route not in PUBLIC:
        return "is open to anybody"
    if who in SALES and shown and route.startswith("admin/") and route not in PUBLIC:
        return "lets sales into the admin"
    if who not in LEADERS and shown and route.startswith("team/"):
        return "shows the team to somebody who does not lead it"
    refusals = (403, 405) if _kind(route) in FORBIDDEN else (404, 405)
    if who in OUTSIDERS and _is_owned(route) and answer.status_code not in refusals:
        return "shows the record of somebody else"
    if who in OUTSIDERS and shown and not answer.streaming and "カナリア" in answer.content.decode():
        return "leaks a name"
    return ""


@pytest.mark.slow
@pytest.mark.parametrize("who", PEOPLE)
def test_every_page_shows_a_person_what_they_may_see_and_nothing_else(client, company, who, record_property):
    judged = {route: _wrong(who, route, answer) for route, answer in _visit(client, who, company)}
    record_property("addresses asked for as each person, judged by what they may see", len(judged))
    assert {route: wrong for route, wrong in judged.items() if wrong} == {}


def test_a_post_without_a_login_changes_nothing(client, company):
    before = LedgerEntry.objects.count()
    open_to_all = [
        route
        for route, answer in _visit(client, "anonymous", company, "post")
        if answer.status_code in (200, 201)
    ]
    assert set(open_to_all) <= PUBLIC
    assert LedgerEntry.objects.count() == before


@pytest.mark.parametrize("who", OUTSIDERS)
def test_a_deed_on_the_record_of_somebody_else_answers_as_if_it_were_missing(client, company, who):
    before = LedgerEntry.objects.count()
    answers = {
        route: answer.status_code
        for route, answer in _visit(client, who, company, "post")
        if _is_owned(route)
    }
    company.ids |= dict.fromkeys(RECORDS, 999_999_999)
    missing = {
        route: answer.status_code
        for route, answer in _visit(client, who, company, "post")
        if route in answers
    }
    assert answers == missing
    assert not set(answers.values()) & {200, 201, 204, 302}
    assert LedgerEntry.objects.count() == before


@pytest.mark.parametrize("who", ["rep", "colleague", "stranger", "marketer"])
def test_the_team_s_deeds_are_its_manager_s(client, company, who):
    client.force_login(getattr(company, who))
    addresses = ("/team/reassign/", "/team/leave/", f"/team/leave/{company.ids['team']}/remove/")
    assert {client.post(address).status_code for address in addresses} == {403}
    assert Leave.objects.filter(pk=company.ids["team"]).exists()


@pytest.mark.parametrize("who", INSIDERS)
def test_those_who_work_it_find_the_record(client, company, who):
    client.force_login(getattr(company, who))
    for kind in ("leads", "accounts", "deals", "handoffs"):
        assert client.get(f"/{kind}/{company.ids[kind]}/").status_code == 200


MOVES = [
    route for route in ROUTES if _kind(route) in SHARED and route.count("/") > (4 if "api" in route else 3)
]


@pytest.mark.parametrize("route", MOVES)
def test_an_agreement_is_read_by_everybody_and_moved_by_those_who_may(client, company, route):
    address = _address(route, company.ids)
    page = address.rpartition("agreements/")[0] + f"agreements/{company.ids['agreements']}/"
    for who in ("rep", "stranger"):
        client.force_login(getattr(company, who))
        assert client.get(page).status_code == 200
        assert client.post(address, {}, content_type="application/json").status_code == 403
    for who in ("marketer", "manager", "admin"):
        client.force_login(getattr(company, who))
        assert client.post(address, {}, content_type="application/json").status_code != 403


def test_there_are_moves_to_try():
    assert {route.rstrip("/").rpartition("/")[2] for route in MOVES} == {
        "draft",
        "propose",
        "sign",
        "return",
        "edit",
    }


@pytest.mark.parametrize(
    ("who", "status"), [("marketer", 302), ("manager", 404), ("admin", 404), ("rep", 403)]
)
def test_an_import_is_of_the_one_who_sent_the_file(client, company, who, status):
    """A draft leads its owner on to its columns; for others who may import it is missing."""
    client.force_login(getattr(company, who))
    assert client.get(f"/imports/{company.ids['imports']}/").status_code == status


def _views(patterns):
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            yield from _views(pattern.url_patterns)
        elif view := getattr(pattern.callback, "cls", None):
            yield view


def test_each_address_of_the_api_asks_for_a_scope_that_a_token_can_have():
    wanted = {
        scope
        for view in _views(get_resolver().url_patterns)
        for scopes in getattr(view, "required_scopes", {}).values()
        for scope in ([scopes] if isinstance(scopes, str) else scopes)
    }
    assert wanted
    assert wanted <= set(tokens.SCOPES)
