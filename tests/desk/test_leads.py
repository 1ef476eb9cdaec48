"""Leads on the desk: the list, one lead, the score taken apart."""

import csv
import io
import re
from datetime import timedelta
from math import isclose

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from content.models import Asset
from crm import holding
from desk import record_lists
from leads.events import recording
from leads.events.recording import Behaviour
from leads.models import LeadScore, MqlDefinition
from tests.support.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now(clock):
    """Pages see the time the cast acts at."""


def as_user(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_rep_sees_own_leads_and_a_marketer_all(cast: Cast) -> None:
    cast.handoff(last_name="小野寺")
    cast.lead(last_name="三浦")
    rep = as_user(cast.rep).get(reverse("desk:lead-list")).content.decode()
    marketer = as_user(cast.marketer).get(reverse("desk:lead-list")).content.decode()
    assert "小野寺" in rep
    assert "三浦" not in rep
    assert "小野寺" in marketer
    assert "三浦" in marketer


@pytest.mark.parametrize("name", ["lead-detail", "lead-score"])
def test_a_foreign_lead_is_missing(cast: Cast, name: str) -> None:
    lead = cast.handoff().lead
    assert as_user(cast.stranger).get(reverse(f"desk:{name}", args=[lead.pk])).status_code == 404
    assert as_user(cast.rep).get(reverse(f"desk:{name}", args=[lead.pk])).status_code == 200
    assert Client().get(reverse(f"desk:{name}", args=[lead.pk])).status_code == 302


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=小野", True),
        ("q=nobody", False),
        ("stage=mql", True),
        ("stage=customer", False),
        ("owner=me", False),
        ("neglected=30", False),
        ("sort=-company&cursor=1", True),
        ("sort=nonsense&cursor=abc&owner=x&stage=x", True),
    ],
)
def test_filters_narrow_and_nonsense_is_ignored(cast: Cast, query: str, found: bool) -> None:
    cast.handoff(last_name="小野寺")
    page = as_user(cast.marketer).get(f"{reverse('desk:lead-list')}?{query}")
    assert page.status_code == 200
    assert ("小野寺" in page.content.decode()) is found


def test_the_list_asks_as_much_for_thirty_as_for_one(cast: Cast, django_assert_num_queries) -> None:
    client = as_user(cast.marketer)
    cast.lead()
    client.get(reverse("desk:lead-list"))
    with CaptureQueriesContext(connection) as one:
        client.get(reverse("desk:lead-list"))
    for _ in range(29):
        cast.lead()
    with django_assert_num_queries(len(one)):
        client.get(reverse("desk:lead-list"))


def test_pages_hold_fifty_and_lead_on(cast: Cast) -> None:
    for _ in range(51):
        cast.lead()
    client, url = as_user(cast.marketer), reverse("desk:lead-list")
    first, second = client.get(url).content.decode(), client.get(f"{url}?cursor=2").content.decode()
    assert (first.count("data-row "), second.count("data-row ")) == (50, 1)
    assert "?cursor=2" in first
    assert "50 of 51" in first
    assert "?cursor=1" in second


@pytest.mark.parametrize("sort", ["name", "-name", "company", "-company", "active", "-active"])
def test_pages_of_any_order_hold_each_lead_once(cast: Cast, monkeypatch, sort: str) -> None:
    """Those without a company, or without behaviour, stand last."""
    monkeypatch.setattr(record_lists, "PAGE", 2)
    leads = [cast.lead(company=company, last_name="同名") for company in ("あ", "い", "", "い", "", "う", "")]
    for lead in leads[1:4]:
        LeadScore.objects.filter(lead=lead).update(active_at=cast.at)
    client, found = as_user(cast.marketer), []
    for number in range(1, 5):
        page = client.get(f"{reverse('desk:lead-list')}?sort={sort}&cursor={number}").context["page"]
        found += page.rows
    assert sorted(row.pk for row in found) == [lead.pk for lead in leads]
    lacks = {"company": lambda row: row.account_id is None, "active": lambda row: row.score.active_at is None}
    last = [lacks.get(sort.removeprefix("-"), lambda row: False)(row) for row in found]
    assert last == sorted(last)


