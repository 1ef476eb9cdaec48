"""The report on scoring: each figure opens its rows, points are proposed and never activated, and for whom it is."""

from __future__ import annotations

import csv
import html
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from crm.models import LedgerEntry
from leads.models import Disqualifier, LeadScore, ScoringModel, VersionStatus
from leads.scoring import versions
from sla.models import Handoff
from tests.reports.test_pages import JUNE, as_user, opened, total
from tests.support.calling import Caller, pointers
from tests.support.cast import Cast
from tests.support.decided import Decided, decided

pytestmark = pytest.mark.django_db
PAGE, ROWS, PROPOSE = "/reports/scoring/", "/reports/scoring/handoffs/", "/reports/scoring/propose/"
ASKED = f"{JUNE}&outcome=accepted&bar=5"


@pytest.fixture
def answers(cast: Cast, clock: Any) -> Cast:
    """Twenty-four leads: those who inquired are accepted, but for two either way."""
    hot = [Decided(number > 1, ("inquiry",)) for number in range(12)]
    decided(cast, hot + [Decided(number < 1, ("page_view",), "fair") for number in range(12)])
    clock.set(cast.at + timedelta(days=9))
    return cast


def test_each_figure_opens_as_many_rows(answers: Cast) -> None:
    client = as_user(answers.marketer)
    found = list(opened(client.get(f"{PAGE}?{ASKED}").content.decode()))
    assert len(found) >= 10
    assert [(url, count) for url, count in found if total(client, url) != count] == []


def test_bars_open_the_tenths(answers: Cast) -> None:
    client = as_user(answers.marketer)
    page = client.get(f"{PAGE}?{ASKED}")
    [(lift, _calibrated)] = page.context["pictures"]
    sizes = [total(client, bar.bar.url) for bar in lift.bars]
    assert sum(sizes) == 24
    assert len(sizes) == 10


def test_the_rows_are_a_csv_too(answers: Cast) -> None:
    answer = as_user(answers.marketer).get(f"/reports/scoring/handoffs.csv?{ASKED}&came=yes&sort=score")
    _header, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert len(rows) == 11
    scores = [float(row[3]) for row in rows]
    assert scores == sorted(scores)


def test_too_few_outcomes_are_said(cast: Cast, clock: Any) -> None:
    decided(cast, [Decided(True, ("inquiry",))])
    clock.set(cast.at + timedelta(days=9))
    text = as_user(cast.marketer).get(f"{PAGE}?{ASKED}&insight=yes").content.decode()
    assert "Not enough outcomes yet: 0 of 10 needed" in text
    assert "Not enough outcomes yet: 0 of 20 needed" in text
    assert "nan" not in re.sub(r"<[^>]+>", "", text).lower()


def test_it_is_for_marketing_and_for_who_leads_sales(answers: Cast) -> None:
    for who in (answers.marketer, answers.manager, answers.admin):
        assert as_user(who).get(f"{PAGE}?{ASKED}").status_code == 200
    for address in (PAGE, ROWS, "/reports/scoring/handoffs.csv"):
        assert as_user(answers.rep).get(address).status_code == 403
    tabs = as_user(answers.rep).get("/reports/").context["tabs"]
    assert "/reports/scoring/" not in str([tab.url for tab in tabs])
    assert Client().get(PAGE)["Location"].startswith("/accounts/login/")


def test_a_manager_sees_the_team_s_handoffs(answers: Cast) -> None:
    answered_elsewhere = Handoff.objects.order_by("pk").first()
    assert answered_elsewhere
    Handoff.objects.filter(pk=answered_elsewhere.pk).update(assignee=answers.stranger, team=None)
    assert total(as_user(answers.manager), f"{ROWS}?{ASKED}") == 23
    assert total(as_user(answers.marketer), f"{ROWS}?{ASKED}") == 24


@pytest.mark.parametrize(
    "query",
    ["version=x", "version=99", "outcome=x", "bar=x", "bar=-1", "tenth=x", "cursor=x", "sort=x", "least=x"],
)
def test_nonsense_in_an_address_does_no_harm(cast: Cast, query: str) -> None:
    for address in (PAGE, ROWS):
        assert as_user(cast.marketer).get(f"{address}?{query}").status_code == 200


# -- proposing ------------------------------------------------------------------------------------


