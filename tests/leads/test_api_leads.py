"""Leads over REST."""

from __future__ import annotations

import json
from datetime import timedelta
from math import fsum
from tempfile import NamedTemporaryFile
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from content.models import Asset
from crm import directory, querysets
from crm import merging as crm_merging
from crm.models import Account, Contact
from leads import lifecycle, steering
from leads.events import recording
from leads.events.recording import Behaviour
from leads.models import Lead, LeadScore
from leads.scoring import versions
from tests.support.cast import Cast
from tests.support.clock import Clock
from tests.support.rest import Rest

pytestmark = pytest.mark.django_db
LEADS, BULK, EVENTS = "/api/v1/leads/", "/api/v1/leads/bulk/", "/api/v1/events/"


@pytest.fixture
def api(cast: Cast, clock: Clock) -> Rest:
    return Rest(cast.marketer, cast.at)


def event(lead: Lead, number: int, at: Any, **more: Any) -> dict[str, Any]:
    return {
        "source": "site",
        "external_id": f"e{number}",
        "kind": "pricing_view",
        "lead": lead.pk,
        "occurred_at": at.isoformat(),
        **more,
    }


def test_a_lead_is_captured_then_enriched(api: Rest) -> None:
    told = {"email": "Taro@Example.co.jp", "last_name": "山田", "company": "東都工業", "source": "web"}
    first = api.post(LEADS, told)
    assert first.status_code == 201, first.content
    again = api.post(
        LEADS, {"email": "taro@example.co.jp", "job_title": "部長", "last_name": "", "phone": None}
    )
    assert again.status_code == 200
    assert again.json()["id"] == first.json()["id"]
    contact = Contact.objects.get()
    assert (contact.last_name, contact.job_title) == ("山田", "部長")
    assert first.json()["account"]["name"] == "東都工業"
    assert first.json()["stage"] == "inquiry"


def test_a_lead_without_identity_or_with_a_bad_one_is_refused(api: Rest) -> None:
    answer = api.post(LEADS, {"last_name": "山田"})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/email"
    assert answer.json()["errors"][0]["code"] == "required"
    assert api.post(LEADS, {"email": "nobody@"}).status_code == 400
    assert not Lead.objects.exists()


@pytest.mark.slow
def test_ten_thousand_rows_with_three_bad_keep_the_others_and_a_second_sending_adds_nothing(
    api: Rest,
) -> None:
    rows: list[dict[str, Any]] = [
        {"email": f"p{number}@c{number % 700}.jp", "last_name": "佐藤", "company": f"会社{number % 700}"}
        for number in range(10_000)
    ]
    rows[17] = {"last_name": "誰"}
    rows[4_000] = {"email": "not an address"}
    rows[9_999] = {"email": "x@y.jp", "employee_count": "five"}
    answers = api.post(BULK, rows).json()
    assert len(answers) == 10_000
    assert [answer["index"] for answer in answers if answer["status"] == "rejected"] == [17, 4_000, 9_999]
    assert all(answer["errors"] for answer in answers if answer["status"] == "rejected")
    assert sum(answer["status"] == "created" for answer in answers) == Lead.objects.count() == 9_997
    again = api.post(BULK, rows).json()
    assert [answer["id"] for answer in again] == [answer["id"] for answer in answers]
    assert Lead.objects.count() == Contact.objects.count() == 9_997
    assert not any(answer["status"] == "created" for answer in again)


def test_bulk_takes_lines_and_refuses_what_is_no_list(api: Rest) -> None:
    lines = b'{"email": "a@x.jp"}\n\n{"email": "b@x.jp"}\n'
    answer = api.send("post", BULK, lines, content_type="application/x-ndjson")
    assert [row["status"] for row in answer.json()] == ["created", "created"]
    assert api.post(BULK, {"email": "a@x.jp"}).status_code == 400
    assert api.post(BULK, []).status_code == 400
    assert api.post(BULK, [1, None, "x"]).json()[1]["status"] == "rejected"


