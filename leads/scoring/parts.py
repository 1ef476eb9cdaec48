"""Behaviour times fit: what a lead's score is made of, and why. Pure values; rows become these in deeds.

`score(t) = fit x sum(points_i x rate ** ((t - t_i) / period))`. What is not known about a lead counts neither
for nor against it. A disqualifier makes the factor 0, whatever the fit.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import fsum

from leads.scoring.decay import Decay
from leads.scoring.disqualifiers import Disqualification, DisqualifierRule
from leads.scoring.fit import Fit, FitGrade, FitReason, FitRule, fit_for
from leads.scoring.profile import InvalidRule, Profile

__all__ = [
    "Disqualification",
    "DisqualifierRule",
    "Explanation",
    "Fit",
    "FitGrade",
    "FitReason",
    "FitRule",
    "InvalidRule",
    "Part",
    "Profile",
    "ScoredEvent",
    "explain",
    "fit_for",
]

DAY = timedelta(days=1)


@dataclass(frozen=True)
class ScoredEvent:
    """An event as it was counted; `key` is whatever the caller knows it by."""

    key: Hashable
    kind: str
    points: float
    occurred_at: datetime
    asset: str | None = None
    properties: Mapping[str, object] = field(default_factory=dict, hash=False)
    beyond: str = ""
    phases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """One event's part of a score: `value` is fit times `decayed`; `share` lies between 0 and 1."""

    event: ScoredEvent
    points: float
    age_days: float
    decayed: float
    value: float
    share: float


@dataclass(frozen=True)
class Explanation:
    """A score taken apart. `fsum` of the parts' values is `total`, of their decayed points `behaviour`."""

    at: datetime
    total: float
    behaviour: float
    fit: Fit
    decay: Decay
    parts: tuple[Part, ...]


def explain(events: Sequence[ScoredEvent], fit: Fit, decay: Decay, at: datetime) -> Explanation:
    """The score at an instant and each event's part in it, the greatest first.

    Events after `at` have not happened yet and have no part. Computed directly from the events, so it is also
    the check on the stored sum: both agree to about 1e-12.
    """
    counted = [event for event in events if event.occurred_at <= at]
    decayed = [decay.decayed(event.points, event.occurred_at, at) for event in counted]
    total = fsum(fit.factor * value for value in decayed)
    parts = [_part(event, value, fit, total, at) for event, value in zip(counted, decayed, strict=True)]
    parts.sort(key=lambda part: (-part.decayed, at - part.event.occurred_at, str(part.event.key)))
    return Explanation(at=at, total=total, behaviour=fsum(decayed), fit=fit, decay=decay, parts=tuple(parts))


def _part(event: ScoredEvent, decayed: float, fit: Fit, total: float, at: datetime) -> Part:
    value = fit.factor * decayed
    return Part(
        event=event,
        points=event.points,
        age_days=(at - event.occurred_at) / DAY,
        decayed=decayed,
        value=value,
        share=value / total if total else 0.0,
    )
