"""Eight threads on one handoff: exactly one transition wins, and without the lock the test sees the damage.

`BATON_RACE_ROUNDS=200` repeats each race that often.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db.models import Count

from crm.models import LedgerEntry, OutboxMessage, User
from leads.models import Lead
from project import invariants
from sla import agreements, escalation, handoffs, ladder, seating
from sla.handoffs import door
from sla.models import Agreement, Escalation, Handoff, Signature
from tests.support import machine
from tests.support.cast import Cast, gather
from tests.support.threads import at_once, pause

THREADS = 8
ROUNDS = machine.times("BATON_RACE_ROUNDS", 6)
CONTROLS = 3
pytestmark = pytest.mark.django_db(transaction=True)

Race = Callable[[Cast, Handoff], int]


def _facts(row: Handoff, kind: str) -> int:
    return LedgerEntry.objects.filter(
        subject_type="handoff", subject_id=row.pk, kind=f"handoff.{kind}"
    ).count()


def _queue(row: Handoff) -> None:
    Handoff.objects.filter(pk=row.pk).update(assignee=None)
    row.refresh_from_db()


def _sellers(cast: Cast) -> list[Any]:
    return [cast.rep, cast.colleague, cast.stranger, cast.manager] * 2


# Each race has eight threads do one deed to one handoff, and counts the facts it left: one is right.


def _accept(cast: Cast, row: Handoff) -> int:
    _queue(row)
    at_once(*(lambda who=who: handoffs.accept(row, by=who, at=cast.at) for who in _sellers(cast)))
    return _facts(row, "accepted")


def _claim(cast: Cast, row: Handoff) -> int:
    _queue(row)
    at_once(*(lambda who=who: handoffs.claim(row, by=who, at=cast.at) for who in _sellers(cast)))
    return _facts(row, "claimed")


def _contact(cast: Cast, row: Handoff) -> int:
    deed = {"channel": "call", "outcome": "reached", "at": cast.at}
    at_once(*(lambda who=who: handoffs.contact(row, by=who, **deed) for who in [cast.rep, cast.manager] * 4))
    return _facts(row, "contacted")


def _reject(cast: Cast, row: Handoff) -> int:
    reasons = ["no-budget", "no-need", "bad-timing", "not-fit-role"] * 2
    at_once(
        *(
            lambda who=who, reason=reason: handoffs.reject(row, reason=reason, by=who, at=cast.at)
            for who, reason in zip([cast.rep, cast.manager] * 4, reasons, strict=True)
        )
    )
    return _facts(row, "rejected")


def _reassign(cast: Cast, row: Handoff) -> int:
    """Everybody may win here, one after the other: one when each took it from the one before, else none."""
    people = [cast.colleague, cast.stranger, cast.rep, cast.manager] * 2
    at_once(*(lambda to=to: handoffs.reassign(row, to=to, by=cast.manager, at=cast.at) for to in people))
    owner = cast.rep.pk
    passes = LedgerEntry.objects.filter(kind="handoff.reassigned", subject_id=row.pk).order_by("pk")
    for entry in passes:
        if entry.data["from"] != owner:
            return 0
        owner = entry.data["assignee"]
    row.refresh_from_db()
    return int(row.assignee_id == owner == Lead.objects.get(pk=row.lead_id).owner_id)


def _sweep(cast: Cast, row: Handoff) -> int:
    at_once(*[lambda: escalation.sweep(at=row.expires_at)] * THREADS)
    return _facts(row, "expired")


def _pause(cast: Cast, row: Handoff) -> int:
    by_all = [cast.rep, cast.manager] * 4
    at_once(*(lambda who=who: handoffs.pause(row, reason="later", by=who, at=cast.at) for who in by_all))
    return _facts(row, "paused")


def _withdraw(cast: Cast, row: Handoff) -> int:
    at_once(
        *(
            lambda who=who: handoffs.withdraw(row, by=who, at=cast.at)
            for who in [cast.marketer, cast.manager] * 4
        )
    )
    return _facts(row, "withdrawn")


RACES = [_accept, _claim, _contact, _reject, _reassign, _pause, _sweep, _withdraw]


@pytest.mark.parametrize("race", RACES)
def test_of_eight_at_once_one_wins(at: datetime, race: Race, record_property: Any) -> None:
    cast = gather(at)
    counts = [race(cast, cast.handoff()) for _ in range(ROUNDS)]
    record_property("rounds of eight threads at one handoff, one winner in each", len(counts))
    assert counts == [1] * ROUNDS
    assert invariants.broken(at) == []


# A second pause at once is stopped by its constraint as well, so that taking the lock off shows no damage.
@pytest.mark.parametrize("race", [race for race in RACES if race is not _pause])
def test_without_the_lock_the_damage_is_seen(
    at: datetime, race: Race, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: read, check and save with nothing held lets several win."""
    cast = gather(at)
    rows = [cast.handoff() for _ in range(CONTROLS)]
    _take_the_locks_off(monkeypatch)
    assert [race(cast, row) for row in rows] != [1] * CONTROLS