def test_a_rep_sees_their_own_and_asks_no_others(cast: Cast, clock: Clock) -> None:
    mine, other = cast.handoff().lead, cast.handoff(to=cast.stranger).lead
    rep = Rest(cast.rep, cast.at)
    assert [row["id"] for row in rep.get(LEADS).json()["results"]] == [mine.pk]
    for tail in ("", "score/", "timeline/"):
        assert rep.get(f"{LEADS}{mine.pk}/{tail}").status_code == 200
        assert rep.get(f"{LEADS}{other.pk}/{tail}").status_code == 404
    assert rep.post(f"{LEADS}{other.pk}/recycle/", {"reason": "x"}).status_code == 404
    assert rep.get(LEADS, owner=cast.stranger.pk).json()["results"] == []


def test_every_filter_finds_and_leaves_out(api: Rest, cast: Cast) -> None:
    lead = cast.lead(email="hana@kita.jp", source="fair", company="北斗商事")
    cast.lead()
    LeadScore.objects.filter(lead=lead).update(engagement=50 * lifecycle.current_decay().weight(cast.at))
    finding = {
        "stage": "inquiry", "min_score": 40, "source": "fair", "email": "HANA@kita.jp",
        "account": lead.account_id, "q": "北斗",
    }  # fmt: skip
    assert [row["id"] for row in api.get(LEADS, **finding).json()["results"]] == [lead.pk]
    for name, value in {
        "stage": "mql",
        "min_score": 60,
        "max_score": 1,
        "source": "web",
        "owner": "me",
    }.items():
        found = [row["id"] for row in api.get(LEADS, **{name: value}).json()["results"]]
        assert lead.pk not in found, name
    assert api.get(LEADS, ordering="-score").json()["results"][0]["id"] == lead.pk
    assert api.get(LEADS, neglected_days=1).json()["results"] == []


def test_a_filter_of_choices_names_them_when_none_was_chosen(api: Rest, cast: Cast) -> None:
    said = api.get(LEADS, stage="foo").json()["errors"][0]
    assert said["code"] == "invalid_choice"
    assert "mql, sal, sql" in said["detail"]


@pytest.mark.parametrize(
    "query",
    [
        {"stage": "nonsense"}, {"min_score": "NaN"}, {"min_score": "1e999"}, {"owner": "x"}, {"email": "x"},
        {"neglected_days": "0"}, {"neglected_days": "999999999999"}, {"account": "9" * 40}, {"q": "\x00"},
        {"ordering": "contact__email"},
    ],
)  # fmt: skip
def test_a_bad_filter_is_refused(api: Rest, query: dict[str, str]) -> None:
    assert api.get(LEADS, **query).status_code == 400


def test_pages_by_score_hold_while_scores_decay(api: Rest, cast: Cast, clock: Clock) -> None:
    weight = lifecycle.current_decay().weight(cast.at)
    for points in (1.1, 7.7, 3.3, 3.3):
        LeadScore.objects.filter(lead=cast.lead()).update(engagement=points * weight)
    first = api.get(LEADS, ordering="-score", page_size=2).json()
    clock.move(days=2)
    second = api.client.get(first["next"], headers=api.headers).json()
    ids = [row["id"] for row in first["results"] + second["results"]]
    assert len(set(ids)) == 4


def test_a_list_tells_of_a_lead_what_the_lead_itself_tells(api: Rest, cast: Cast, clock: Clock) -> None:
    lead = cast.lead()
    steering.edit(lead, by=cast.marketer, at=clock.now, owner=cast.rep)
    asset = Asset.objects.create(slug="guide", kind="article", title="Guide", phases=["interest", "purchase"])
    api.post(EVENTS, [event(lead, 1, clock.now), event(lead, 2, clock.now, asset=asset.slug)])
    nameless = api.post(LEADS, {"external_id": "x9", "phone": "03-1234-5678"}).json()["id"]
    clock.move(days=3)
    listed = {row["id"]: row for row in api.get(LEADS).json()["results"]}
    assert listed[lead.pk]["phases"]
    assert listed[lead.pk]["account"]
    for pk in (lead.pk, nameless):
        alone = api.get(f"{LEADS}{pk}/").json()
        by_itself = {name: alone.pop(name) for name in ("phases_course", "touches")}
        assert listed[pk] == alone
        assert list(listed[pk]) == list(alone)
        assert by_itself["phases_course"][-1]["phases"] == alone["phases"]


