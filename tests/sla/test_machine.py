"""Handoffs against a small model: any deeds in any order, with time passing; the invariants hold after each.

`BATON_MACHINE_RUNS=2000 ./run test tests/sla/test_machine.py` walks further than CI does.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from crm import activities
from crm.states import Refused, UnableToMove
from leads import lifecycle
from leads.models import Stage
from project import invariants
from sla import agreements, data_tasks, escalation, handoffs
from sla.handoffs import Opportunity
from sla.models import ACTIVE, MOVES, Agreement, DataTask, Feedback, Handoff, Status
from tests.support import commits, machine
from tests.support.cast import Cast, gather

RUNS, STEPS = machine.times("BATON_MACHINE_RUNS", 40), 52
WALKERS = 4  # so that several processes can share the way
SALES = ("rep", "colleague", "manager", "stranger")
STAGE_WHILE = {Status.OPEN: Stage.MQL, Status.CONTACTED: Stage.MQL, Status.ACCEPTED: Stage.SAL}
people = st.sampled_from(SALES)
places = st.integers(0, 1000)


@dataclass
class Known:
    """What the model believes of a handoff."""

    pk: int
    status: str
    assignee: int | None
    terms: str
    is_answered: bool = False
    is_paused: bool = False
    pauses: int = 0


class Handoffs(RuleBasedStateMachine):
    """One walk, in a transaction that is rolled back at its end: each starts with an idle company."""

    cast: Cast
    start: datetime
    walked = 0

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[int, Known] = {}
        self.now = self.start
        self.held = ExitStack()
        self.held.enter_context(transaction.atomic())
        self.held.enter_context(commits.as_if_committed())

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.held.close()

    # -- who and which ------------------------------------------------------------------------------

    def chosen(self, place: int) -> tuple[Known, Handoff]:
        known = list(self.known.values())[place % len(self.known)]
        return known, Handoff.objects.get(pk=known.pk)

    def may_work(self, known: Known, who: str) -> bool:
        person = getattr(self.cast, who)
        own_team = {self.cast.rep.pk, self.cast.colleague.pk, self.cast.manager.pk}
        return known.assignee in (None, person.pk) or (who == "manager" and known.assignee in own_team)

    def expect(
        self, known: Known, who: str, to: Status, *, same_person_again: bool = False
    ) -> type[Exception] | None:
        if not self.may_work(known, who):
            return PermissionDenied
        if same_person_again or to in MOVES[Status(known.status)]:
            return None
        return UnableToMove

    def do(self, deed, refusal: type[Exception] | None) -> bool:
        type(self).walked += 1
        if refusal is None:
            deed()
            return True
        with pytest.raises(refusal):
            deed()
        return False

    def learn(self) -> None:
        """Handoffs that followed by themselves: an expired one goes to somebody else."""
        for row in Handoff.objects.filter(lead__handoffs__in=list(self.known)).exclude(
            pk__in=list(self.known)
        ):
            assert row.status == Status.OPEN
            self.known[row.pk] = Known(row.pk, row.status, row.assignee_id, row.terms_id)

    # -- deeds --------------------------------------------------------------------------------------

    @rule(who=people)
    def offer(self, who: str) -> None:
        type(self).walked += 1
        self.cast.at = self.now
        row = self.cast.handoff(to=getattr(self.cast, who))
        self.known[row.pk] = Known(row.pk, Status.OPEN, row.assignee_id, row.terms_id)

    @precondition(lambda self: self.known)
    @rule(
        place=places, who=people, outcome=st.sampled_from(["reached", "no_answer", "auto_reply", "bounced"])
    )
    def contact(self, place: int, who: str, outcome: str) -> None:
        known, row = self.chosen(place)
        refusal = None if known.status in ACTIVE else UnableToMove
        if not self.may_work(known, who):
            refusal = PermissionDenied
        by = getattr(self.cast, who)
        done = self.do(
            lambda: handoffs.contact(row, channel="call", outcome=outcome, by=by, at=self.now), refusal
        )
        if done and outcome in ("reached", "no_answer") and not known.is_answered:
            known.is_answered, known.is_paused = True, False
            known.status = Status.CONTACTED if known.status == Status.OPEN else known.status

    @precondition(lambda self: self.known)
    @rule(place=places, who=people)
    def accept(self, place: int, who: str) -> None:
        known, row = self.chosen(place)
        by = getattr(self.cast, who)
        again = known.status == Status.ACCEPTED and row.accepted_by_id == by.pk
        refusal = self.expect(known, who, Status.ACCEPTED, same_person_again=again)
        if self.do(lambda: handoffs.accept(row, by=by, at=self.now), refusal):
            known.status, known.assignee = Status.ACCEPTED, known.assignee or by.pk
            known.is_paused = known.is_paused and again

    @precondition(lambda self: self.known)
    @rule(place=places, who=people, reason=places)
    def reject(self, place: int, who: str, reason: int) -> None:
        known, row = self.chosen(place)
        by, codes = getattr(self.cast, who), sorted(row.rules)
        again = known.status == Status.REJECTED and row.decided_by_id == by.pk
        refusal = self.expect(known, who, Status.REJECTED, same_person_again=again)
        said = {"reason": codes[reason % len(codes)], "comment": "said so", "not_before": self.a_later_day()}
        if self.do(lambda: handoffs.reject(row, by=by, at=self.now, **said), refusal):
            known.status, known.assignee, known.is_paused = Status.REJECTED, known.assignee or by.pk, False

    def a_later_day(self) -> date:
        return (self.now + timedelta(days=40)).date()

    @precondition(lambda self: self.known)
    @rule(place=places, who=people)
    def convert(self, place: int, who: str) -> None:
        known, row = self.chosen(place)
        by = getattr(self.cast, who)
        again = known.status == Status.CONVERTED and row.decided_by_id == by.pk
        refusal = self.expect(known, who, Status.CONVERTED, same_person_again=again)
        if self.do(
            lambda: handoffs.convert(row, Opportunity("Deal", Decimal(1)), by=by, at=self.now), refusal
        ):
            known.status, known.is_paused = Status.CONVERTED, False

    @precondition(lambda self: self.known)
    @rule(place=places)
    def withdraw(self, place: int) -> None:
        known, row = self.chosen(place)
        again = known.status == Status.WITHDRAWN
        refusal = None if again or Status.WITHDRAWN in MOVES[Status(known.status)] else UnableToMove
        if self.do(lambda: handoffs.withdraw(row, by=self.cast.marketer, at=self.now), refusal):
            known.status, known.is_paused = Status.WITHDRAWN, False

    @precondition(lambda self: self.known)
    @rule(place=places, to=people, who=people)
    def reassign(self, place: int, to: str, who: str) -> None:
        known, row = self.chosen(place)
        refusal = None if known.status in ACTIVE else UnableToMove
        if who != "manager":
            refusal = PermissionDenied
        person, by = getattr(self.cast, to), getattr(self.cast, who)
        if self.do(lambda: handoffs.reassign(row, to=person, by=by, at=self.now), refusal):
            known.assignee = person.pk

    @precondition(lambda self: self.known)
    @rule(place=places, who=people)
    def claim(self, place: int, who: str) -> None:
        known, row = self.chosen(place)
        by = getattr(self.cast, who)
        is_free = known.assignee is None and known.status == Status.OPEN
        refusal = None if is_free or known.assignee == by.pk else UnableToMove
        if self.do(lambda: handoffs.claim(row, by=by, at=self.now), refusal):
            known.assignee = by.pk

    @precondition(lambda self: self.known)
    @rule(place=places, who=people)
    def pause(self, place: int, who: str) -> None:
        known, row = self.chosen(place)
        by = getattr(self.cast, who)
        refusal: type[Exception] | None = None if known.status in ACTIVE else UnableToMove
        used_up = who != "manager" and known.pauses >= row.terms.body["max_pauses"] and not known.is_paused
        if refusal is None and used_up:
            refusal = Refused
        if not self.may_work(known, who):
            refusal = PermissionDenied
        if self.do(lambda: handoffs.pause(row, reason="asked to call later", by=by, at=self.now), refusal):
            known.pauses += not known.is_paused
            known.is_paused = True

    @precondition(lambda self: self.known)
    @rule(place=places, who=people)
    def resume(self, place: int, who: str) -> None:
        known, row = self.chosen(place)
        by = getattr(self.cast, who)
        refusal = None if self.may_work(known, who) else PermissionDenied
        if self.do(lambda: handoffs.resume(row, by=by, at=self.now), refusal):
            known.is_paused = False

    @precondition(lambda self: self.known)
    @rule(place=places, who=people)
    def rebase(self, place: int, who: str) -> None:
        known, row = self.chosen(place)
        refusal = None if known.status in ACTIVE else UnableToMove
        if who != "manager" or not self.may_work(known, who):
            refusal = PermissionDenied
        by = getattr(self.cast, who)
        if self.do(lambda: handoffs.rebase(row, note="as agreed today", by=by, at=self.now), refusal):
            known.terms, known.is_paused = Handoff.objects.get(pk=row.pk).terms_id, False

    @precondition(lambda self: self.known)
    @rule(place=places)
    def the_answer_bounces(self, place: int) -> None:
        known, row = self.chosen(place)
        type(self).walked += 1
        if row.answered_with is None:
            return
        activities.bounced(row.answered_with, at=self.now)
        if known.status not in ACTIVE:
            return
        row.refresh_from_db()
        known.is_answered, known.is_paused = row.first_contact_at is not None, False
        if not known.is_answered and known.status == Status.CONTACTED:
            known.status = Status.OPEN

    @rule(place=places)
    def marketing_mends_the_data(self, place: int) -> None:
        type(self).walked += 1
        if tasks := list(DataTask.objects.open().order_by("pk")):
            data_tasks.finish(
                tasks[place % len(tasks)], result="completed", by=self.cast.marketer, at=self.now
            )
        self.learn()

    # -- what happens by itself ---------------------------------------------------------------------

    @rule(hours=st.integers(1, 90))
    def time_passes_and_the_sweep_looks(self, hours: int) -> None:
        type(self).walked += 1
        self.now += timedelta(hours=hours)
        escalation.sweep(at=self.now)
        for row in Handoff.objects.filter(pk__in=list(self.known)).prefetch_related("pauses"):
            known = self.known[row.pk]
            known.is_paused = any(held.ends_at is None for held in row.pauses.all())
            assert not known.is_paused or all(
                held.until > self.now for held in row.pauses.all() if not held.ends_at
            )
            is_left_alone = known.status == Status.OPEN and not known.is_answered and not known.is_paused
            if is_left_alone and row.expires_at <= self.now:
                known.status = Status.EXPIRED
        self.learn()

    @rule(days=st.integers(1, 60))
    def waits_end(self, days: int) -> None:
        type(self).walked += 1
        self.now += timedelta(days=days)
        lifecycle.release_due(at=self.now)
        self.time_passes_and_the_sweep_looks(1)

    @rule(hours=st.sampled_from([4, 24, 48]), days=st.sampled_from([0, 3]))
    def another_agreement_is_signed(self, hours: int, days: int) -> None:
        type(self).walked += 1
        current = Agreement.objects.current()
        assert current
        draft = agreements.draft_from(current, by=self.cast.marketer, at=self.now)
        Agreement.objects.filter(pk=draft.pk).update(response_hours=hours)
        agreements.propose(
            draft, by=self.cast.marketer, at=self.now, effective_from=self.now + timedelta(days=days)
        )
        agreements.sign(draft, by=self.cast.marketer, at=self.now)
        if not Agreement.objects.filter(status="signed").exists():
            agreements.sign(draft, by=self.cast.manager, at=self.now)

    @rule()
    def the_day_of_a_signed_agreement_comes(self) -> None:
        type(self).walked += 1
        agreements.begin_due(at=self.now)

    # -- what must hold -----------------------------------------------------------------------------

    @invariant()
    def the_rows_are_as_the_model_says(self) -> None:
        rows = Handoff.objects.select_related("lead").in_bulk(list(self.known))
        for known in self.known.values():
            row = rows[known.pk]
            assert (row.status, row.assignee_id) == (known.status, known.assignee)
            assert row.terms_id == known.terms
            assert row.pauses.filter(ends_at=None).exists() == known.is_paused
            if known.status in STAGE_WHILE:
                assert row.lead.stage == STAGE_WHILE[Status(known.status)]

    @invariant()
    def feedback_is_given_once_or_not_at_all(self) -> None:
        told = set(Feedback.objects.filter(handoff__in=list(self.known)).values_list("handoff", flat=True))
        answered = {
            known.pk for known in self.known.values() if known.status in (Status.ACCEPTED, Status.REJECTED)
        }
        assert answered <= told
        assert not told & {
            known.pk for known in self.known.values() if known.status in (Status.OPEN, Status.EXPIRED)
        }

    @invariant()
    def nothing_is_broken(self) -> None:
        assert invariants.broken(self.now) == []


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("walker", range(WALKERS))
def test_handoffs_follow_the_model_whatever_people_do(
    walker: int, at: datetime, record_property: Any
) -> None:
    walk = seed(walker)(type("Walk", (Handoffs,), {"cast": gather(at), "start": at}))
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        walk,
        settings=settings(
            max_examples=RUNS // WALKERS,
            stateful_step_count=STEPS,
            suppress_health_check=checks,
            deadline=None,
        ),
    )
    record_property("steps of the handoff's state machine, invariants after each", walk.walked)
    assert walk.walked >= RUNS // WALKERS * STEPS * 0.9