def grown(cast: Cast, clock: Any) -> None:
    """Enough outcomes to learn from: what is accepted inquired, most of the time."""
    hot = [Decided(number % 6 != 0, ("inquiry", "page_view")) for number in range(26)]
    decided(cast, hot + [Decided(number % 6 == 0, ("page_view", "download")) for number in range(26)])
    clock.set(cast.at + timedelta(days=9))


def test_points_are_proposed_as_a_draft_and_nothing_is_activated(cast: Cast, clock: Any) -> None:
    grown(cast, clock)
    active, scores = versions.active(), list(LeadScore.objects.order_by("pk").values())
    answer = as_user(cast.marketer).post(f"{PROPOSE}?{ASKED}", follow=True)
    draft = ScoringModel.objects.order_by("version").last()
    assert draft
    assert (draft.status, draft.author, versions.active()) == (
        VersionStatus.DRAFT,
        cast.marketer,
        active,
    )
    assert list(LeadScore.objects.order_by("pk").values()) == scores
    points = {rule.kind: rule.points for rule in draft.behaviour_rules.all()}
    assert points["inquiry"] > points["download"]
    assert points["webinar"] == 5, "too rare to be judged: as it was"
    assert (
        Disqualifier.objects.filter(model=draft).count() == Disqualifier.objects.filter(model=active).count()
    )
    assert "52 handoffs" in draft.note
    assert draft.note in html.unescape(answer.content.decode())
    assert LedgerEntry.objects.get(kind="scoring.drafted").data == {
        "version": draft.version,
        "proposed": True,
    }
    assert [row.cells[0].shown for row in answer.context["versions"].rows] == ["52", "52"], (
        "beside the active one"
    )


def test_as_many_reach_the_threshold_under_the_proposal_as_do_now(cast: Cast, clock: Any) -> None:
    grown(cast, clock)
    answer = as_user(cast.marketer).post(f"{PROPOSE}?{ASKED}", follow=True)
    proposed, active = answer.context["versions"].rows
    assert proposed.cells[3].note.endswith("of 26")
    assert active.cells[3].note.endswith("of 26")


def test_too_few_outcomes_propose_nothing(answers: Cast) -> None:
    answer = as_user(answers.marketer).post(f"{PROPOSE}?{ASKED}", follow=True)
    assert "Not enough outcomes yet: 11 of 20 needed" in answer.content.decode()
    assert ScoringModel.objects.count() == 1


def test_only_marketing_proposes(answers: Cast) -> None:
    assert as_user(answers.manager).post(f"{PROPOSE}?{ASKED}").status_code == 403
    assert as_user(answers.marketer).get(PROPOSE).status_code == 405
    assert ScoringModel.objects.count() == 1


# -- REST -----------------------------------------------------------------------------------------

QUERY = {"from": "2026-06-01", "to": "2026-06-30", "outcome": "accepted", "bar": "5"}


def test_rest_tells_the_figures_of_the_page(answers: Cast) -> None:
    told = Caller(answers.marketer).get(PAGE, **QUERY).json()
    test = as_user(answers.marketer).get(f"{PAGE}?{ASKED}").context["test"]
    [version] = told["versions"]
    assert (told["outcome"], told["bar"], version["version"], version["status"]) == (
        "accepted",
        5.0,
        1,
        "active",
    )
    assert version["auc"] == {"value": test.auc.value, "low": test.auc.low, "high": test.auc.high}
    assert version["came"]["part"] == 11
    assert sum(tenth["came"]["whole"] for tenth in version["tenths"]) == 24
    assert [month["month"] for month in version["months"]] == ["2026-06-01"]
    assert told["insight"] is None


def test_rest_says_what_leads_to_it_when_asked(answers: Cast) -> None:
    told = Caller(answers.marketer).get(PAGE, **QUERY, insight="yes").json()["insight"]
    assert (told["is_enough"], told["count"], told["came"], told["effects"]) == (False, 24, 11, [])


def test_rest_refuses_by_name_what_it_does_not_know(cast: Cast) -> None:
    for wrong in ({"version": "9"}, {"outcome": "rich"}, {"bar": "0"}, {"month": "6"}):
        answer = Caller(cast.marketer).get(PAGE, **wrong)
        assert (answer.status_code, pointers(answer)) == (400, [f"/{name}" for name in wrong])


def test_rest_is_for_the_same_people(cast: Cast) -> None:
    assert Caller(cast.rep, "reports:read").get(PAGE).status_code == 403
    assert Caller(cast.manager, "reports:read").get(PAGE).status_code == 200
