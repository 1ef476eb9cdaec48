"""Sales' year: what becomes of each handoff, from the first call to the order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from crm.models import Outcome
from crm.states import UnableToMove
from deals import pipeline
from deals.models import Deal, DealStage, LossReason, Product
from project.demo import words
from project.demo.cast import Cast
from project.demo.luck import Hand, Ranking
from project.demo.timeline import Timeline
from project.founding import REASONS
from sla import handoffs
from sla.handoffs import Opportunity, bant
from sla.models import Handoff

# What becomes of twenty-six handoffs; drawn like cards, so that a small company has all of it too.
FATES = (
    ["convert"] * 8
    + ["reject"] * 9
    + ["accept_reject"] * 2
    + ["late_reject"] * 2
    + ["late_convert", "paused", "ignore", "ignore", "withdraw"]
)
# From the worst to the best: leads that fit and are warm come to the better ends more often than not.
WORST_FIRST = [
    "reject", "late_reject", "withdraw", "ignore", "accept_reject", "paused", "late_convert", "convert",
]  # fmt: skip
# Reasons that send a lead back soon come first: a short story also needs leads that come back.
SOON_BACK = ["unable-to-contact", "wrong-territory", "not-fit-role", "other"]
PRODUCTS = [("Team", 960_000), ("Business", 2_400_000), ("Enterprise", 7_200_000)]


@dataclass(slots=True)
class Selling:
    chance: Random
    cast: Cast
    timeline: Timeline
    kept: dict[str, str] = field(default_factory=dict)
    """Fates already decided, by the person's e-mail."""
    hold_queue: bool = False
    """From now on nobody claims from the open queue."""
    _seen: int = 0
    _warmth: Ranking = field(default_factory=Ranking)
    _fates: Hand = field(init=False)
    _reasons: Iterator[str] = field(init=False)
    _outcomes: Hand = field(init=False)
    _products: list[Product] = field(init=False)

    def __post_init__(self) -> None:
        codes = [code for code, *_rest in REASONS]
        self._fates = Hand(self._deck(FATES), WORST_FIRST, self.chance)
        self._reasons = self._deck(
            codes, first=[*SOON_BACK, *(code for code in codes if code not in SOON_BACK)]
        )
        ends = self._deck(["won", "won", "lost", "open", "lost"])
        self._outcomes = Hand(ends, ["lost", "open", "won"], self.chance)
        self._products = [
            Product.objects.get_or_create(code=name.lower(), defaults={"name": name, "price": price})[0]
            for name, price in PRODUCTS
        ]

    def _deck(self, cards: list[str], first: list[str] | None = None) -> Iterator[str]:
        yield from first or []
        while True:
            yield from self.chance.sample(cards, len(cards))

    def notice(self, at: datetime) -> None:
        """Plan what becomes of every handoff offered since the last look."""
        fresh = Handoff.objects.filter(pk__gt=self._seen).select_related("contact").order_by("pk")
        for handoff in fresh:
            self._seen = handoff.pk
            if handoff.assignee_id is None and self.hold_queue:
                continue
            fate = self.kept.get(handoff.contact.email) or self._fates.draw(self._worth(handoff))
            getattr(self, f"_{fate}")(handoff, at)

    def _worth(self, handoff: Handoff) -> float:
        """How it stands among those before it, by what its score was."""
        return self._warmth.place(handoff.score_at_handoff)

    # Fates. Hours are of the real day; nights and week-ends make some of them late, as in life.

    def _convert(self, handoff: Handoff, at: datetime, wait: float = 0) -> None:
        called = self._contact_after(handoff, at, wait or self._hours(1, 26))
        accepted = self._plan(handoff, called + self._span(0.1, 1), self._accepts)
        self._plan(handoff, accepted + self._span(1, 8), self._converts)

    def _reject(self, handoff: Handoff, at: datetime, wait: float = 0) -> None:
        called = self._contact_after(handoff, at, wait or self._hours(1, 30))
        self._plan(handoff, called + self._span(0.1, 6), self._rejects)

    def _accept_reject(self, handoff: Handoff, at: datetime) -> None:
        accepted = self._plan(handoff, at + self._span(0.1, 0.5), self._accepts)
        called = self._contact_after(handoff, accepted, self._hours(2, 30))
        self._plan(handoff, called + self._span(2, 9), self._rejects)

    def _late_reject(self, handoff: Handoff, at: datetime) -> None:
        self._reject(handoff, handoff.respond_by, self._hours(2, 12))

    def _late_convert(self, handoff: Handoff, at: datetime) -> None:
        self._convert(handoff, handoff.respond_by, self._hours(1, 6))

    def _ignore(self, handoff: Handoff, at: datetime) -> None:
        """Nobody answers: the clock runs out, and the lead goes to somebody else."""

    def _paused(self, handoff: Handoff, at: datetime) -> None:
        """They asked to be called next week: the clock stands still until then."""
        self._plan(handoff, at + self._span(0.05, 0.3), self._pauses)
        self._convert(handoff, at, self._hours(24 * 5, 24 * 7))

    def _withdraw(self, handoff: Handoff, at: datetime) -> None:
        self._plan(handoff, at + self._span(0.2, 1), self._withdraws)

    def _contacted(self, handoff: Handoff, at: datetime) -> None:
        self._contact_after(handoff, at, 0.5)

    def _accepted(self, handoff: Handoff, at: datetime) -> None:
        self._plan(handoff, at + timedelta(minutes=20), self._accepts)
        self._contact_after(handoff, at, 0.8)

    def _contact_after(self, handoff: Handoff, at: datetime, hours: float) -> datetime:
        return self._plan(handoff, at + timedelta(hours=hours), self._contacts)

    # Deeds. A plan that was overtaken (somebody else was quicker, time ran out) is dropped.

    def _plan(self, handoff: Handoff, moment: datetime, deed: object) -> datetime:
        def act(at: datetime) -> None:
            row = Handoff.objects.select_related("contact", "account", "assignee").get(pk=handoff.pk)
            if row.is_running:
                self._try(deed, row, at)

        self.timeline.plan(moment, act)
        return moment

    def _try(self, deed: object, row: Handoff, at: datetime) -> None:
        if row.assignee is None:
            row = handoffs.claim(row, by=self.chance.choice(self.cast.reps), at=at)
        try:
            deed(row, at)  # type: ignore[operator]
        except UnableToMove:
            return

    def _contacts(self, row: Handoff, at: datetime) -> None:
        assert row.assignee
        outcome = self.chance.choice(
            [Outcome.REACHED, Outcome.REACHED, Outcome.NO_ANSWER, Outcome.LEFT_MESSAGE]
        )
        channel = "call" if self.chance.random() < 0.7 else "email"
        note = words.spoken(self.chance.choice(words.CALLS), row.assignee.language)
        found = self._finds() if outcome == Outcome.REACHED else {}
        handoffs.contact(
            row, channel=channel, outcome=outcome, note=note, found=found, by=row.assignee, at=at
        )

    def _finds(self) -> dict[str, str]:
        """What comes up in a first talk: some of it, rarely all."""
        asked = {name: self.chance.choice(choices.values) for name, choices in bant.CHOICES.items()}
        return {name: value for name, value in asked.items() if self.chance.random() < 0.7}

    def _pauses(self, row: Handoff, at: datetime) -> None:
        assert row.assignee
        reason = words.spoken(words.PAUSED, row.assignee.language)
        handoffs.pause(row, reason=reason, by=row.assignee, at=at)

    def _accepts(self, row: Handoff, at: datetime) -> None:
        assert row.assignee
        handoffs.accept(row, by=row.assignee, at=at)

    def _rejects(self, row: Handoff, at: datetime) -> None:
        assert row.assignee
        reason = next(self._reasons)
        comment = words.spoken(words.COMMENTS[reason], row.assignee.language)
        not_before = (at + timedelta(days=60)).date() if reason == "bad-timing" else None
        handoffs.reject(row, reason=reason, comment=comment, not_before=not_before, by=row.assignee, at=at)

    def _withdraws(self, row: Handoff, at: datetime) -> None:
        handoffs.withdraw(row, by=self.chance.choice(self.cast.marketers), at=at, note="Invited by mistake")

    def _converts(self, row: Handoff, at: datetime) -> None:
        assert row.assignee
        product = self.chance.choice(self._products)
        amount = Decimal(product.price or 0) * self.chance.choice([1, 1, 2, 3])
        name = f"{row.account or row.contact} · {words.spoken(self.chance.choice(words.DEALS), row.assignee.language)}"
        wanted = Opportunity(
            name, amount, expected_close_on=(at + timedelta(days=self.chance.randint(40, 120))).date()
        )
        missing = {name: self.chance.choice(bant.CHOICES[name].values) for name in bant.missing(row)}
        deal = handoffs.convert(row, wanted, by=row.assignee, at=at, found=missing).deal
        assert deal
        pipeline.edit(deal, by=row.assignee, at=at, product=product)
        self._plan_deal(deal, at, self._worth(row))

    # Deals

    def _plan_deal(self, deal: Deal, at: datetime, worth: float) -> None:
        outcome, moment = self._outcomes.draw(worth), at
        stages = list(DealStage.objects.open().in_order())[1:]
        for stage in stages[: self.chance.randint(1, len(stages))]:
            moment += self._span(4, 16)
            self.timeline.plan(moment, lambda at, stage=stage: self._moves(deal, stage, at))  # type: ignore[misc]
        if outcome != "open":
            close = self._wins if outcome == "won" else self._loses
            self.timeline.plan(moment + self._span(3, 15), lambda at: close(deal, at))

    def _moves(self, deal: Deal, stage: DealStage, at: datetime) -> None:
        pipeline.move(deal, stage, by=deal.owner, at=at)

    def _wins(self, deal: Deal, at: datetime) -> None:
        pipeline.win(deal, by=deal.owner, at=at, note=self.chance.choice(words.WINS))

    def _loses(self, deal: Deal, at: datetime) -> None:
        reason = self.chance.choice(list(LossReason.objects.order_by("code")))
        pipeline.lose(deal, reason=reason, by=deal.owner, at=at, note=self.chance.choice(words.LOSSES))

    def _hours(self, least: float, most: float) -> float:
        return self.chance.uniform(least, most)

    def _span(self, least: float, most: float) -> timedelta:
        """Between so many days."""
        return timedelta(days=self.chance.uniform(least, most))