def test_the_lists_by_name_and_company_are_read_in_the_order_of_an_index(cast: Cast) -> None:
    cast.lead()
    for sort, index in (("name", "contact_last_name"), ("-company", "account_name")):
        with CaptureQueriesContext(connection) as queries:
            as_user(cast.marketer).get(f"{reverse('desk:lead-list')}?sort={sort}")
        keys = next(query["sql"] for query in queries if 'SELECT "leads_lead"."id"' in query["sql"])
        with connection.cursor() as cursor:
            for way in ("sort", "hashjoin", "seqscan", "bitmapscan"):
                cursor.execute(f"SET LOCAL enable_{way} = off")
            cursor.execute(f"EXPLAIN {keys}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
        assert index in plan, plan
        assert "Presorted Key" in plan, plan


def test_the_count_of_what_many_hold_is_said_to_be_a_part(cast: Cast, monkeypatch) -> None:
    monkeypatch.setattr(record_lists, "COUNTED", 2)
    monkeypatch.setattr(holding, "FEW", 1)
    for _ in range(4):
        cast.lead(last_name="小野寺")
    page = as_user(cast.marketer).get(f"{reverse('desk:lead-list')}?q=小野寺").context["page"]
    assert (len(page.rows), page.total) == (4, "2+")


def test_the_export_is_the_list_with_safe_cells(cast: Cast) -> None:
    cast.lead(last_name="=cmd()", company="会社")
    answer = as_user(cast.marketer).get(reverse("desk:lead-export"))
    header, row = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert header[0] == "Name"
    assert row[0].startswith("'=")
    assert row[2] == "会社"


def test_a_lead_shows_its_road_its_story_and_its_handoffs(cast: Cast) -> None:
    lead = cast.handoff().lead
    text = as_user(cast.rep).get(reverse("desk:lead-detail", args=[lead.pk])).content.decode()
    for words in ('aria-current="step"', "Came in as a lead", "Handed over to sales", "Consent", "No deals."):
        assert words in text, words


def test_a_lead_shows_how_its_attention_moved(cast: Cast) -> None:
    lead, events = cast.lead(), []
    for slug, phase, days in (("late", "purchase", 70), ("early", "interest", 2)):
        Asset.objects.create(slug=slug, kind="article", title=slug, phases=[phase])
        at = cast.at - timedelta(days=days)
        read = Behaviour("test", slug, "download", at, asset=slug, lead=lead.pk)
        events.append(read)
    recording.record(events, by=None, at=cast.at)
    page = as_user(cast.marketer).get(reverse("desk:lead-detail", args=[lead.pk]))
    assert [shares for _at, shares in page.context["course"]["rows"]][-1] == [0.0, 1.0]
    assert "Attention by phase over time" in page.content.decode()


def test_the_parts_of_a_score_sum_to_its_total(cast: Cast) -> None:
    lead = cast.lead()
    events = [
        Behaviour(lead=lead.pk, kind=kind, occurred_at=cast.at, source="test", external_id=kind)
        for kind in ("download", "webinar", "pricing_view")
    ]
    recording.record(events, by=None, at=cast.at)
    text = as_user(cast.marketer).get(reverse("desk:lead-score", args=[lead.pk])).content.decode()
    values = [float(value) for value in re.findall(r'data-value="([^"]+)"', text)]
    [total] = [float(value) for value in re.findall(r'data-total="([^"]+)"', text)]
    assert len(values) >= 3
    assert total > 0
    assert isclose(sum(values), total, rel_tol=1e-9)


def test_what_counts_for_and_against_a_lead_is_said_in_words(cast: Cast) -> None:
    lead = cast.lead(stakeholder_role="executive", consent=False)
    cast.marketer.language = "ja"
    cast.marketer.save(update_fields=["language"])
    context = as_user(cast.marketer).get(reverse("desk:lead-score", args=[lead.pk])).context
    [role] = context["reasons"]
    assert (role["rule"], role["value"]) == ("関係者の役割が次のいずれか：経営層, IT部門", "経営層")
    assert context["against"] == [{"rule": "配信停止", "value": ""}]


def test_a_past_day_says_what_would_have_been(cast: Cast, clock) -> None:
    lead = cast.handoff().lead
    event = Behaviour(lead=lead.pk, kind="demo_request", occurred_at=cast.at, source="test", external_id="1")
    MqlDefinition.objects.update(threshold=15)
    recording.record([event], by=None, at=cast.at)
    clock.move(days=3)
    day = {"at": (cast.at + timedelta(days=1)).date().isoformat()}
    page = as_user(cast.marketer).get(reverse("desk:lead-score", args=[lead.pk]), day).content.decode()
    assert "It would have fallen below 15 on" in page


def test_what_is_known_is_changed_in_place(cast: Cast) -> None:
    lead = cast.handoff().lead
    url = reverse("desk:lead-edit", args=[lead.pk])
    said = {"last_name": "小野寺", "first_name": "健太郎", "job_title": "部長", "email": "k@alpha.example"}
    assert as_user(cast.rep).post(url, said)["Location"] == reverse("desk:lead-detail", args=[lead.pk])
    lead.contact.refresh_from_db()
    assert (lead.contact.full_name, lead.contact.job_title) == ("小野寺 健太郎", "部長")


@pytest.mark.parametrize(("field", "text"), [("email", "nobody"), ("phone", "12")])
def test_an_address_that_cannot_be_read_is_said_beside_it(cast: Cast, field: str, text: str) -> None:
    lead = cast.handoff().lead
    answer = as_user(cast.rep).post(reverse("desk:lead-edit", args=[lead.pk]), {field: text})
    assert answer.status_code == 422
    assert field in answer.context["form"].errors


def test_a_marketer_hands_a_lead_over_and_a_rep_may_not(cast: Cast) -> None:
    lead = cast.lead()
    url = reverse("desk:lead-handover", args=[lead.pk])
    assert url in as_user(cast.marketer).get(reverse("desk:lead-detail", args=[lead.pk])).content.decode()
    as_user(cast.marketer).post(url, {"assignee": cast.rep.pk, "note": "Met at the fair"})
    row = lead.handoffs.get()
    assert (row.assignee, row.note) == (cast.rep, "Met at the fair")
    again = as_user(cast.marketer).post(url, {"assignee": cast.rep.pk})
    assert again.status_code == 422
    assert as_user(cast.rep).post(url, {}).status_code == 403


def test_the_running_handoff_is_one_press_away(cast: Cast) -> None:
    row = cast.handoff()
    page = as_user(cast.rep).get(reverse("desk:lead-detail", args=[row.lead_id])).content.decode()
    assert reverse("desk:handoff", args=[row.pk]) in page


def test_columns_are_chosen_and_stages_sort_by_their_order(cast: Cast) -> None:
    cast.handoff(campaign="spring", source="fair")
    cast.lead()
    client, url = as_user(cast.marketer), reverse("desk:lead-list")
    assert "spring" not in client.get(url).content.decode()
    chosen = client.get(f"{url}?columns=&columns=campaign").content.decode()
    assert "spring" in chosen
    assert "fair</td>" not in chosen
    assert [lead.stage for lead in client.get(f"{url}?sort=stage").context["page"].rows] == ["inquiry", "mql"]


def test_the_same_person_twice_is_merged_from_the_page(cast: Cast) -> None:
    one, other = (
        cast.lead(last_name="小野寺", first_name="健太郎"),
        cast.lead(last_name="小野寺", first_name="健太郎"),
    )
    stranger = cast.lead(last_name="三浦")
    client, url = as_user(cast.marketer), reverse("desk:lead-merge", args=[one.pk])
    offered = client.get(url).context["form"].fields["into"].queryset
    assert (other in offered, stranger in offered) == (True, False)
    assert client.post(url, {"into": other.pk})["Location"] == reverse("desk:lead-detail", args=[other.pk])
    one.refresh_from_db()
    assert one.merged_into == other