def test_a_lead_tells_the_ways_it_came_the_newest_first(api: Rest, cast: Cast, clock: Clock) -> None:
    first = {"email": "a@kaze.example", "source": "ads", "medium": "cpc", "landing_page": "/tco"}
    pk = api.post(LEADS, first).json()["id"]
    clock.move(days=2)
    api.post(LEADS, {"email": "a@kaze.example", "source": "newsletter", "campaign": "june"})
    told = api.get(f"{LEADS}{pk}/").json()["touches"]
    assert [(one["source"], one["campaign"], one["landing_page"]) for one in told] == [
        ("newsletter", "june", ""),
        ("ads", "", "/tco"),
    ]
    assert (told[1]["at"], told[1]["form"]) == ("2026-06-01T01:00:00Z", None)


def test_a_lead_tells_how_its_attention_moved_on_and_back(api: Rest, cast: Cast, clock: Clock) -> None:
    lead = cast.lead()
    for slug, phase, days in (("late", "purchase", 70), ("early", "interest", 2)):
        Asset.objects.create(slug=slug, kind="article", title=slug, phases=[phase])
        api.post(EVENTS, [event(lead, days, clock.now - timedelta(days=days), asset=slug)])
    course = [one["phases"] for one in api.get(f"{LEADS}{lead.pk}/").json()["phases_course"]]
    assert course[:4] == [{}, {}, {}, {"purchase": 1.0}]
    assert course[-1]["interest"] > course[-1]["purchase"] > 0


def test_of_a_lead_that_is_new_it_tells_the_weeks(api: Rest, cast: Cast, clock: Clock) -> None:
    lead = cast.lead()
    Asset.objects.create(slug="early", kind="article", title="early", phases=["interest"])
    api.post(EVENTS, [event(lead, 1, clock.now - timedelta(days=10), asset="early")])
    course = api.get(f"{LEADS}{lead.pk}/").json()["phases_course"]
    assert [one["phases"] for one in course] == [{}, {}, {}, {}, {"interest": 1.0}, {"interest": 1.0}]
    assert course[-2]["at"].startswith("2026-05-25")


def test_the_list_takes_the_same_queries_however_long(api: Rest, cast: Cast) -> None:
    counts = []
    cast.lead()
    api.get(LEADS)  # the first call also notes the token's use, and asks how scores fade
    for _round in range(2):
        leads = [cast.lead().pk for _number in range(4)]
        read = [Behaviour("web", f"read {lead}", "page_view", cast.at, lead=lead) for lead in leads]
        recording.record(read, by=None, at=cast.at)
        with CaptureQueriesContext(connection) as queries:
            api.get(LEADS)
        counts.append(len(queries))
    assert counts == [3, 3]


def test_the_explanation_sums_to_the_score(api: Rest, cast: Cast) -> None:
    lead = cast.lead()
    batch = [event(lead, number, cast.at - timedelta(days=number)) for number in range(5)]
    api.post(EVENTS, batch)
    told = api.get(f"{LEADS}{lead.pk}/score/").json()
    assert len(told["events"]) == 5
    assert fsum(part["value"] for part in told["events"]) == told["total"] > 0
    shown = api.get(f"{LEADS}{lead.pk}/").json()
    assert shown["score"] == pytest.approx(told["total"], abs=1e-5)


