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

from content.models import Asset
from crm import present
from crm.models import LedgerEntry
from leads.models import BehaviourRule, Disqualifier, FitRule, LeadScore, ScoringModel, VersionStatus
from leads.scoring import versions
from reports.models import ScoringRun
from reports.scoring import proposing, runs
from sla import runs as door
from sla.models import Handoff, RunStatus
from tests.reports.test_pages import JUNE, as_user, opened, total
from tests.support.calling import Caller, pointers
from tests.support.cast import Cast
from tests.support.decided import Decided, decided

pytestmark = pytest.mark.django_db
PAGE, ROWS = "/reports/scoring/", "/reports/scoring/handoffs/"
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
    text = as_user(cast.marketer).get(f"{PAGE}?{ASKED}").content.decode()
    assert "Not enough outcomes yet: 0 of 10 needed" in text
    text += worked_out(cast.marketer, "insight")[2].content.decode()
    assert "Not enough outcomes yet: 0 of 20 needed" in text
    assert "nan" not in re.sub(r"<[^>]+>", "", text).lower()


def test_it_is_for_marketing_and_for_who_leads_sales(answers: Cast) -> None:
    for who in (answers.marketer, answers.manager, answers.admin):
        assert as_user(who).get(f"{PAGE}?{ASKED}").status_code == 200
    for address in (PAGE, ROWS, "/reports/scoring/handoffs.csv", "/reports/scoring.csv"):
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


def worked_out(user: Any, question: str = "proposal") -> tuple[Client, ScoringRun, Any]:
    """Asked by a person, worked out as the worker does it, and looked at."""
    client = as_user(user)
    address = client.post(f"/reports/scoring/ask/{question}/?{ASKED}")["Location"]
    runs.perform_next(at=present.now())
    return client, ScoringRun.objects.get(), client.get(address)


def test_points_are_proposed_as_a_draft_and_nothing_is_activated(cast: Cast, clock: Any) -> None:
    grown(cast, clock)
    active, scores = versions.active(), list(LeadScore.objects.order_by("pk").values())
    _client, run, answer = worked_out(cast.marketer)
    draft = run.draft
    assert draft
    assert (run.status, draft.status, draft.author, versions.active()) == (
        RunStatus.DONE,
        VersionStatus.DRAFT,
        cast.marketer,
        active,
    )
    assert list(LeadScore.objects.order_by("pk").values()) == scores
    points = {rule.kind: rule.points for rule in draft.behaviour_rules.all()}
    assert points["inquiry"] > points["download"]
    assert points["webinar"] == 5, "too rare to be judged: as it was"
    assert all(2 * value == int(2 * value) for value in points.values()), "whole numbers or halves"
    assert (
        Disqualifier.objects.filter(model=draft).count() == Disqualifier.objects.filter(model=active).count()
    )
    assert "52 handoffs" in draft.note
    assert LedgerEntry.objects.get(kind="scoring.drafted").data == {
        "version": draft.version,
        "proposed": True,
    }
    text = html.unescape(answer.content.decode())
    assert f"{draft} is drafted with these points. Nothing is activated" in text
    assert "Weighed by the regression" in text
    assert "Too few outcomes to judge it: as it is in force" in text


def test_what_came_of_a_proposal_is_back_tested_beside_the_active_version(cast: Cast, clock: Any) -> None:
    grown(cast, clock)
    client, _run, answer = worked_out(cast.marketer)
    proposed, active = client.get(answer.context["backtest_url"]).context["versions"].rows
    assert [row.cells[0].shown for row in (proposed, active)] == ["52", "52"]
    assert proposed.cells[3].note.endswith("of 26"), "as many reach the threshold as do now"
    assert active.cells[3].note.endswith("of 26")


def test_limits_stay_and_points_for_a_phase_stay_as_far_from_their_kind(cast: Cast, clock: Any) -> None:
    grown(cast, clock)
    active = versions.active()
    BehaviourRule.objects.filter(model=active, kind="inquiry").update(most_per_day=2)
    [kind] = BehaviourRule.objects.filter(model=active, kind="inquiry", asset=None, phase="")
    BehaviourRule.objects.create(
        model=active, kind="inquiry", phase="purchase", points=2 * kind.points, most_per_day=1
    )
    draft = worked_out(cast.marketer)[1].draft
    plain, of_phase = BehaviourRule.objects.filter(model=draft, kind="inquiry").order_by("phase")
    assert (plain.most_per_day, of_phase.most_per_day) == (2, 1)
    assert of_phase.points == pytest.approx(2 * plain.points, abs=0.5)


