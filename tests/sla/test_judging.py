"""The verdicts in SQL: the same as the pure ones, on any facts, whoever has swept or not."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deals import pipeline
from sla import escalation, handoffs, judging, ladder, verdicts
from sla.handoffs import door
from sla.judging import IN_TIME, LATE, NOT_NEEDED, RUNNING, STANDINGS
from sla.models import ACTIVE, Handoff, Status
from tests.support.cast import Cast

pytestmark = pytest.mark.django_db
hours = st.integers(0, 120)
CLOCKS = (ladder.RESPONSE, ladder.ACCEPTANCE, ladder.FEEDBACK)


def standings(row: Handoff, at: datetime) -> dict[str, str]:
    postponed = judging.postponed(at)
    asked = {f"by_{name}": judging.standing(name, at=at, postponed=postponed) for name in CLOCKS}
    [found] = Handoff.objects.filter(pk=row.pk).annotate(**asked).values_list(*asked)
    return {name: STANDINGS[place] for name, place in zip(CLOCKS, found, strict=True)}


def by_the_pure_rules(row: Handoff, at: datetime) -> dict[str, str]:
    told = {
        ladder.RESPONSE: verdicts.responded_in_time(
            first_contact_at=row.first_contact_at, respond_by=row.respond_by, decided_at=row.decided_at, at=at
        ),
        ladder.ACCEPTANCE: verdicts.accepted_in_time(
            answered_at=door.answered_at(row), accept_by=row.accept_by, decided_at=row.decided_at, at=at
        ),
        ladder.FEEDBACK: verdicts.feedback_in_time(
            decided_at=row.decided_at, feedback_by=row.feedback_by, at=at
        ),
    }
    open_ended = RUNNING if row.decided_at is None else NOT_NEEDED
    found = {name: {True: IN_TIME, False: LATE, None: open_ended}[verdict] for name, verdict in told.items()}
    if row.status in (Status.EXPIRED, Status.WITHDRAWN) and found[ladder.FEEDBACK] == IN_TIME:
        found[ladder.FEEDBACK] = NOT_NEEDED  # sales owes no word on what was taken back
    return found


@st.composite
def facts(draw: Any) -> dict[str, Any]:
    """A status and the hours after the offer at which things happened and were due, as the constraints allow."""
    status = draw(st.sampled_from(Status.values))
    is_over = status not in ACTIVE
    needs_contact, needs_acceptance = status == "contacted", status in ("accepted", "converted")
    return {
        "status": status,
        "first_contact_at": draw(hours if needs_contact else st.none() | hours),
        "accepted_at": draw(hours if needs_acceptance else st.none() | hours if is_over else st.none()),
        "decided_at": draw(hours) if is_over else None,
        **{name: draw(hours) for name in ("respond_by", "accept_by", "feedback_by")},
    }


@pytest.fixture
def handed_over(cast: Cast) -> Handoff:
    """A handoff that has a deal, so that it may be of any status."""
    row = cast.handoff()
    opening = pipeline.Opening("Deal", cast.rep, lead=row.lead, amount=Decimal(1))
    [row.deal] = pipeline.open_deals([opening], by=cast.rep, at=cast.at)
    row.save()
    return row


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(known=facts(), asked=hours, stale=st.none() | st.booleans())
def test_sql_and_the_pure_rules_agree_on_any_facts(handed_over, known, asked, stale):
    row, offered = handed_over, handed_over.offered_at
    for name, value in known.items():
        setattr(row, name, offered + timedelta(hours=value) if isinstance(value, int) else value)
    row.responded_in_time = row.accepted_in_time = row.feedback_in_time = stale  # what some sweep left behind
    if row.decided_at:
        door.judge(row, row.decided_at)
    row.save()
    at = max(offered + timedelta(hours=asked), row.decided_at or offered)
    assert standings(row, at) == by_the_pure_rules(row, at)


def test_an_overdue_handoff_is_late_before_any_sweep(cast: Cast) -> None:
    row = cast.handoff()
    assert standings(row, row.respond_by)[ladder.RESPONSE] == RUNNING
    assert standings(row, row.respond_by + timedelta(microseconds=1))[ladder.RESPONSE] == LATE


def test_while_a_pause_holds_the_clock_nothing_is_late(cast: Cast) -> None:
    row = cast.handoff()
    handoffs.pause(row, reason="Asked to be called in July", by=cast.rep, at=cast.at + timedelta(hours=1))
    assert set(standings(row, row.feedback_by + timedelta(days=1)).values()) == {RUNNING}


def test_what_was_late_before_the_pause_stays_late(cast: Cast) -> None:
    row = cast.handoff()
    handoffs.pause(row, reason="Too late", by=cast.rep, at=row.respond_by + timedelta(hours=1))
    later = row.respond_by + timedelta(hours=2)
    assert standings(row, later)[ladder.RESPONSE] == LATE
    assert standings(row, later)[ladder.FEEDBACK] == RUNNING


@pytest.mark.parametrize("days", [11, 12, 13, 16, 21, 40])
def test_a_pause_nobody_has_ended_is_judged_as_the_sweep_will(cast: Cast, days: int) -> None:
    row = cast.handoff()
    handoffs.contact(row, channel="note", outcome="none", by=cast.rep, at=cast.at)
    handoffs.pause(row, reason="Holidays", by=cast.rep, at=cast.at + timedelta(hours=1))
    at = cast.at + timedelta(days=days)
    before = standings(row, at)
    escalation.sweep(at=at)
    row.refresh_from_db()
    assert before[ladder.RESPONSE] == by_the_pure_rules(row, at)[ladder.RESPONSE]


def test_history_that_was_brought_in_is_judged_by_nobody(cast: Cast) -> None:
    row = cast.handoff()
    opening = pipeline.Opening("Deal", cast.rep, lead=row.lead, amount=Decimal(1))
    [row.deal] = pipeline.open_deals([opening], by=cast.rep, at=cast.at)
    door.remember(row, accepted_at=row.feedback_by + timedelta(days=90))
    row.save()
    assert set(standings(row, row.feedback_by + timedelta(days=100)).values()) == {NOT_NEEDED}
