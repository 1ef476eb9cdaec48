"""How far leads came, step by step, beside the drop-off that is usual; the step that loses most beyond it is named.

The steps are a cohort's: of the leads captured in a period, how many have reached each step by now. Whoever reached a
step has reached those before it. Who is still being worked is not lost: the drop-off is of those that are decided.
Before MQL nothing is ever decided, so there everybody counts. The bands are shares usually lost in B2B.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from deals.models import Deal, DealOutcome
from leads.models import Lead, Stage
from reports.scopes import Scope
from reports.statistics import Share, share
from sla.models import Handoff

LEAD, MQL, DEAL, WON = "lead", "mql", "deal", "won"
STEPS = (LEAD, MQL, DEAL, WON)
# Shares usually lost on the way to a step. Awareness comes before the first: visits are not counted here.
BANDS = {MQL: (0.40, 0.60), DEAL: (0.20, 0.40), WON: (0.10, 0.20)}
# What lies between MQL and deal, where sales takes over.
HANDED, TAKEN_UP, ACCEPTED = "handed", "taken_up", "accepted"
INSIDE = (MQL, HANDED, TAKEN_UP, ACCEPTED, DEAL)
# Fewer than so many say nothing about a step.
ENOUGH = 10


@dataclass(frozen=True, slots=True)
class Step:
    """One step: how many reached it, how many of the step before are on the way or lost, and what is usual."""

    name: str
    count: int
    on_the_way: int = 0
    lost: Share | None = None
    band: tuple[float, float] | None = None

    @property
    def excess(self) -> float:
        """How much more was lost than is usual at most; 0 where it was not, or too few say so."""
        if not self.is_judged or self.lost is None or self.band is None or self.lost.rate is None:
            return 0.0
        return max(0.0, self.lost.rate - self.band[1])

    @property
    def is_judged(self) -> bool:
        """Whether enough of them are decided to hold the step against what is usual."""
        return self.lost is not None and self.lost.whole >= ENOUGH

    @property
    def is_uncertain(self) -> bool:
        """Whether chance alone could have lost so many."""
        return self.lost is not None and self.band is not None and self.lost.could_be(self.band[1])


def reached(step: str) -> Q:
    """A condition on leads: whether they came as far as this."""
    return _REACHED[step]()


def on_the_way(step: str) -> Q:
    """Whether they came to the step before this one and are still being worked."""
    return _apart(step) & _STILL_WORKED.get(step, Q(pk__isnull=True))


def missed(step: str) -> Q:
    """Whether they came to the step before this one and no further, and nobody works on it."""
    return _apart(step) & ~_STILL_WORKED.get(step, Q(pk__isnull=True))


def _apart(step: str) -> Q:
    return reached(STEPS[STEPS.index(step) - 1]) & ~reached(step)


def _deals(**more: str) -> Exists:
    return Exists(Deal.objects.filter(lead=OuterRef("pk"), **more))


def _handoffs(*conditions: Q) -> Q:
    return Q(Exists(Handoff.objects.filter(*conditions, lead=OuterRef("pk")))) | Q(_deals())


_IS_ACCEPTED = Q(accepted_at__isnull=False)
_REACHED: dict[str, Callable[[], Q]] = {
    LEAD: lambda: Q(pk__isnull=False),
    MQL: lambda: Q(qualified_at__isnull=False) | Q(_deals()),
    HANDED: _handoffs,
    TAKEN_UP: lambda: _handoffs(Q(first_contact_at__isnull=False) | _IS_ACCEPTED),
    ACCEPTED: lambda: _handoffs(_IS_ACCEPTED),
    DEAL: lambda: Q(_deals()),
    WON: lambda: Q(_deals(stage__outcome=DealOutcome.WON)),
}
_STILL_WORKED = {
    DEAL: Q(stage__in=(Stage.MQL, Stage.SAL, Stage.SQL)),
    WON: Q(_deals(stage__outcome=DealOutcome.OPEN)),
}


def steps(scope: Scope) -> list[Step]:
    """The funnel from lead to won deal."""
    asked = {name: reached(name) for name in STEPS} | {
        f"on_{name}": on_the_way(name) for name in _STILL_WORKED
    }
    counts = _counts(scope.leads(), asked)
    found = [Step(LEAD, counts[LEAD])]
    for before, name in pairwise(STEPS):
        waiting = counts.get(f"on_{name}", 0)
        decided = counts[before] - waiting
        found.append(Step(name, counts[name], waiting, share(decided - counts[name], decided), BANDS[name]))
    return found


def inside(scope: Scope) -> list[Step]:
    """From MQL to deal in small steps: where between marketing and sales it leaks."""
    counts = _counts(scope.leads(), {name: reached(name) for name in INSIDE})
    found = [Step(MQL, counts[MQL])]
    for before, name in pairwise(INSIDE):
        found.append(Step(name, counts[name], lost=share(counts[before] - counts[name], counts[before])))
    return found


def _counts(leads: QuerySet[Lead], asked: dict[str, Q]) -> dict[str, int]:
    conditions = {name: Count("pk", filter=condition) for name, condition in asked.items()}
    return leads.order_by().aggregate(**conditions)


@dataclass(frozen=True, slots=True)
class Source:
    """A source of leads; a blank one is a source that nobody told. `won` is of its leads."""

    name: str
    counts: dict[str, int]
    won: Share


def by_source(scope: Scope) -> list[Source]:
    """How far the leads of each source came, the largest first."""
    asked = {f"to_{name}": Count("pk", filter=reached(name)) for name in STEPS}
    rows = scope.leads().order_by().values("source").annotate(**asked).values_list("source", *asked)
    found = [(name, dict(zip(STEPS, counts, strict=True))) for name, *counts in rows]
    found.sort(key=lambda pair: (-pair[1][LEAD], pair[0]))
    return [Source(name, counts, share(counts[WON], counts[LEAD])) for name, counts in found]


def bottleneck(found: Sequence[Step]) -> Step | None:
    """The step that loses most beyond what is usual, if one does."""
    worst = max(found, key=lambda step: step.excess, default=None)
    return worst if worst and worst.excess > 0 else None