def _take_the_locks_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """The handoff is read without a lock, and there is time to think before it is written."""
    unlocked = Handoff.objects.select_related("contact", "lead", "assignee", "terms")

    def read_slowly(pk: int) -> Handoff:
        row = unlocked.get(pk=pk)
        pause()
        return row

    expire = handoffs.expire

    def expire_slowly(rows: Any, *, at: datetime) -> Any:
        pause()
        return expire(rows, at=at)

    monkeypatch.setattr(door, "lock", read_slowly)
    monkeypatch.setattr(handoffs, "expire", expire_slowly)
    monkeypatch.setattr(type(Handoff.objects.all()), "select_for_update", lambda self, **_how: self)


def test_every_deed_at_once_leaves_one_story(at: datetime) -> None:
    cast = gather(at)
    for _ in range(ROUNDS):
        row = cast.handoff()
        at_once(
            lambda row=row: handoffs.accept(row, by=cast.rep, at=at),
            lambda row=row: handoffs.accept(row, by=cast.manager, at=at),
            lambda row=row: handoffs.reject(row, reason="no-budget", by=cast.rep, at=at),
            lambda row=row: handoffs.reject(row, reason="no-need", by=cast.manager, at=at),
            lambda row=row: handoffs.contact(row, channel="call", outcome="reached", by=cast.rep, at=at),
            lambda row=row: handoffs.withdraw(row, by=cast.marketer, at=at),
            lambda row=row: handoffs.reassign(row, to=cast.colleague, by=cast.manager, at=at),
            lambda row=row: escalation.sweep(at=row.expires_at),
        )
        ends = [_facts(row, end) for end in ("rejected", "expired", "withdrawn")]
        assert sum(ends) <= 1
    assert invariants.broken(at) == []


def test_of_many_who_hand_over_one_lead_one_wins(at: datetime) -> None:
    cast = gather(at)
    for _ in range(ROUNDS):
        lead = cast.lead()
        Lead.objects.filter(pk=lead.pk).update(stage="mql", qualified_at=at)
        at_once(*(lambda lead=lead: handoffs.offer([lead.pk], by=None, at=at) for _ in range(THREADS)))
        assert Handoff.objects.running().filter(lead=lead).count() == 1


# -- two beats, four workers --------------------------------------------------------------------------------


def _everything_due(cast: Cast) -> datetime:
    """Twelve handoffs in three states, and a moment half an hour after the last of them fell due."""
    rows = [cast.handoff() for _ in range(12)]
    for row in rows[:4]:
        handoffs.contact(row, channel="call", outcome="reached", by=cast.rep, at=cast.at)
    for row in rows[4:8]:
        handoffs.accept(row, by=cast.rep, at=cast.at)
    return max(row.feedback_by for row in rows) + 30 * (rows[0].respond_by - rows[0].offered_at) / 24 / 60


def test_eight_sweeps_at_once_tell_everything_once_and_with_its_true_time(at: datetime) -> None:
    cast = gather(at)
    now = _everything_due(cast)
    at_once(*[lambda: escalation.sweep(at=now, batch=3)] * THREADS)
    first = Handoff.objects.order_by("pk")[:12]
    clocks = (
        4 * [{"acceptance", "feedback"}] + 4 * [{"response", "feedback"}] + 4 * [{"response", "acceptance"}]
    )
    expected = {
        (row.pk, level, due)
        for row, running in zip(first, clocks, strict=True)
        for level, due in row.rungs
        if ladder.clock_of(level) in running and due <= now
    }
    raised = Escalation.objects.values_list("handoff", "level", "due_at")
    assert set(raised) == expected
    told = LedgerEntry.objects.filter(kind__in=["handoff.warning", "handoff.breach", "handoff.escalated"])
    assert told.count() == len(raised) == len(expected)
    assert LedgerEntry.objects.filter(kind="handoff.expired").count() == 4
    assert invariants.broken(now) == []