def test_a_score_is_asked_of_a_past_moment_under_any_version(api: Rest, cast: Cast) -> None:
    lead = cast.lead()
    draft = versions.draft_from(versions.active(), by=cast.marketer, at=cast.at)
    draft.behaviour_rules.filter(kind="pricing_view").update(points=30)
    api.post(EVENTS, [event(lead, 1, cast.at - timedelta(days=1))])
    asked = {"version": draft.version, "at": cast.at.isoformat()}
    told = api.get(f"{LEADS}{lead.pk}/score/", **asked).json()
    assert (told["model_version"], told["events"][0]["points"]) == (draft.version, 30)
    assert api.get(f"{LEADS}{lead.pk}/score/", version="latest").status_code == 400


def test_a_token_that_reads_leads_reads_the_buying_group(cast: Cast) -> None:
    lead = cast.lead()
    api = Rest(cast.marketer, cast.at, "leads:read")
    assert api.get(f"/api/v1/accounts/{lead.account_id}/buying-group/").status_code == 200


def test_events_count_once_and_bad_ones_are_named(api: Rest, cast: Cast) -> None:
    lead = cast.lead()
    batch = [
        event(lead, 1, cast.at),
        event(lead, 2, cast.at, kind="nonsense"),
        {"source": "site"},
        event(lead, 3, cast.at, occurred_at="2026-05-01T00:00:00"),
        event(lead, 4, cast.at),
    ]
    answer = api.post(EVENTS, batch).json()
    assert (answer["accepted"], answer["duplicates"]) == (2, 0)
    assert [row["index"] for row in answer["rejected"]] == [1, 2, 3]
    lines = "\n".join(json.dumps(row) for row in (batch[0], batch[4])).encode()
    again = api.send("post", EVENTS, lines, content_type="application/x-ndjson").json()
    assert again == {"accepted": 0, "duplicates": 2, "rejected": []}


def test_one_demo_request_makes_the_handoff_before_the_answer(cast: Cast) -> None:
    api = Rest(cast.marketer, cast.at)
    lead = cast.lead(job_title="部長", consent=True)
    answer = api.post(EVENTS, event(lead, 1, cast.at, kind="demo_request"), key="demo")
    assert answer.json()["accepted"] == 1
    assert api.get(f"{LEADS}{lead.pk}/").json()["stage"] == "mql"
    assert lead.handoffs.count() == 1


def test_a_lead_is_corrected_only_from_what_was_read(api: Rest, cast: Cast) -> None:
    lead = cast.lead()
    address = f"{LEADS}{lead.pk}/"
    tag = api.get(address)["ETag"]
    changed = api.patch(address, {"job_title": "課長", "owner": cast.rep.pk, "source": "fair"}, match=tag)
    assert changed.status_code == 200, changed.content
    assert changed.json()["owner"]["id"] == cast.rep.pk
    assert changed.json()["contact"]["job_title"] == "課長"
    assert api.patch(address, {"source": "web"}, match=tag).status_code == 412
    assert api.patch(address, {"stage": "customer"}).status_code == 400
    assert Rest(cast.rep, cast.at).patch(address, {"owner": cast.colleague.pk}).status_code == 403


def test_recycling_and_disqualifying_follow_the_states(api: Rest, cast: Cast) -> None:
    lead = cast.lead()
    assert (
        api.post(f"{LEADS}{lead.pk}/recycle/", {"reason": "timing", "comment": "来年"}).json()["stage"]
        == "recycled"
    )
    assert api.post(f"{LEADS}{lead.pk}/disqualify/", {"reason": "student"}).json()["stage"] == "disqualified"
    stuck = api.post(f"{LEADS}{lead.pk}/recycle/", {"reason": "again"})
    assert stuck.status_code == 409
    assert stuck.json()["state"] == "disqualified"
    assert "“Disqualified”" in stuck.json()["detail"]
    assert api.post(f"{LEADS}{lead.pk}/recycle/", {}).status_code == 400


