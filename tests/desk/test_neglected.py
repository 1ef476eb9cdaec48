"""The page of neglected leads: the most valuable first, and something done with many at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from leads import lifecycle
from leads.models import Enrolment, LeadScore, Programme
from sla import bulk
from sla.models import BulkRun, Handoff
from tests.support.cast import Cast

pytestmark = pytest.mark.django_db
LIST, TEND = "/leads/neglected/", "/leads/neglected/tend/"


@pytest.fixture
def later(cast: Cast, clock: Any) -> Any:
    at = cast.at + timedelta(days=40)
    clock.set(at)
    return at


def test_the_most_valuable_come_first_by_score_or_by_size(cast: Cast, later: Any, desk: Any) -> None:
    small = cast.lead(employee_count=10)
    large = cast.lead(employee_count=5000)
    weight = lifecycle.current_decay().weight(cast.at)
    LeadScore.objects.filter(lead=small).update(engagement=50 * weight, fit=1)
    client = desk(cast.marketer)
    assert [row.pk for row in client.get(LIST).context["page"].rows] == [small.pk, large.pk]
    assert [row.pk for row in client.get(f"{LIST}?sort=-size").context["page"].rows] == [large.pk, small.pk]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("days=30", 1),
        ("days=41", 0),
        ("days=x", 1),
        ("stage=inquiry", 1),
        ("stage=mql", 0),
    ],
)
def test_the_days_are_chosen_and_nonsense_asks_for_thirty(
    cast: Cast, later: Any, desk: Any, query: str, count: int
) -> None:
    cast.lead()
    assert len(desk(cast.marketer).get(f"{LIST}?{query}").context["page"].rows) == count


def test_chosen_leads_go_into_a_programme_and_come_out_by_undo(cast: Cast, later: Any, desk: Any) -> None:
    leads, programme = [cast.lead().pk for _ in range(2)], Programme.objects.order_by("pk")[0]
    client = desk(cast.marketer)
    said = {"leads": leads, "deed": "enrol", "programme": programme.pk}
    text = client.post(TEND, said, follow=True).content.decode()
    undo = f"/bulk/{BulkRun.objects.get().pk}/undo/"
    assert "2 leads are in" in text
    assert undo in text
    assert "taken back" in client.post(undo, follow=True).content.decode().lower()
    assert not Enrolment.objects.running().exists()


def test_all_that_match_are_counted_and_confirmed(cast: Cast, later: Any, desk: Any) -> None:
    for source in ("web", "web", "fair"):
        cast.lead(source=source)
    client = desk(cast.marketer)
    page = client.get("/leads/neglected/all/?days=30&source=web")
    assert page.context["count"] == 2
    assert "Hand 2 leads over" in page.content.decode()
    said = {"all": "1", "query": "days=30&source=web", "deed": "hand_over", "assignee": cast.rep.pk}
    client.post(TEND, said)
    assert list(Handoff.objects.values_list("lead__source", flat=True)) == ["web", "web"]


def test_without_a_programme_nothing_happens_and_it_is_said(cast: Cast, later: Any, desk: Any) -> None:
    lead, client = cast.lead(), desk(cast.marketer)
    text = client.post(TEND, {"leads": lead.pk, "deed": "enrol"}, follow=True).content.decode()
    assert "Choose a programme first." in text
    assert client.post(TEND, {"all": "1", "query": "", "deed": "enrol"}).status_code == 422
    assert not BulkRun.objects.exists()


def test_a_large_one_shows_how_far_it_is(
    cast: Cast, later: Any, desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 1)
    for _ in range(2):
        cast.lead()
    client, programme = desk(cast.marketer), Programme.objects.order_by("pk")[0]
    said = {"all": "1", "query": "", "deed": "enrol", "programme": programme.pk}
    page = client.post(TEND, said, follow=True)
    assert "<progress" in page.content.decode()
    url = page.redirect_chain[-1][0]
    assert "bulk-beat" in client.get(url, headers={"HX-Request": "true"}).content.decode()
    bulk.sweep(at=later)
    assert client.get(url, headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    assert "2 leads are in" in client.get(url).content.decode()


@pytest.mark.parametrize("url", [LIST, "/leads/neglected.csv", "/leads/neglected/all/"])
def test_it_is_for_marketing_and_managers(cast: Cast, later: Any, desk: Any, url: str) -> None:
    assert desk(cast.manager).get(url).status_code == 200
    assert desk(cast.rep).get(url).status_code == 403
    assert desk(cast.rep).post(TEND, {}).status_code == 403


def test_the_run_of_another_is_missing(cast: Cast, later: Any, desk: Any) -> None:
    run = bulk.enrol([cast.lead().pk], Programme.objects.order_by("pk")[0], by=cast.marketer, at=later)
    for deed in ("", "undo/", "stop/"):
        client = desk(cast.manager)
        answer = client.post(f"/bulk/{run.pk}/{deed}") if deed else client.get(f"/bulk/{run.pk}/")
        assert answer.status_code == 404


def test_the_list_asks_as_much_for_many_as_for_one(
    cast: Cast, later: Any, desk: Any, django_assert_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = desk(cast.marketer)
    cast.lead()
    with CaptureQueriesContext(connection) as one:
        client.get(LIST)
    for _ in range(9):
        cast.lead()
    with django_assert_num_queries(len(one)):
        client.get(LIST)
