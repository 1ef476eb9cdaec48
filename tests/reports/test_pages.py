"""The pages of the reports: what each figure on them opens, who sees them, and at what price."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.support.cast import Cast
from tests.support.story import Story

pytestmark = pytest.mark.django_db
JUNE = "from=2026-06-01&to=2026-06-30"
PAGES = ("/reports/", "/reports/sla/", "/reports/funnel/", "/reports/funnel/leads/", "/reports/sla/review/")
LISTS = r"/handoffs/|/reports/funnel/leads/|/reports/scoring/handoffs/"
LINK = rf'<a href="((?:{LISTS})\?[^"]+)">([^<]*)(?:<small>×(\d+)</small>)?</a>'
# What stands behind or under it may say of how many: “40 of 59”.
CELL = re.compile(
    LINK
    + r'(?:[^<]*<span class="faint small">([^<]*)|(?:(?!</td>|<a )[\s\S]){0,300}?<div class="soft small">([^<]*))?'
)


def as_user(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def opened(text: str) -> Iterator[tuple[str, int]]:
    """Each link of a page to a list, with the number of rows it promises."""
    for url, shown, times, beside, under in CELL.findall(text.replace("&amp;", "&")):
        of = re.search(r"\d of ([\d,]+)", beside or under) if "%" in shown else None
        promised = times or (of.group(1) if of else shown)
        if re.fullmatch(r"[\d,]+", promised):
            yield url, int(promised.replace(",", ""))


def total(client: Client, url: str) -> int:
    page = client.get(url)
    assert page.status_code == 200
    return int(page.context["total"].replace(",", ""))


@pytest.mark.parametrize("who", ["rep", "manager", "marketer"])
@pytest.mark.parametrize("page", ["/reports/", "/reports/sla/", "/reports/funnel/"])
def test_each_figure_of_a_page_opens_as_many_rows(story: Story, who: str, page: str) -> None:
    client = as_user(getattr(story.cast, who))
    found = list(opened(client.get(f"{page}?{JUNE}").content.decode()))
    least = {"/reports/": 5, "/reports/sla/": 30, "/reports/funnel/": 10}[page]
    assert len(found) >= least, "the page has figures, and they are links"
    assert [(url, count) for url, count in found if total(client, url) != count] == []


def test_each_figure_of_the_review_opens_as_many_rows(story: Story) -> None:
    client = as_user(story.cast.marketer)
    text = client.get("/reports/sla/review/?kind=week&on=2026-06-03").content.decode()
    found = list(opened(text))
    assert len(found) >= 10
    assert [(url, count) for url, count in found if total(client, url) != count] == []


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("who", ["rep", "manager", "marketer", "admin", "stranger"])
def test_everybody_has_every_page(story: Story, page: str, who: str) -> None:
    answer = as_user(getattr(story.cast, who)).get(f"{page}?{JUNE}")
    assert answer.status_code == 200


@pytest.mark.parametrize("page", [*PAGES, "/reports/sla/review.csv", "/reports/funnel/leads.csv"])
def test_a_guest_is_asked_to_log_in(db: None, page: str) -> None:
    assert Client().get(page)["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("page", PAGES)
def test_a_company_without_history_is_told_so(cast: Cast, clock: Any, page: str) -> None:
    for who in (cast.marketer, cast.rep):
        assert as_user(who).get(page).status_code == 200


@pytest.mark.parametrize(
    "query",
    ["from=x&to=y", "period=x", "team=x", "assignee=%0B", "segment=%0B", "kind=x&on=x", "on=0001-01-01"],
)
@pytest.mark.parametrize("page", PAGES)
def test_nonsense_in_an_address_is_said_and_does_no_harm(story: Story, page: str, query: str) -> None:
    assert as_user(story.cast.marketer).get(f"{page}?{query}").status_code == 200


def test_a_rep_is_not_asked_for_team_or_person_and_a_manager_not_for_a_team(story: Story) -> None:
    def asked(user: Any) -> list[str]:
        return [one.name for one in as_user(user).get("/reports/sla/").context["filters"]]

    assert asked(story.cast.rep) == ["period", "segment", "source"]
    assert asked(story.cast.manager) == ["period", "assignee", "segment", "source"]
    assert asked(story.cast.marketer) == ["period", "team", "assignee", "segment", "source"]


def test_tabs_keep_the_filters(story: Story) -> None:
    tabs = as_user(story.cast.marketer).get(f"/reports/sla/?{JUNE}&source=web").context["tabs"]
    assert [number for number, tab in enumerate(tabs) if tab.is_current] == [1]
    assert "source=web" in tabs[0].url
    assert "from=2026-06-01" in tabs[2].url


@pytest.mark.parametrize("page", PAGES)
def test_pages_ask_no_more_for_more_handoffs(story: Story, page: str) -> None:
    client = as_user(story.cast.admin)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(f"{page}?{JUNE}&on=2026-06-03")
        return len(queries)

    before = asked()
    for person in (story.cast.rep, story.cast.manager, story.cast.stranger):
        story.cast.handoff(to=person, source="a new one")
    assert asked() == before


def test_the_review_is_a_csv_too(story: Story) -> None:
    answer = as_user(story.cast.marketer).get("/reports/sla/review.csv?kind=week&on=2026-06-03")
    header, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert header == ["Section", "Item", "Value", "Promised", "Note"]
    sections = {row[0] for row in rows}
    assert sections >= {
        "Period",
        "Sales",
        "Marketing",
        "Largest deviation",
        "Late first contact",
        "Rejected",
        "Conclusion",
    }


def test_the_review_walks_from_week_to_week(story: Story) -> None:
    context = as_user(story.cast.marketer).get("/reports/sla/review/?kind=week&on=2026-06-03").context
    assert "on=2026-05-31" in context["around"]["before"]
    assert "on=2026-06-08" in context["around"]["after"]
    latest = as_user(story.cast.marketer).get(f"/reports/sla/review/?kind=week&on={story.now:%Y-%m-%d}")
    assert latest.context["around"]["after"] == ""


def test_what_others_work_is_in_no_report_of_a_rep(story: Story) -> None:
    client = as_user(story.cast.stranger)
    for page in (*PAGES, "/reports/sla/review.csv", "/reports/funnel/leads.csv", "/handoffs/"):
        text = client.get(f"{page}?{JUNE}&on=2026-06-03").content.decode()
        assert not re.search("Zrefused|Zunswept|Zwon|Zworking", text), page


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("/reports/", "引き渡しの状況"),
        ("/reports/sla/", "SLAの達成状況"),
        ("/reports/funnel/", "リードの進み具合"),
        ("/reports/funnel/leads/", "ファネルのリード"),
        ("/reports/sla/review/", "週次レビュー"),
        ("/handoffs/", "引き渡し"),
    ],
)
def test_pages_are_in_japanese_for_who_reads_it(story: Story, page: str, words: str) -> None:
    story.cast.marketer.language = "ja"
    story.cast.marketer.save()
    text = as_user(story.cast.marketer).get(f"{page}?{JUNE}").content.decode()
    assert 'lang="ja"' in text
    assert words in text