def test_a_second_beat_and_a_later_one_add_nothing(at: datetime) -> None:
    cast = gather(at)
    now = _everything_due(cast)
    escalation.sweep(at=now)
    before = LedgerEntry.objects.count(), OutboxMessage.objects.count()
    at_once(*[lambda: escalation.sweep(at=now)] * 4, *[lambda: handoffs.offer_forgotten(at=now)] * 4)
    assert (LedgerEntry.objects.count(), OutboxMessage.objects.count()) == before


# -- capacity, and an agreement that changes meanwhile ---------------------------------------------------------


def _fill_seats(cast: Cast) -> list[int]:
    """Twelve leads and eight offers at once, for people who can take two each."""
    User.objects.filter(role="rep").update(capacity=2)
    leads = [cast.lead().pk for _ in range(12)]
    Lead.objects.filter(pk__in=leads).update(stage="mql", qualified_at=cast.at)
    parts = [leads[number::THREADS] for number in range(THREADS)]
    at_once(*(lambda part=part: handoffs.offer(part, by=None, at=cast.at) for part in parts))
    running = Handoff.objects.running().exclude(assignee=None).values_list("assignee").annotate(n=Count("pk"))
    return sorted(count for _person, count in running.order_by())


def test_eight_offers_at_once_fill_nobody_beyond_their_capacity(at: datetime) -> None:
    assert _fill_seats(gather(at)) == [2, 2, 2]
    assert Handoff.objects.queued().count() == 6


def test_without_the_routing_lock_somebody_gets_too_many(
    at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: everybody looks at the seats before anybody sits down."""
    cast = gather(at)
    seats = seating.seats

    def look_slowly(moment: datetime, people: Any = None) -> Any:
        found = seats(moment, people)
        pause()
        return found

    monkeypatch.setattr(seating, "seats", look_slowly)
    monkeypatch.setattr(seating, "choose", seating.preview)
    assert max(_fill_seats(cast)) > 2


def test_an_agreement_that_takes_force_during_sweeps_moves_nothing_that_runs(at: datetime) -> None:
    cast = gather(at)
    rows = [cast.handoff() for _ in range(8)]
    due = {row.pk: (row.terms_id, row.respond_by, row.feedback_by) for row in rows}
    draft = agreements.draft_from(Agreement.objects.current(), by=cast.marketer, at=at)
    Agreement.objects.filter(pk=draft.pk).update(response_hours=1, expire_hours=2)
    sweeps = [lambda: escalation.sweep(at=rows[0].warn_at, batch=2)] * (THREADS - 1)
    at_once(lambda: cast.agree(draft), *sweeps)
    now = Handoff.objects.filter(pk__in=due).values_list("pk", "terms", "respond_by", "feedback_by")
    assert {pk: tuple(rest) for pk, *rest in now} == due
    assert Agreement.objects.current().pk == draft.pk
    assert Escalation.objects.count() == 2 * len(rows)
    assert invariants.broken(rows[0].warn_at) == []


def _sign(cast: Cast, draft: Agreement) -> int:
    agreements.propose(draft, by=cast.marketer, at=cast.at)
    at_once(
        *(
            lambda who=who: agreements.sign(draft, by=who, at=cast.at)
            for who in [cast.marketer, cast.manager] * 4
        )
    )
    return Signature.objects.filter(agreement=draft).count()


def test_signed_by_both_at_once_it_takes_force_once(at: datetime) -> None:
    cast = gather(at)
    for _ in range(ROUNDS):
        draft = agreements.draft_from(Agreement.objects.current(), by=cast.marketer, at=at)
        assert _sign(cast, draft) == 2
        begun = LedgerEntry.objects.filter(kind="agreement.in_force", subject_id=draft.pk)
        assert begun.count() == Agreement.objects.in_force().count() == 1