def test_the_timeline_tells_all_once_across_pages(api: Rest, cast: Cast) -> None:
    lead = cast.lead()
    api.post(EVENTS, [event(lead, number, cast.at - timedelta(hours=number // 2)) for number in range(7)])
    everything = api.get(f"{LEADS}{lead.pk}/timeline/").json()["results"]
    assert {"lead.captured", "behaviour.pricing_view"} <= {item["kind"] for item in everything}
    seen, address = [], f"{LEADS}{lead.pk}/timeline/?page_size=2"
    while address:
        page = api.client.get(address, headers=api.headers).json()
        seen += page["results"]
        address = page["next"]
    assert seen == everything
    assert api.get(f"{LEADS}{lead.pk}/timeline/", cursor="rubbish").status_code == 400


# -- what changed ---------------------------------------------------------------------------------


@pytest.fixture
def synced(cast: Cast, api: Rest) -> Lead:
    """A lead an integration has read, as everything else, some time ago."""
    first, _second = (
        api.post(LEADS, {"email": f"{name}@{name}.jp", "company": name}).json() for name in "ab"
    )
    for model in (Lead, Contact, Account):
        model.objects.update(updated_at=cast.at - timedelta(days=9))
    lead: Lead = Lead.objects.get(pk=first["id"])
    return lead


def changed(api: Rest, cast: Cast, address: str = LEADS) -> list[int]:
    since = (cast.at - timedelta(days=1)).isoformat()
    return [row["id"] for row in api.get(address, updated_since=since).json()["results"]]


def edited_on_a_page(cast: Cast, lead: Lead) -> None:
    directory.edit_contact(lead.contact, by=cast.marketer, at=cast.at, job_title="CFO")


def company_edited_on_a_page(cast: Cast, lead: Lead) -> None:
    assert lead.account
    directory.edit_account(lead.account, by=cast.marketer, at=cast.at, industry="software")


def edited_over_rest(cast: Cast, lead: Lead) -> None:
    api = Rest(cast.marketer, cast.at)
    answer = api.patch(f"/api/v1/contacts/{lead.contact_id}/", {"job_title": "CFO"}, match="")
    assert answer.status_code == 200


def imported(cast: Cast, lead: Lead) -> None:
    with NamedTemporaryFile("w", suffix=".csv") as file:
        file.write(f"email,last_name,job_title\n{lead.contact.email},Mori,CFO\n")
        file.flush()
        call_command("import_csv", "contacts", file.name, verbosity=0)


def merged(cast: Cast, lead: Lead) -> None:
    one = Account.objects.create(name="A", name_key="aa")
    assert lead.account
    crm_merging.merge_accounts(one, lead.account, by=cast.admin, at=cast.at, chosen=["name"])


@pytest.mark.parametrize(
    "deed", [edited_on_a_page, company_edited_on_a_page, edited_over_rest, imported, merged]
)
def test_a_change_of_the_person_or_company_alone_is_a_change_of_the_lead(
    api: Rest, cast: Cast, synced: Lead, deed: Any
) -> None:
    assert changed(api, cast) == []
    deed(cast, synced)
    assert changed(api, cast) == [synced.pk]


@pytest.mark.parametrize("deed", [edited_on_a_page, company_edited_on_a_page])
def test_a_change_of_the_company_alone_is_a_change_of_its_people(
    api: Rest, cast: Cast, synced: Lead, deed: Any
) -> None:
    assert changed(api, cast, "/api/v1/contacts/") == []
    deed(cast, synced)
    assert changed(api, cast, "/api/v1/contacts/") == [synced.contact_id]


@pytest.mark.parametrize("address", [LEADS, "/api/v1/contacts/"])
def test_many_changes_are_told_as_few_are(
    api: Rest, cast: Cast, synced: Lead, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    company_edited_on_a_page(cast, synced)
    few = changed(api, cast, address)
    monkeypatch.setattr(querysets, "FEW", 0)
    assert changed(api, cast, address) == few
    assert len(few) == 1
