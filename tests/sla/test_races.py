"""Eight threads on one handoff: exactly one transition wins, and without the lock the test sees the damage."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, connections

from crm.models import LedgerEntry
from crm.states import UnableToMove
from leads import lifecycle
from leads.models import Lead
from project import invariants
from sla import escalation, handoffs
from sla.handoffs import door
from sla.models import Handoff
from tests.support.cast import gather

THREADS = 8
ROUNDS = 10
pytestmark = pytest.mark.django_db(transaction=True)


def _at_once(*deeds):
    """Run deeds together, one thread each; returns how many were not refused."""
    start = Barrier(len(deeds))

    def run(deed):
        try:
            start.wait(timeout=20)
            deed()
            return True
        except (UnableToMove, PermissionDenied):
            return False
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return sum(pool.map(run, deeds))


def _transitions(row, *states):
    return LedgerEntry.objects.filter(subject_type="handoff", subject_id=row.pk, to_state__in=states).count()


def test_of_many_who_accept_from_the_queue_one_wins(at):
    cast = gather(at)
    people = [cast.rep, cast.colleague, cast.stranger, cast.manager] * 2
    for _ in range(ROUNDS):
        row = cast.handoff()
        Handoff.objects.filter(pk=row.pk).update(assignee=None)
        row.refresh_from_db()
        _at_once(*(lambda who=who, row=row: handoffs.accept(row, by=who, at=at) for who in people))
        assert _transitions(row, "accepted") == 1
    assert invariants.broken(at) == []


def test_accept_reject_contact_reassign_and_sweep_at_once_leave_one_story(at):
    cast = gather(at)
    for _ in range(ROUNDS):
        row = cast.handoff()
        _at_once(
            lambda row=row: handoffs.accept(row, by=cast.rep, at=at),
            lambda row=row: handoffs.accept(row, by=cast.manager, at=at),
            lambda row=row: handoffs.reject(row, reason="no-budget", by=cast.rep, at=at),
            lambda row=row: handoffs.reject(row, reason="no-need", by=cast.manager, at=at),
            lambda row=row: handoffs.contact(row, channel="call", outcome="reached", by=cast.rep, at=at),
            lambda row=row: handoffs.contact(
                row, channel="email", outcome="no_answer", by=cast.manager, at=at
            ),
            lambda row=row: handoffs.reassign(row, to=cast.colleague, by=cast.manager, at=at),
            lambda row=row: escalation.sweep(at=row.expires_at),
        )
        assert _transitions(row, "rejected", "expired") <= 1
    assert invariants.broken(at) == []


def test_two_sweeps_at_once_tell_once(at):
    cast = gather(at)
    rows = [cast.handoff() for _ in range(10)]
    _at_once(*(lambda: escalation.sweep(at=rows[0].warn_at, batch=3) for _ in range(THREADS)))
    assert LedgerEntry.objects.filter(kind="handoff.warning").count() == 10


def test_of_many_who_hand_over_one_lead_one_wins(at):
    cast = gather(at)
    lead = cast.lead()
    Lead.objects.filter(pk=lead.pk).update(stage="mql", qualified_at=at)
    _at_once(*(lambda: handoffs.offer([lead.pk], by=None, at=at) for _ in range(THREADS)))
    assert Handoff.objects.running().filter(lead=lead).count() == 1


def test_without_the_lock_the_damage_is_seen(at, monkeypatch):
    """The negative control: read, check and save with nothing held lets several win."""
    cast = gather(at)
    unlocked = Handoff.objects.select_related("contact", "lead", "assignee", "terms")

    def read_slowly(pk):
        row = unlocked.get(pk=pk)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.05)")
        return row

    monkeypatch.setattr(door, "lock", read_slowly)
    monkeypatch.setattr(lifecycle, "accept", lambda *_args, **_named: [])
    damaged = 0
    for _ in range(3):
        row = cast.handoff()
        Handoff.objects.filter(pk=row.pk).update(assignee=None)
        row.refresh_from_db()
        people = [cast.rep, cast.colleague, cast.stranger, cast.manager] * 2
        _at_once(*(lambda who=who, row=row: handoffs.accept(row, by=who, at=at) for who in people))
        damaged += _transitions(row, "accepted") > 1
    assert damaged
