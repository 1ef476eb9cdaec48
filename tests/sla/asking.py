"""A company with some weeks behind it, and a draft to ask about."""

from __future__ import annotations

from datetime import datetime, timedelta

from leads.events import recording
from leads.events.recording import Behaviour
from leads.models import Lead
from sla import agreements, handoffs, simulate
from sla.models import Agreement, Handoff, SimulationRun
from sla.replay.contracts import Changes
from tests.support.cast import Cast

WEEK = timedelta(weeks=1)


def behave(lead: Lead, at: datetime, kinds: str) -> None:
    """`kinds` are words; all of it happens, and is heard of, at once."""
    batch = [
        Behaviour(
            source="site",
            external_id=f"{lead.pk}-{at.isoformat()}-{number}",
            kind=kind,
            occurred_at=at,
            lead=lead.pk,
        )
        for number, kind in enumerate(kinds.split())
    ]
    recording.record(batch, by=None, at=at)


def live(cast: Cast) -> list[Lead]:
    """Eight weeks: each week one lead over the bar of 80 is handed over and answered, and one comes close with 50."""
    found = []
    for week in range(8):
        at = cast.at + week * WEEK + timedelta(minutes=week)
        hot, warm = cast.lead(), cast.lead()
        behave(hot, at, "inquiry " * 9)
        behave(warm, at + timedelta(hours=1), "inquiry " * 5)
        row = Handoff.objects.get(lead=hot)
        assert row.assignee
        handoffs.contact(
            row, channel="call", outcome="reached", by=row.assignee, at=at + timedelta(hours=3 + week)
        )
        if week % 2:
            handoffs.accept(row, by=row.assignee, at=at + timedelta(hours=20))
        else:
            handoffs.reject(row, reason="no-budget", by=row.assignee, at=at + timedelta(hours=20))
        found += [hot, warm]
    return found


def draft(cast: Cast) -> Agreement:
    current = Agreement.objects.current()
    assert current
    return agreements.draft_from(current, by=cast.marketer, at=cast.at)


def played(cast: Cast, agreement: Agreement, changes: Changes, *, weeks: int = 13) -> SimulationRun:
    """Asked by the marketer ten weeks after the cast gathered, and played."""
    at = cast.at + 10 * WEEK
    simulate.ask(agreement, changes, weeks=weeks, by=cast.marketer, at=at)
    run = simulate.perform_next(at=at)
    assert run
    assert run.error == ""
    return run
