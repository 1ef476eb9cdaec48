"""The list of handoffs: its address is the question, and a figure's address finds exactly what it counts."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from desk import handoff_filters
from reports import attainment, facets, figures, links, marketing, wishes
from reports.facets import Lens
from sla.models import Handoff
from tests.support.cast import Cast
from tests.support.story import Story, tell

pytestmark = pytest.mark.django_db
LIST = "/handoffs/"
JUNE = "from=2026-06-01&to=2026-06-30"
EVERYBODY = ("rep", "colleague", "manager", "marketer", "stranger", "admin")


@pytest.fixture
def story(cast: Cast, clock: Any) -> Story:
    told = tell(cast)
    clock.set(told.now)
    return told


def as_user(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def names(page: Any) -> list[str]:
    return [row.contact.last_name for row, *_verdict in page.context["rows"]]


def total(page: Any) -> int:
    assert page.status_code == 200
    return int(page.context["total"].replace(",", ""))


def scope_of(story: Story, who: str, **query: str) -> Any:
    user = getattr(story.cast, who)
    return wishes.read({"from": "2026-06-01", "to": "2026-06-30", **query}, user=user, at=story.now).scope


@pytest.mark.parametrize("who", EVERYBODY)
def test_every_figure_of_sales_is_the_list_it_opens(story: Story, who: str) -> None:
    scope, client = scope_of(story, who), as_user(getattr(story.cast, who))
    told = attainment.totals(scope, Lens(story.now, scope.period.zone))
    found = {name: total(client.get(links.figure(scope, name))) for name in told.counts}
    assert found == dict(told.counts)


@pytest.mark.parametrize("who", EVERYBODY)
def test_every_figure_of_marketing_is_the_list_it_opens(story: Story, who: str) -> None:
    scope, client = scope_of(story, who), as_user(getattr(story.cast, who))
    found = marketing.marketing(scope, Lens(story.now, scope.period.zone))
    assert total(client.get(links.figure(scope, "mqls"))) == found.mqls
    assert total(client.get(links.figure(scope, "complete"))) == found.completeness.share.part
    for source in found.sources:
        narrow = scope.asking(source=source.key)
        for name, count in source.tally.counts.items():
            assert total(client.get(links.figure(narrow, name))) == count, (source.key, name)


def test_the_story_leaves_no_figure_at_nothing(story: Story) -> None:
    """Else the two tests above would prove less than they say."""
    scope = scope_of(story, "marketer")
    lens = Lens(story.now, scope.period.zone)
    told = attainment.totals(scope, lens).counts
    assert [name for name, count in told.items() if not count] == []
    assert marketing.marketing(scope, lens).completeness.share.part > 0


def test_every_facet_of_the_list_is_one_of_the_reports() -> None:
    assert set(handoff_filters.FACETS) <= set(facets.FACETS)
    asked = {name for wanted in figures.FIGURES.values() for name in wanted}
    assert asked <= set(handoff_filters.FACETS)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=converted", {"Zwon"}),
        ("status=expired&status=withdrawn", {"Zexpired", "Zwithdrawn"}),
        ("response=late&source=webinar", {"Zlate"}),
        ("said=rejected&reason=insufficient-data", {"Zgap"}),
        ("reason=no-budget&reviewed=yes", {"Zlate"}),
        ("round=2", {"Zgap", "Zexpired"}),
        ("paused=yes", {"Zmoved"}),
        ("reassigned=yes", {"Zmoved"}),
        ("complete=no", {"Zgap"}),
        ("budget=approved&budget=planned", {"Zwon"}),
        ("assignee=-", {"Zqueued"}),
        ("weekday=3&hour=10", {"Zfresh", "Zqueued"}),
        ("response=nonsense", set()),
        ("nonsense=1&status=converted", {"Zwon"}),
    ],
)
def test_filters_narrow(story: Story, query: str, found: set[str]) -> None:
    page = as_user(story.cast.admin).get(f"{LIST}?{JUNE}&{query}")
    assert set(names(page)) == found


@pytest.mark.parametrize(
    ("who", "found"),
    [
        ("rep", {"Zwon", "Zlate", "Zrefused", "Zgap", "Zexpired", "Zwithdrawn", "Zworking", "Zfresh"}),
        ("colleague", {"Zmoved", "Zunswept", "Zexpired"}),
        ("stranger", {"Zelsewhere"}),
    ],
)
def test_a_person_sees_their_own_and_the_queue_where_asked(story: Story, who: str, found: set[str]) -> None:
    client = as_user(getattr(story.cast, who))
    assert set(names(client.get(f"{LIST}?{JUNE}"))) <= found
    assert set(names(client.get(f"{LIST}?{JUNE}&assignee=-"))) == {"Zqueued"}


def test_a_wish_that_cannot_be_read_is_said(story: Story) -> None:
    page = as_user(story.cast.rep).get(f"{LIST}?from=tomorrow").content.decode()
    assert "Write a day like 2026-01-31" in page


@pytest.mark.parametrize(
    "sort", ["person", "-company", "status", "-hours", "hours", "assignee", "-source", "offered", "x"]
)
def test_every_order_pages_through_everything_once(story: Story, sort: str, monkeypatch: Any) -> None:
    from desk.views import handoff_list

    monkeypatch.setattr(handoff_list, "PAGE", 3)
    client, url, seen = as_user(story.cast.admin), f"{LIST}?{JUNE}&sort={sort}", []
    while url:
        page = client.get(url)
        seen += [row.pk for row, *_verdict in page.context["rows"]]
        url = page.context["next_url"] and f"{LIST}{page.context['next_url']}"
    assert len(seen) == len(set(seen)) == Handoff.objects.count()


def test_the_export_is_the_list(story: Story) -> None:
    answer = as_user(story.cast.admin).get(f"{reverse('desk:handoff-export')}?{JUNE}&response=late")
    header, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert header[:3] == ["Person", "E-mail", "Company"]
    assert len(rows) == total(as_user(story.cast.admin).get(f"{LIST}?{JUNE}&response=late"))
    assert {row[header.index("First contact in time")] for row in rows} == {"Late"}


def test_the_list_asks_as_much_for_many_as_for_few(story: Story) -> None:
    client = as_user(story.cast.admin)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(f"{LIST}?{JUNE}")
        return len(queries)

    before = asked()
    for _ in range(5):
        story.cast.handoff()
    assert asked() == before


def test_nothing_found_says_what_to_do(story: Story) -> None:
    page = as_user(story.cast.stranger).get(f"{LIST}?{JUNE}&status=converted").content.decode()
    assert "No handoffs match" in page
    assert re.search(r'href="/handoffs/">Clear all filters', page)


def test_a_guest_is_asked_to_log_in(db: None) -> None:
    for address in (LIST, "/handoffs/export.csv"):
        assert Client().get(address)["Location"].startswith("/accounts/login/")
