"""What sales made of what it was offered, counted right whoever has swept."""

from __future__ import annotations

import statistics
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reports import attainment
from reports.figures import CLOCKS, Kept
from sla.models import Handoff
from tests.support.cast import Cast
from tests.support.story import Story

pytestmark = pytest.mark.django_db


def test_every_handoff_is_counted_once_in_each_way(story: Story, look: Any) -> None:
    total = attainment.totals(*look(story.cast.marketer))
    every = Handoff.objects.count()
    assert total.offered == every
    statuses = ("open", "contacted", "accepted", "converted", "rejected", "expired", "withdrawn")
    assert sum(total[status] for status in statuses) == every
    for clock in CLOCKS:
        kept = total.kept(clock)
        assert kept.in_time + kept.late + kept.running + kept.not_needed == every


def test_the_promises_of_a_rep(story: Story, look: Any) -> None:
    """The rep: won, late, refused, gap and its second offer, expired, withdrawn, working, fresh."""
    scope, lens = look(story.cast.rep)
    total = attainment.totals(scope, lens)
    assert {row.contact.last_name for row in scope.handoffs().select_related("contact")} == {
        "Zwon", "Zlate", "Zrefused", "Zgap", "Zexpired", "Zwithdrawn", "Zworking", "Zfresh",
    }  # fmt: skip
    assert total.response == Kept(in_time=3, late=3, running=1, not_needed=2)
    assert total.feedback.late == 1
    assert (total["said_accepted"], total["said_rejected"], total["converted"]) == (2, 3, 1)
    assert total.acceptance_rate == 2 / 5


def test_what_no_sweep_has_seen_is_late_all_the_same(story: Story, look: Any) -> None:
    row = Handoff.objects.get(pk=story.rows["unswept"].pk)
    assert row.responded_in_time is None
    assert attainment.totals(*look(story.cast.colleague)).response.late == 1


def test_hours_to_first_contact_are_the_median_and_p90_of_the_stored_ones(story: Story, look: Any) -> None:
    speed = attainment.totals(*look(story.cast.marketer)).speed
    known = list(Handoff.objects.exclude(response_hours=None).values_list("response_hours", flat=True))
    assert speed.measured == len(known) == 5
    assert speed.median == pytest.approx(statistics.median(known))
    assert speed.p90 == pytest.approx(statistics.quantiles(known, n=10, method="inclusive")[-1])


@pytest.mark.parametrize(
    ("who", "people"),
    [
        ("rep", {"Rep"}),
        ("colleague", {"Colleague"}),
        ("manager", {"Rep", "Colleague"}),
        ("stranger", {"Stranger"}),
        ("marketer", {"Rep", "Colleague", "Stranger", ""}),
        ("admin", {"Rep", "Colleague", "Stranger", ""}),
    ],
)
def test_everybody_measures_whom_they_may_see(story: Story, look: Any, who: str, people: set[str]) -> None:
    sold = attainment.sales(*look(getattr(story.cast, who)))
    assert {line.name for line in sold.people} == people


def test_lines_of_people_and_teams_sum_to_the_total(story: Story, look: Any) -> None:
    sold = attainment.sales(*look(story.cast.marketer))
    for lines in (sold.people, sold.teams):
        for name, count in sold.total.counts.items():
            assert sum(line.tally[name] for line in lines) == count, name


def test_pauses_and_changes_of_hands_are_counted(story: Story, look: Any) -> None:
    sold = attainment.sales(*look(story.cast.manager))
    assert (sold.total["paused"], sold.pauses) == (1, 1)
    assert (sold.total["reassigned"], sold.reassignments) == (1, 1)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"source": "webinar"}, {"Zwon", "Zlate"}),
        ({"source": "-"}, {"Zmoved", "Zunswept", "Zelsewhere", "Zfresh", "Zqueued"}),
        ({"assignee": "-"}, {"Zqueued"}),
        ({"from": "2026-06-02", "to": "2026-06-02"}, {"Zwithdrawn", "Zmoved", "Zworking", "Zgap"}),
        ({"segment": "enterprise"}, set()),
        ({"segment": "-", "source": "web"}, {"Zexpired", "Zwithdrawn", "Zworking"}),
    ],
)
def test_a_scope_narrows(story: Story, look: Any, query: dict[str, str], names: set[str]) -> None:
    scope, _lens = look(story.cast.admin, **query)
    assert {row.contact.last_name for row in scope.handoffs().select_related("contact")} == names


def test_the_trend_holds_what_was_offered_and_stops_today(story: Story, look: Any) -> None:
    scope, lens = look(story.cast.admin)
    points = attainment.trend(scope, lens)
    assert [point.tally.offered for point in points] == [
        Handoff.objects.filter(offered_at__gte=point.period.start, offered_at__lt=point.period.end).count()
        for point in points
    ]
    assert sum(point.tally.offered for point in points) == Handoff.objects.count()
    assert points[-1].period.start <= story.now


def test_hours_of_the_week_are_the_readers_own(story: Story, look: Any) -> None:
    """Offered on Monday at ten in Tokyo: in New York it was Sunday, nine in the evening."""
    admin = story.cast.admin
    assert (1, 10) in {(cell.weekday, cell.hour) for cell in attainment.heat(*look(admin))}
    admin.time_zone = "America/New_York"
    assert (7, 21) in {
        (cell.weekday, cell.hour) for cell in attainment.heat(*look(admin, **{"from": "2026-05-31"}))
    }


def test_the_period_before_is_counted_beside(story: Story, look: Any) -> None:
    scope, lens = look(story.cast.admin, **{"from": "2026-06-08", "to": "2026-06-14"})
    sold = attainment.sales(scope, lens)
    first_week = Handoff.objects.filter(offered_at__lt=scope.period.start).count()
    assert sold.before.offered == first_week > 0


def test_queries_do_not_grow_with_people_or_handoffs(cast: Cast, story: Story, look: Any) -> None:
    def asked() -> int:
        scope, lens = look(cast.admin)
        with CaptureQueriesContext(connection) as queries:
            attainment.sales(scope, lens)
            attainment.trend(scope, lens)
            attainment.heat(scope, lens)
        return len(queries)

    before = asked()
    cast.at += timedelta(hours=1)
    for person in (cast.rep, cast.colleague, cast.stranger, cast.manager):
        cast.handoff(to=person)
    assert asked() == before <= 15
