"""Handoffs against a small model: any deeds in any order, with time passing; the invariants hold after each.

`BATON_MACHINE_RUNS=2000 ./run test tests/sla/test_machine.py` walks further than CI does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from crm.states import UnableToMove
from leads import lifecycle
from leads.models import Lead, Stage
from project import invariants
from sla import agreements, escalation, handoffs
from sla.handoffs import Opportunity
from sla.models import ACTIVE, MOVES, Agreement, Feedback, Handoff, Status
from tests.support import machine
from tests.support.cast import Cast, gather

RUNS, STEPS = machine.times("BATON_MACHINE_RUNS", 60), 50
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
    frozen: tuple[object, ...]
    is_answered: bool = False


def frozen(row: Handoff) -> tuple[object, ...]:
    """What nobody may move once it was offered."""
    return row.terms_id, row.offered_at, row.respond_by, row.expires_at, row.feedback_by


class Handoffs(RuleBasedStateMachine):
    cast: Cast
    now: datetime  # runs on from one walk to the next, as in a company
    walked = 0

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[int, Known] = {}

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
            self.known[row.pk] = Known(row.pk, row.status, row.assignee_id, frozen(row))

    # -- deeds --------------------------------------------------------------------------------------

    @rule(who=people)
    def offer(self, who: str) -> None:
        type(self).walked += 1
        self.cast.at = self.now
        row = self.cast.handoff(to=getattr(self.cast, who))
        self.known[row.pk] = Known(row.pk, Status.OPEN, row.assignee_id, frozen(row))

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
        if done and outcome == "reached":
            known.is_answered = True
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

    @precondition(lambda self: self.known)
    @rule(place=places, who=people, reason=places)
    def reject(self, place: int, who: str, reason: int) -> None:
        known, row = self.chosen(place)
        by, codes = getattr(self.cast, who), sorted(row.rules)
        again = known.status == Status.REJECTED and row.decided_by_id == by.pk
        refusal = self.expect(known, who, Status.REJECTED, same_person_again=again)
        said = {"reason": codes[reason % len(codes)], "comment": "said so", "not_before": self.a_later_day()}
        if self.do(lambda: handoffs.reject(row, by=by, at=self.now, **said), refusal):
            known.status, known.assignee = Status.REJECTED, known.assignee or by.pk

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
            known.status = Status.CONVERTED

    @precondition(lambda self: self.known)
    @rule(place=places)
    def withdraw(self, place: int) -> None:
        known, row = self.chosen(place)
        again = known.status == Status.WITHDRAWN
        refusal = None if again or Status.WITHDRAWN in MOVES[Status(known.status)] else UnableToMove
        if self.do(lambda: handoffs.withdraw(row, by=self.cast.marketer, at=self.now), refusal):
            known.status = Status.WITHDRAWN

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

    # -- what happens by itself ---------------------------------------------------------------------

    @rule(hours=st.integers(1, 90))
    def time_passes_and_the_sweep_looks(self, hours: int) -> None:
        type(self).walked += 1
        type(self).now += timedelta(hours=hours)
        for known in self.known.values():
            if known.status == Status.OPEN and not known.is_answered and known.frozen[3] <= self.now:
                known.status = Status.EXPIRED
        escalation.sweep(at=self.now)
        self.learn()

    @rule(days=st.integers(1, 60))
    def waits_end(self, days: int) -> None:
        type(self).walked += 1
        type(self).now += timedelta(days=days)
        lifecycle.release_due(at=self.now)
        self.time_passes_and_the_sweep_looks(1)

    @rule(hours=st.sampled_from([4, 24, 48]))
    def another_agreement_takes_force(self, hours: int) -> None:
        type(self).walked += 1
        current = Agreement.objects.current()
        assert current
        draft = agreements.draft_from(current, by=self.cast.marketer, at=self.now)
        draft.response_hours = hours
        draft.save()
        agreements.put_in_force(draft, by=self.cast.marketer, at=self.now)

    # -- what must hold -----------------------------------------------------------------------------

    @invariant()
    def the_rows_are_as_the_model_says(self) -> None:
        rows = Handoff.objects.select_related("lead").in_bulk(list(self.known))
        for known in self.known.values():
            row = rows[known.pk]
            assert (row.status, row.assignee_id) == (known.status, known.assignee)
            assert frozen(row) == known.frozen
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

    def teardown(self) -> None:
        """Leave nothing running, so that the next walk starts with idle people."""
        running = Lead.objects.filter(handoffs__in=Handoff.objects.running())
        handoffs.close_after(list(running.values_list("pk", flat=True)), at=self.now)
        lifecycle.disqualify(
            list(running.values_list("pk", flat=True)), by=None, at=self.now, reason="end of the walk"
        )


@pytest.mark.django_db
def test_handoffs_follow_the_model_whatever_people_do(at: datetime) -> None:
    walk = type("Walk", (Handoffs,), {"cast": gather(at), "now": at})
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        walk,
        settings=settings(
            max_examples=RUNS, stateful_step_count=STEPS, suppress_health_check=checks, deadline=None
        ),
    )
    print(f"{walk.walked} steps")
    assert walk.walked > RUNS * STEPS / 4
