"""A company that lives through some weeks by the live deeds, driven by seeded dice, and what it remembers of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from random import Random

from crm.states import Refused, UnableToMove
from leads import lifecycle, steering
from leads.events import recording
from leads.events.recording import Behaviour
from leads.models import Lead, Stage
from sla import escalation, handoffs
from sla.handoffs import Opportunity
from sla.models import Handoff
from tests.support.cast import Cast

KINDS = ("page_view", "download", "webinar", "inquiry", "inquiry", "pricing_view")
REASONS = (
    "no-budget",
    "bad-timing",
    "unable-to-contact",
    "not-fit-role",
    "wrong-territory",
    "insufficient-data",
    "competitor",
)
CHANNELS = ("call", "email", "meeting")
OUTCOMES = ("reached", "reached", "no_answer", "left_message", "bounced")


class Life:
    """One deed at a moment, some minutes or hours apart; whoever may not do it leaves it."""

    def __init__(self, cast: Cast, seed: int, *, people: int = 24) -> None:
        self.cast, self.dice, self.now = cast, Random(seed), cast.at
        self.numbers = count(1)
        cast.rep.capacity, cast.colleague.capacity, cast.stranger.capacity = 6, 3, 2
        for seller in (cast.rep, cast.colleague, cast.stranger):
            seller.save()
        self.leads = [self._newcomer(number) for number in range(people)]

    def _newcomer(self, number: int) -> Lead:
        lead = self.cast.lead(job_title="課長" if number % 3 else "")
        if lead.account and number % 6 == 0:
            lead.account.owner = self.cast.colleague
            lead.account.save()
        return lead

    def live(self, *, steps: int) -> datetime:
        deeds = (
            [self.behave] * 8 + [self.answer] * 8 + [self.sweep] * 3 + [self.release, self.pause, self.meddle]
        )
        for _step in range(steps):
            self.now += timedelta(minutes=self.dice.randint(7, 260), microseconds=self.dice.randint(0, 999))
            try:
                self.dice.choice(deeds)()
            except (Refused, UnableToMove):
                continue
        return self.now

    def behave(self) -> None:
        """A batch of behaviour, some of it heard of late."""
        batch = [
            Behaviour(
                source="site",
                external_id=f"life-{next(self.numbers)}",
                kind=self.dice.choice(KINDS) if self.dice.random() > 0.03 else "demo_request",
                occurred_at=self.now - timedelta(hours=self.dice.choice([0, 0, 0, 5, 90])),
                lead=lead.pk,
            )
            for lead in self.dice.sample(self.leads, 2)
            for _ in range(self.dice.randint(1, 4))
        ]
        recording.record(batch, by=None, at=self.now)

    def _running(self) -> Handoff | None:
        rows = list(Handoff.objects.running().select_related("assignee").order_by("pk"))
        return self.dice.choice(rows) if rows else None

    def answer(self) -> None:
        row = self._running()
        if row is None or self.dice.random() < 0.3:
            return
        if row.assignee is None:
            row = handoffs.claim(row, by=self.cast.colleague, at=self.now)
            self.now += timedelta(minutes=3)
        by, how = (
            row.assignee,
            self.dice.choice(["contact", "contact", "contact", "accept", "reject", "reject", "convert"]),
        )
        assert by
        if how == "contact":
            channel, outcome = self.dice.choice(CHANNELS), self.dice.choice(OUTCOMES)
            handoffs.contact(row, channel=channel, outcome=outcome, by=by, at=self.now)
        elif how == "accept":
            handoffs.accept(row, by=by, at=self.now)
        elif how == "reject":
            day = (self.now + timedelta(days=9)).date() if self.dice.random() < 0.2 else None
            reason = self.dice.choice(REASONS)
            handoffs.reject(row, reason=reason, comment="so", not_before=day, by=by, at=self.now)
        else:
            handoffs.convert(row, Opportunity("Deal", Decimal(1)), by=by, at=self.now)

    def sweep(self) -> None:
        escalation.sweep(at=self.now)

    def release(self) -> None:
        self.now += timedelta(days=self.dice.choice([1, 4, 12]))
        escalation.sweep(at=self.now)
        self.now += timedelta(minutes=1)
        lifecycle.release_due(at=self.now)

    def pause(self) -> None:
        if (row := self._running()) and row.assignee:
            handoffs.pause(row, reason="later", by=row.assignee, at=self.now)
            self.now += timedelta(hours=self.dice.randint(2, 50))
            handoffs.resume(row, by=row.assignee, at=self.now)

    def meddle(self) -> None:
        """What managers and marketing do: reassign, take back, hand over by hand, recycle, correct."""
        what = self.dice.choice(["reassign", "withdraw", "by_hand", "recycle", "edit"])
        lead = Lead.objects.get(pk=self.dice.choice(self.leads).pk)
        row = self._running()
        if what == "reassign" and row:
            handoffs.reassign(row, to=self.cast.rep, by=self.cast.admin, at=self.now)
        elif what == "withdraw" and row:
            handoffs.withdraw(row, by=self.cast.marketer, at=self.now)
        elif what == "by_hand" and lead.stage in (Stage.INQUIRY, Stage.NURTURING, Stage.RECYCLED):
            named = self.dice.choice([None, self.cast.stranger])
            handoffs.hand_over(lead, by=self.cast.marketer, at=self.now, assignee=named)
        elif what == "recycle":
            steering.recycle(lead, reason="mistake", by=self.cast.marketer, at=self.now)
        elif what == "edit":
            steering.edit(lead, by=self.cast.marketer, at=self.now, first_name=f"次郎{next(self.numbers)}")
