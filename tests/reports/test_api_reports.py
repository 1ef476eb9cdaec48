"""The reports by REST: the numbers of the pages, the scope of the token, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator

from leads.models import Findings
from leads.quality import walking
from reports import attainment, quality
from sla.models import Handoff
from tests.support.calling import Caller, pointers
from tests.support.story import Story

pytestmark = pytest.mark.django_db
JUNE = {"from": "2026-06-01", "to": "2026-06-30"}
REPORTS = ("/reports/sla/", "/reports/funnel/", "/reports/feedback/", "/reports/quality/")


def test_the_figures_are_those_of_the_page(story: Story, look: Any) -> None:
    told = Caller(story.cast.marketer).get("/reports/sla/", **JUNE).json()
    total = attainment.totals(*look(story.cast.marketer))
    assert told["period"] == {"from": "2026-06-01", "to": "2026-06-30", "time_zone": "Asia/Tokyo"}
    sales = told["sales"]["total"]
    assert sales["offered"] == total.offered == Handoff.objects.count()
    assert sales["response"]["late"] == total.response.late
    assert sales["response"]["rate"] == total.response.rate
    assert sales["hours_to_first_contact"]["median"] == total.speed.median
    assert sum(point["offered"] for point in told["trend"]) == total.offered
    assert told["marketing"]["acceptance"]["promised"] == 0.6
    assert {one["reason"] for one in told["rejections"]} == {"no-budget", "competitor", "insufficient-data"}
    assert told["found_out"][0]["values"][0] == {"value": "approved", "count": 1}


def test_the_funnel(story: Story) -> None:
    told = Caller(story.cast.marketer).get("/reports/funnel/", **JUNE).json()
    assert [(step["step"], step["count"]) for step in told["steps"]] == [
        ("lead", 12), ("mql", 12), ("deal", 1), ("won", 0),
    ]  # fmt: skip
    assert told["steps"][1]["usual_drop_off"] == [0.4, 0.6]
    assert told["steps"][0]["lost"] is None


def test_what_sales_said(story: Story) -> None:
    told = Caller(story.cast.marketer).get("/reports/feedback/", **JUNE, source="fair").json()
    assert (told["accepted"], told["rejected"], told["unreviewed"]) == (0, 2, 2)
    assert told["filters"] == {"source": "fair"}


def test_how_good_the_data_is(story: Story) -> None:
    assert Caller(story.cast.marketer).get("/reports/quality/").json()["as_of"] is None
    walking.complete(at=story.now)
    told = Caller(story.cast.marketer).get("/reports/quality/", **JUNE, months="6").json()
    page = quality.read(JUNE, user=story.cast.marketer, at=story.now).count()
    assert told["total"]["rules"] == page.whole.rules
    assert (told["total"]["leads"], told["total"]["sound"]) == (page.whole.total, page.whole.sound)
    assert {one["source"]: one["kinds"] for one in told["sources"]} == {
        one.key: one.groups for one in page.by_source
    }
    assert [one["month"] for one in told["months"]] == ["2026-06-01"]
    assert told["weeks"][-1]["leads"] == Findings.objects.count()
    assert told["as_of"] == told["all_looked_at_since"] is not None


def test_after_how_many_months_is_chosen_from_three(story: Story) -> None:
    assert Caller(story.cast.marketer).get("/reports/quality/", months="7").status_code == 400


@pytest.mark.parametrize("report", REPORTS)
def test_who_may_read_it(story: Story, report: str) -> None:
    assert Caller(None).get(report).status_code == 401
    assert Caller(story.cast.rep, "handoffs:read").get(report).status_code == 403
    assert Caller(story.cast.rep, "reports:read").get(report, **JUNE).status_code == 200


def test_a_rep_reads_their_own_figures(story: Story) -> None:
    told = Caller(story.cast.stranger).get("/reports/sla/", **JUNE).json()
    assert told["sales"]["total"]["offered"] == 1
    assert [line["name"] for line in told["sales"]["people"]] == ["Stranger"]


@pytest.mark.parametrize("report", REPORTS)
@pytest.mark.parametrize(
    "wrong",
    [{"month": "6"}, {"from": "June"}, {"to": "2026-13-01"}, {"team": "Tokyo"}, {"assignee": "x"}, {"source": "\0"},
     {"from": "2026-06-02", "to": "2026-06-01"}, {"period": "ever"}],
)  # fmt: skip
def test_an_unknown_filter_or_value_is_refused_by_name(
    story: Story, report: str, wrong: dict[str, str]
) -> None:
    answer = Caller(story.cast.marketer).get(report, **wrong)
    assert answer.status_code == 400
    assert set(pointers(answer)) <= {f"/{name}" for name in wrong}


@pytest.mark.parametrize(
    ("query", "offered"),
    [
        ({"source": "webinar"}, 2),
        ({"assignee": "-"}, 1),
        ({"segment": "enterprise"}, 0),
        ({"from": "2026-06-09"}, 2),
    ],
)
def test_filters_narrow(story: Story, query: dict[str, str], offered: int) -> None:
    told = Caller(story.cast.admin).get("/reports/sla/", **JUNE | query).json()
    assert told["sales"]["total"]["offered"] == offered


def test_days_are_the_callers_even_with_a_token(story: Story) -> None:
    """Offered at ten on the first of June in Tokyo: in New York it is still the thirty-first of May."""
    story.cast.admin.time_zone = "America/New_York"
    story.cast.admin.save()
    told = Caller(story.cast.admin).get("/reports/sla/", **{"from": "2026-05-31", "to": "2026-05-31"}).json()
    assert told["sales"]["total"]["offered"] == 5
    assert told["period"]["time_zone"] == "America/New_York"


def test_nothing_counted_is_null_and_no_error(cast: Any) -> None:
    told = Caller(cast.marketer).get("/reports/sla/", **JUNE).json()
    assert told["sales"]["total"]["response"]["rate"] is None
    assert told["heat"] == []


def test_the_description_names_parameters_and_answers() -> None:
    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]  # type: ignore[no-untyped-call]
    answers = ("SlaAnswer", "FunnelAnswer", "FeedbackAnswer", "QualityAnswer")
    for report, answer in zip(REPORTS, answers, strict=True):
        told = paths[f"/api/v1{report}"]["get"]
        assert {"from", "to", "segment", "team", "assignee", "source"} <= {
            one["name"] for one in told["parameters"]
        }
        assert told["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].endswith(
            f"/{answer}"
        )