def test_an_asset_too_few_had_stays_as_far_from_its_kind(cast: Cast, clock: Any) -> None:
    grown(cast, clock)
    active = versions.active()
    [kind] = BehaviourRule.objects.filter(model=active, kind="inquiry", asset=None, phase="")
    asset = Asset.objects.create(slug="trial", title="Trial", kind="guide")
    BehaviourRule.objects.create(model=active, kind="inquiry", asset=asset, points=2 * kind.points)
    _client, run, answer = worked_out(cast.marketer)
    plain = BehaviourRule.objects.get(model=run.draft, kind="inquiry", asset=None)
    of_asset = BehaviourRule.objects.get(model=run.draft, kind="inquiry", asset=asset)
    assert of_asset.points == pytest.approx(2 * plain.points, abs=0.5)
    assert "Inquiry: Trial" in answer.content.decode()
    assert "Too few to judge it: as far from its kind as it is in force" in answer.content.decode()


def test_fit_rules_on_what_could_not_be_judged_stay_and_are_named(cast: Cast, clock: Any) -> None:
    grown(cast, clock)
    FitRule.objects.create(
        model=versions.active(),
        attribute="department",
        operator="is",
        values=["IT"],
        points=7,
        unknown_points=-3,
    )
    _client, run, answer = worked_out(cast.marketer)
    [kept] = FitRule.objects.filter(model=run.draft, attribute="department")
    assert (kept.points, kept.unknown_points) == (7, -3)
    assert run.result
    assert "department" in run.result["kept"]
    assert run.draft
    for told in (run.draft.note, html.unescape(answer.content.decode())):
        assert re.search(r"Fit rules on what could not be judged stay: [^.]*Department", told)


def test_too_few_outcomes_propose_nothing(answers: Cast) -> None:
    _client, run, answer = worked_out(answers.marketer)
    assert run.status == RunStatus.FAILED
    assert "Not enough outcomes yet: 11 of 20 needed" in answer.content.decode()
    assert ScoringModel.objects.count() == 1


def test_only_marketing_proposes_and_managers_ask_what_leads_to_it(answers: Cast) -> None:
    ask = "/reports/scoring/ask/{}/?" + ASKED
    assert as_user(answers.manager).post(ask.format("proposal")).status_code == 403
    assert as_user(answers.manager).post(ask.format("insight")).status_code == 302
    assert as_user(answers.rep).post(ask.format("insight")).status_code == 403
    assert as_user(answers.marketer).post(ask.format("riches")).status_code == 404
    assert as_user(answers.marketer).get(ask.format("proposal")).status_code == 405
    assert ScoringModel.objects.count() == 1


def test_the_same_question_is_not_asked_twice_while_it_waits(answers: Cast) -> None:
    client = as_user(answers.marketer)
    ask = f"/reports/scoring/ask/insight/?{ASKED}"
    assert client.post(ask)["Location"] == client.post(ask)["Location"]
    assert ScoringRun.objects.count() == 1


def test_a_question_is_its_asker_s_alone(answers: Cast) -> None:
    client = as_user(answers.marketer)
    address = client.post(f"/reports/scoring/ask/insight/?{ASKED}")["Location"]
    assert client.get(address).status_code == 200
    for url in (address, f"{address[:-1]}.csv"):
        assert as_user(answers.manager).get(url).status_code == 404
        assert as_user(answers.rep).get(url).status_code == 403
    assert as_user(answers.manager).post(f"{address}cancel/").status_code == 404


def test_what_leads_to_it_is_answered_with_its_rows_and_as_a_file(cast: Cast, clock: Any) -> None:
    grown(cast, clock)
    client, run, answer = worked_out(cast.manager, "insight")
    found = list(opened(answer.content.decode()))
    assert found
    assert [(url, count) for url, count in found if total(client, url) != count] == []
    rows = list(
        csv.reader(io.StringIO(client.get(f"/reports/scoring/runs/{run.pk}.csv").content.decode("utf-8-sig")))
    )
    assert {row[1] for row in rows[1:]} == {row.label for row in answer.context["table"].rows}


