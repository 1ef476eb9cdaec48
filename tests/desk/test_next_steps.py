"""The day a next step falls on, and a contact logged together with one."""

from datetime import UTC, date, datetime

import pytest
from django.utils import timezone

from crm.models import Activity, FollowUp
from crm.states import Refused
from desk import next_steps


@pytest.fixture(autouse=True)
def _in_tokyo():
    with timezone.override("Asia/Tokyo"):
        yield


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2026, 6, 1, 1, tzinfo=UTC), date(2026, 6, 2)),
        (datetime(2026, 6, 1, 16, tzinfo=UTC), date(2026, 6, 3)),  # after midnight in Tokyo
        (datetime(2026, 6, 5, 1, tzinfo=UTC), date(2026, 6, 8)),
        (datetime(2026, 6, 6, 1, tzinfo=UTC), date(2026, 6, 8)),
    ],
)
def test_the_next_weekday_where_the_person_is_is_suggested(at, day):
    assert next_steps.suggested_day(at) == day


def test_a_day_means_its_morning_and_today_means_now(at):
    assert next_steps.morning_of(date(2026, 6, 3), at) == datetime(2026, 6, 3, 0, tzinfo=UTC)
    assert next_steps.morning_of(date(2026, 6, 1), at) == at


def test_a_contact_and_its_next_step_are_kept_together(cast):
    row = cast.handoff()
    said = {"channel": "call", "outcome": "reached", "note": "", "next_step": "Send the price list"}
    next_steps.contact(row, **said, next_on=date(2026, 6, 4), by=cast.rep, at=cast.at)
    step = FollowUp.objects.get()
    assert (step.note, step.owner, step.due_at) == (
        "Send the price list",
        cast.rep,
        datetime(2026, 6, 4, 0, tzinfo=UTC),
    )
    row.refresh_from_db()
    assert row.first_contact_at == cast.at


def test_a_next_step_in_the_past_takes_the_contact_back(cast):
    row = cast.handoff()
    said = {"channel": "call", "outcome": "reached", "note": "", "next_step": "Call again"}
    with pytest.raises(Refused):
        next_steps.contact(row, **said, next_on=date(2026, 5, 1), by=cast.rep, at=cast.at)
    row.refresh_from_db()
    assert (row.first_contact_at, Activity.objects.count()) == (None, 0)


def test_without_words_there_is_no_next_step(cast):
    said = {"channel": "call", "outcome": "reached", "note": "", "next_step": ""}
    next_steps.contact(cast.handoff(), **said, next_on=date(2026, 6, 4), by=cast.rep, at=cast.at)
    assert not FollowUp.objects.exists()
