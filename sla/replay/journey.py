"""One lead on its way through a replay: where it stands, and what it has gathered. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from crm.states import origins
from leads.models import MOVES, Stage
from leads.past import Gain, Move
from leads.qualification import Definition, Known, meets
from leads.scoring.decay import Decay
from sla.replay.facts import Answer, Handover

# An answer really given further away in time than this says nothing about a handoff of a replay.
NEAR = timedelta(days=28)
WITH_SALES = (Stage.MQL, Stage.SAL, Stage.SQL)
UNKNOWN = Known(1.0, "C", frozenset(), consents=False)


@dataclass(slots=True)
class Journey:
    """A lead. `at_stage` moves along the same ways as in the live path (`leads.models.MOVES`)."""

    lead: int
    known: Known = UNKNOWN
    account_owner: int | None = None
    source: str = ""
    at_stage: str = Stage.INQUIRY
    waits_until: datetime | None = None
    engagement: float = 0.0
    floor: float = 0.0
    floored_at: datetime | None = None
    rounds: int = 0
    running: Handover | None = None
    had: set[int] = field(default_factory=set)
    refused: Counter[str] = field(default_factory=Counter)
    answers: list[Answer] = field(default_factory=list)

    # -- behaviour --------------------------------------------------------------------------------

    def gain(self, events: Collection[Gain]) -> None:
        """Add what one batch of events brought, as one statement does it."""
        self.engagement += sum(event.amount for event in events)
        if self.floored_at is not None:
            old = (event.amount for event in events if event.occurred_at <= self.floored_at)
            self.floor += sum(old)

    def score(self, decay: Decay, at: datetime) -> float:
        """As a handoff keeps it: fit times behaviour, whatever was asked for since a rejection."""
        return round(decay.score_at(self.known.fit * self.engagement, at), 6)

    def meets(self, definition: Definition, decay: Decay, at: datetime, did: Collection[str]) -> bool:
        standing = self.known.standing(self.engagement, self.floor)
        return meets(
            definition, self.known, stage=self.at_stage, standing=standing, decay=decay, at=at, did=did
        )

    # -- stages -----------------------------------------------------------------------------------

    def move(self, to: str) -> bool:
        """Move where that is allowed; says whether it did."""
        if self.at_stage not in origins(MOVES, to):
            return False
        self.at_stage, self.waits_until = to, None
        return True

    def recycle(self, *, waits_until: datetime | None, fresh_only: bool, at: datetime) -> bool:
        """Back to marketing until a moment; None waits for somebody to bring it back."""
        if not self.move(Stage.RECYCLED):
            return False
        self.waits_until = waits_until
        if fresh_only:
            self.floor, self.floored_at = self.engagement, at
        return True

    def follows(self, move: Move) -> bool:
        """Whether a move that really happened can happen here, too: one out of sales only where sales has it."""
        came_from_sales = move.came_from in WITH_SALES
        return self.at_stage in origins(MOVES, move.to) and (
            not came_from_sales or self.at_stage in WITH_SALES
        )

    # -- what sales really answered ---------------------------------------------------------------

    def take_answer(self, at: datetime) -> Answer | None:
        """The answer really given nearest to a moment; it and those before it are used up."""
        near = [one for one in self.answers if abs(one.offered_at - at) <= NEAR]
        if not near:
            return None
        chosen = min(near, key=lambda one: (abs(one.offered_at - at), one.offered_at))
        self.answers = self.answers[self.answers.index(chosen) + 1 :]
        return chosen