def test_a_proposal_cancelled_on_the_way_leaves_no_draft(
    cast: Cast, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the last word of progress and the draft."""
    grown(cast, clock)
    prepare = proposing.prepare

    def cancelled_meanwhile(*args: Any, **options: Any) -> Any:
        prepared = prepare(*args, **options)
        door.cancel(ScoringRun.objects.get(), by=cast.marketer, at=cast.at)
        return prepared

    monkeypatch.setattr(proposing, "prepare", cancelled_meanwhile)
    _client, run, answer = worked_out(cast.marketer)
    assert (run.status, run.result, run.draft) == (RunStatus.CANCELLED, None, None)
    assert ScoringModel.objects.count() == 1
    assert "This question was cancelled" in answer.content.decode()


def test_how_far_it_has_come_is_told_and_cancelling_stops_it(cast: Cast, clock: Any) -> None:
    grown(cast, clock)
    client = as_user(cast.marketer)
    address = client.post(f"/reports/scoring/ask/proposal/?{ASKED}")["Location"]
    assert "Waiting for its turn" in client.get(address).content.decode()
    assert "Waiting for its turn" in client.get(address, headers={"HX-Request": "true"}).content.decode()
    client.post(f"{address}cancel/")
    assert runs.perform_next(at=present.now()) is None
    assert client.get(address, headers={"HX-Request": "true"})["HX-Redirect"] == address


# -- files ----------------------------------------------------------------------------------------


def test_every_figure_of_the_page_is_in_one_file(answers: Cast) -> None:
    client = as_user(answers.marketer)
    page = client.get(f"{PAGE}?{ASKED}").context
    answer = client.get(f"/reports/scoring.csv?{ASKED}")
    _header, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    told = {(section, item, figure): value for section, item, figure, value, _note in rows}
    shown = [page["versions"], *page["calibrations"], page["months"], page["segments"]]
    for table in shown:
        for row in table.rows:
            for column, cell in zip(table.columns[1:], row.cells, strict=True):
                assert told[str(table.title), str(row.label), str(column)] == cell.shown
    [(lift, _calibrated)] = page["pictures"]
    assert len([key for key in told if key[0] == str(lift.title)]) == 10


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


def test_rest_works_out_what_leads_to_it_in_the_background_and_then_says_it(answers: Cast) -> None:
    caller = Caller(answers.marketer)
    first = caller.get(PAGE, **QUERY, insight="yes")
    assert (first.status_code, first.json()["status"], first.json()["insight"]) == (202, "waiting", None)
    assert first["Location"].endswith(f"/api/v1/reports/scoring/runs/{ScoringRun.objects.get().pk}/")
    assert caller.get(PAGE, **QUERY, insight="yes").json() == first.json(), "the same run, not one more"
    runs.perform_next(at=present.now())
    run = caller.get(first["Location"].partition("/api/v1")[2]).json()
    assert run["status"] == "done"
    told = caller.get(PAGE, **QUERY, insight="yes").json()["insight"]
    assert told == run["insight"]
    assert (told["is_enough"], told["count"], told["came"], told["effects"]) == (False, 24, 11, [])


def test_rest_works_it_out_anew_after_an_hour(answers: Cast, clock: Any) -> None:
    caller = Caller(answers.marketer)
    caller.get(PAGE, **QUERY, insight="yes")
    runs.perform_next(at=present.now())
    clock.set(present.now() + runs.STILL_GOOD)
    assert caller.get(PAGE, **QUERY, insight="yes").status_code == 202
    assert ScoringRun.objects.count() == 2


def test_rest_tells_a_run_to_who_asked_for_it_alone(answers: Cast) -> None:
    address = Caller(answers.marketer).get(PAGE, **QUERY, insight="yes")["Location"].partition("/api/v1")[2]
    assert Caller(answers.manager).get(address).status_code == 404
    assert Caller(answers.rep).get(address).status_code == 403


def test_rest_refuses_by_name_what_it_does_not_know(cast: Cast) -> None:
    for wrong in ({"version": "9"}, {"outcome": "rich"}, {"bar": "0"}, {"month": "6"}):
        answer = Caller(cast.marketer).get(PAGE, **wrong)
        assert (answer.status_code, pointers(answer)) == (400, [f"/{name}" for name in wrong])


def test_rest_is_for_the_same_people(cast: Cast) -> None:
    assert Caller(cast.rep, "reports:read").get(PAGE).status_code == 403
    assert Caller(cast.manager, "reports:read").get(PAGE).status_code == 200
