"""Which events count, and which lie beyond the limits of their rule. Pure; `recounting` says the same in SQL.

Events of one lead under one rule are taken in the order they happened (then by key), whenever they were heard of:

1. what happened sooner than `minimum_interval` minutes upon the one before, counted or not, does not count;
2. of the rest, the first `most_per_day` of each day (in the model's time zone) count;
3. of the rest, the first `most_per_asset` with each asset count; events without an asset have no such limit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Any

DAY, ASSET, INTERVAL = "day", "asset", "interval"


@dataclass(frozen=True)
class BehaviourPoint:
    """Points for a kind of behaviour, alone, or with an asset (by slug), or with content for a phase; and limits."""

    kind: str
    asset: str | None
    points: float
    phase: str = ""
    most_per_day: int | None = None
    most_per_asset: int | None = None
    minimum_interval: int | None = None

    @property
    def is_limited(self) -> bool:
        return any((self.most_per_day, self.most_per_asset, self.minimum_interval))


@dataclass(frozen=True, slots=True)
class Happened:
    """An event to be counted; `key` orders those of one instant."""

    key: int
    kind: str
    occurred_at: datetime
    asset: str | None = None
    phases: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Counted:
    """What an event gives, and the limit it is beyond ('' when it counts)."""

    points: float
    beyond: str = ""


class RuleBook:
    """Rules of one model: asset before phase before kind; of several phases the one that gives most."""

    def __init__(self, rules: Iterable[BehaviourPoint]) -> None:
        self.rules = tuple(rules)
        self._by_asset = {(rule.kind, rule.asset): rule for rule in self.rules if not rule.phase}
        self._by_phase = {(rule.kind, rule.phase): rule for rule in self.rules if rule.phase}
        self.limited_kinds = sorted({rule.kind for rule in self.rules if rule.is_limited})
        self.limits_assets = any(rule.most_per_asset for rule in self.rules)
        self.longest_interval = timedelta(
            minutes=max((rule.minimum_interval or 0 for rule in self.rules), default=0)
        )

    @property
    def has_limits(self) -> bool:
        return bool(self.limited_kinds)

    @property
    def has_phases(self) -> bool:
        """Whether a rule is for a phase, so that an asset's phases have a say."""
        return bool(self._by_phase)

    @property
    def has_special(self) -> bool:
        """Whether a rule is for an asset or a phase."""
        return self.has_phases or any(rule.asset for rule in self.rules)

    def of_kinds(self) -> dict[str, float]:
        """What each kind gives where no rule for an asset or a phase holds."""
        return {rule.kind: rule.points for rule in self.rules if not (rule.asset or rule.phase)}

    def limits_of(self, kind: str) -> frozenset[tuple[object, ...]]:
        """What decides which events of a kind are beyond a limit: books that agree in this differ in points alone.

        Of several phases the one that gives most holds, so the points of their rules belong to it.
        """
        if kind not in self.limited_kinds:
            return frozenset()
        return frozenset(
            (rule.asset, rule.phase, rule.phase and rule.points, rule.most_per_day, rule.most_per_asset,
             rule.minimum_interval)
            for rule in self.rules if rule.kind == kind
        )  # fmt: skip

    def rule_for(self, kind: str, asset: str | None, phases: Collection[str] = ()) -> BehaviourPoint | None:
        exact = self._by_asset.get((kind, asset)) if asset else None
        return exact or self._for_phases(kind, phases) or self._by_asset.get((kind, None))

    def points_for(self, kind: str, asset: str | None, phases: Collection[str] = ()) -> float:
        """Points of one event; 0 when there is no rule for it."""
        rule = self.rule_for(kind, asset, phases)
        return rule.points if rule else 0.0

    def _for_phases(self, kind: str, phases: Collection[str]) -> BehaviourPoint | None:
        found = [rule for phase in phases if (rule := self._by_phase.get((kind, phase)))]
        return max(found, key=lambda rule: (rule.points, rule.phase), default=None)


@dataclass
class _Tally:
    before: datetime | None = None
    days: dict[object, int] = field(default_factory=lambda: defaultdict(int))
    assets: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def take(self, event: Happened, rule: BehaviourPoint, zone: tzinfo) -> str:
        before, self.before = self.before, event.occurred_at
        gap = timedelta(minutes=rule.minimum_interval or 0)
        if before is not None and event.occurred_at - before < gap:
            return INTERVAL
        if self._is_over(self.days, event.occurred_at.astimezone(zone).date(), rule.most_per_day):
            return DAY
        if event.asset and self._is_over(self.assets, event.asset, rule.most_per_asset):
            return ASSET
        return ""

    def _is_over(self, tally: dict[Any, int], of: object, most: int | None) -> bool:
        tally[of] += 1
        return most is not None and tally[of] > most


def count(events: Sequence[Happened], book: RuleBook, zone: tzinfo) -> dict[int, Counted]:
    """What each event of one lead gives, by key."""
    tallies: dict[BehaviourPoint, _Tally] = defaultdict(_Tally)
    found = {}
    for event in sorted(events, key=lambda event: (event.occurred_at, event.key)):
        rule = book.rule_for(event.kind, event.asset, event.phases)
        beyond = tallies[rule].take(event, rule, zone) if rule else ""
        found[event.key] = Counted(rule.points if rule and not beyond else 0.0, beyond)
    return found
