"""The review pack: both promises, the worst of it, and what is on record about each breach."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.models import Leave
from reports import balance, breaches, review
from reports.breaches import Breach
from sla import handoffs
from sla.causes import Cause
from tests.support.cast import Cast
from tests.support.story import Story

pytestmark = pytest.mark.django_db


def found(story: Story, look: Any, who: str = "marketer") -> dict[str, Breach]:
    scope, lens = look(getattr(story.cast, who))
    return {breach.handoff.contact.last_name: breach for breach in breaches.breaches(scope, lens)}


def kinds(breach: Breach) -> list[str]:
    return [cause.kind for cause in breach.causes]


def test_late_contacts_are_listed_the_longest_overdue_first(story: Story, look: Any) -> None:
    names = list(found(story, look))
    assert set(names) >= {"Zlate", "Zexpired", "Zunswept", "Zgap"}
    overdue = [breach.handoff.overdue for breach in breaches.breaches(*look(story.cast.marketer))]
    assert overdue == sorted(overdue, reverse=True)


def test_late_is_told_in_working_time(story: Story, look: Any) -> None:
    assert found(story, look)["Zlate"].late == timedelta(hours=1)
    assert found(story, look)["Zunswept"].done_at is None


def test_nothing_on_record_is_said(story: Story, look: Any) -> None:
    assert kinds(found(story, look)["Zexpired"]) == [Cause.UNTOUCHED]


def test_a_pause_and_its_reason_are_on_record(cast: Cast, story: Story, look: Any) -> None:
    handoffs.pause(story.rows["unswept"], reason="Waits for a quote", by=cast.colleague, at=story.now)
    [cause] = found(story, look)["Zunswept"].causes
    assert (cause.kind, cause.what, cause.at) == (Cause.PAUSED, "Waits for a quote", story.now)


def test_the_open_queue_leave_hands_and_attempts_are_on_record(cast: Cast, story: Story, look: Any) -> None:
    row = story.rows["unswept"]
    day = row.respond_by.date()
    Leave.objects.create(user=cast.colleague, starts_on=day, ends_on=day)
    handoffs.contact(row, channel="note", outcome="none", by=cast.colleague, at=row.offered_at)
    row.terms.body["response_counts"] = "reached"
    row.terms.save()
    at = row.offered_at + timedelta(hours=1)
    handoffs.contact(row, channel="call", outcome="no_answer", by=cast.colleague, at=at)
    handoffs.reassign(row, to=cast.manager, by=cast.manager, at=at)
    handoffs.reassign(row, to=cast.colleague, by=cast.manager, at=at)
    told = found(story, look)["Zunswept"]
    assert kinds(told) == [Cause.TRIED, Cause.AWAY, Cause.REASSIGNED, Cause.REASSIGNED]
    assert told.causes[0].what == "1"


def test_offered_at_night_is_on_record(cast: Cast, look: Any, story: Story) -> None:
    cast.at = cast.at.replace(hour=14)  # eleven in the evening in Tokyo
    row = cast.handoff(last_name="Night")
    handoffs.accept(row, by=cast.rep, at=cast.at)
    assert Cause.OFF_HOURS in kinds(found(story, look)["Night"])


def test_causes_ask_no_more_queries_for_more_breaches(cast: Cast, story: Story, look: Any) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            breaches.breaches(*look(cast.marketer))
        return len(queries)

    before = asked()
    for person in (cast.rep, cast.manager, cast.stranger):
        row = cast.handoff(to=person)
        handoffs.accept(row, by=person, at=cast.at)
    assert asked() == before


def test_a_rep_reviews_only_their_own(story: Story, look: Any) -> None:
    assert set(found(story, look, "colleague")) == {"Zunswept"}


def test_the_sheet_holds_both_sides_and_names_three_deviations(story: Story, look: Any) -> None:
    pack = review.pack(*look(story.cast.marketer))
    assert [promise.code for promise in pack.balance] == [
        "response", "answer", "feedback", "volume", "acceptance", "completeness",
    ]  # fmt: skip
    assert len(pack.worst) == 3
    shortfalls = [promise.shortfall for promise in pack.worst]
    assert shortfalls == sorted(shortfalls, reverse=True)
    assert all(promise.fell_short for promise in pack.worst)


def test_a_kept_promise_is_no_deviation() -> None:
    kept = balance.Promise("response", "sales", "x", "24 h", "100%", shortfall=0.0)
    unknown = balance.Promise("volume", "marketing", "x", "–", "3")
    assert balance.worst([kept, unknown]) == []
    assert (kept.state, unknown.state) == (balance.KEPT, balance.OPEN)


@pytest.mark.parametrize(
    ("kind", "on", "first", "last"),
    [
        ("week", None, "2026-05-25", "2026-05-31"),
        ("quarter", None, "2026-01-01", "2026-03-31"),
        ("week", date(2026, 6, 3), "2026-06-01", "2026-06-07"),
        ("quarter", date(2026, 6, 3), "2026-04-01", "2026-06-30"),
        ("nonsense", None, "2026-05-25", "2026-05-31"),
    ],
)
def test_the_last_week_or_quarter_that_is_over(
    cast: Cast, kind: str, on: date | None, first: str, last: str
) -> None:
    from reports.scopes import zone_of

    period = review.period_of(kind, on, at=cast.at, zone=zone_of(cast.marketer))
    assert (str(period.first), str(period.last)) == (first, last)
