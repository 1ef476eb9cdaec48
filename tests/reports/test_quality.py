"""The page of the audit: its figures open the lists they count, for each reader what they see."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from leads.quality import history
from leads.quality.figures import Line
from reports import quality
from tests.support.audit import look
from tests.support.cast import Cast
from tests.support.story import Story

pytestmark = pytest.mark.django_db
PAGE = "/reports/quality/"
FIGURE = re.compile(
    r'<a href="(/leads/quality/\?[^"]+)">([\d,]+|\d+%)</a>(?:[^<]*<span class="faint small">(\d+) of)?'
)


def as_user(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("who", ["rep", "marketer"])
def test_each_figure_opens_as_many_leads(story: Story, who: str) -> None:
    look(story.now)
    client = as_user(getattr(story.cast, who))
    found = FIGURE.findall(client.get(PAGE).content.decode().replace("&amp;", "&"))
    promised = [
        (url, int((part or shown).replace(",", ""))) for url, shown, part in found if part or "%" not in shown
    ]
    assert len(promised) >= 20
    some = promised[:: 1 + len(promised) // 15]
    assert [(url, n) for url, n in some if int(client.get(url).context["total"]) != n] == []


@pytest.mark.parametrize("asked", ["segment=-", "segment=enterprise", "source=fair", "team=-", "assignee=-"])
def test_narrowed_figures_open_as_many_leads_too(story: Story, asked: str) -> None:
    look(story.now)
    client = as_user(story.cast.marketer)
    told = client.get(f"{PAGE}?{asked}").context["total"]
    assert client.get(f"/leads/quality/?leads=all&{asked}").context["total"] == str(told)


def test_a_year_is_looked_at_and_the_way_to_earlier_leads_is_shown(story: Story) -> None:
    look(story.now)
    client = as_user(story.cast.marketer)
    asked = quality.read({}, user=story.cast.marketer, at=story.now)
    assert asked.scope.period.first == (story.now.date().replace(day=1) - timedelta(days=330)).replace(day=1)
    page = client.get(f"{PAGE}?from={story.now:%Y-%m-%d}")
    assert page.context["earlier"] > 0
    everything = client.get(page.context["everything_url"]).context["total"]
    assert everything == page.context["earlier"] + page.context["total"]


def test_the_page_is_narrowed_by_source_and_says_so_of_its_lists(cast: Cast, clock: Any) -> None:
    cast.lead(source="web")
    look(cast.at)
    page = as_user(cast.marketer).get(f"{PAGE}?source=web")
    assert [row.label for row in page.context["sources"].rows] == ["web"]
    assert "source=web" in page.content.decode()


NONSENSE = ("period=x", "from=x", "months=x", "rule=x", "group=x", "sound=x", "cursor=x&sort=x")


@pytest.mark.parametrize("page", [PAGE, "/leads/quality/", "/leads/quality.csv"])
def test_nonsense_in_an_address_does_no_harm(cast: Cast, clock: Any, page: str) -> None:
    client = as_user(cast.marketer)
    assert {client.get(f"{page}?{query}").status_code for query in NONSENSE} == {200}


def test_the_page_asks_no_more_for_more_leads(cast: Cast, clock: Any) -> None:
    cast.lead(source="web")
    look(cast.at)
    client = as_user(cast.marketer)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(PAGE)
        return len(queries)

    before = asked()
    for source in ("one", "two", "three"):
        cast.lead(source=source, phone="", country="Nowhere")
    look(cast.at)
    assert asked() == before


def test_the_figures_are_a_csv_too(cast: Cast, clock: Any) -> None:
    cast.lead(source="web")
    look(cast.at)
    answer = as_user(cast.marketer).get("/reports/quality.csv")
    header, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert header == ["Section", "Item", "Figure", "Value"]
    assert {row[0] for row in rows} >= {"Missing", "Invalid", "By source", "By month captured"}


def test_the_line_over_time_is_for_those_who_see_every_lead(cast: Cast, clock: Any) -> None:
    cast.handoff()
    look(cast.at)
    history.snapshot(at=cast.at)
    assert as_user(cast.marketer).get(PAGE).context["trend"].table.rows
    assert as_user(cast.manager).get(PAGE).context["trend"] is None
    assert as_user(cast.marketer).get(f"{PAGE}?segment=-").context["trend"] is None


@pytest.mark.parametrize(
    ("sound", "total", "grade"),
    [(9, 9, ""), (9, 10, "A"), (8, 10, "B"), (5, 10, "C"), (4, 10, "D"), (0, 10, "D")],
)
def test_a_grade_follows_from_the_share_and_needs_ten_leads(sound: int, total: int, grade: str) -> None:
    assert quality.grade(Line("web", total, {}, sound)) == grade


def test_completeness_is_the_promise_s_own_definition(cast: Cast, clock: Any) -> None:
    """An MQL that the report of the agreement counts as incomplete is found by the audit."""
    lead, _whole = cast.handoff().lead, cast.handoff()
    type(lead.contact).objects.filter(pk=lead.contact_id).update(email="", email_key="")
    look(cast.at)
    client = as_user(cast.marketer)
    incomplete = client.get("/handoffs/?complete=no").context["rows"]
    audited = client.get("/leads/quality/?rule=incomplete").context["page"].rows
    assert [row.lead_id for row, *_standing in incomplete] == [row.pk for row in audited] == [lead.pk]


def test_the_page_is_in_japanese_for_who_reads_it(cast: Cast, clock: Any) -> None:
    cast.lead(source="web")
    look(cast.at)
    cast.marketer.language = "ja"
    cast.marketer.save()
    text = as_user(cast.marketer).get(PAGE).content.decode()
    assert "データ品質" in text
    assert "登録月別" in text
