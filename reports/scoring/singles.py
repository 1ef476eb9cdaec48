"""Points of single assets: moved away from their kind's as far as outcomes bear it out. Pure.

An asset's difference from its kind is one more weight beside the score, with a normal prior around none whose spread
is half the kind's points (partial pooling: Gelman and others, Bayesian Data Analysis, ch. 15-16), found by one Newton
step of the logistic likelihood. So few handoffs leave an asset where its kind is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reports import terms
from reports.scoring.samples import Sample, outcomes

KEPT, JUDGED, FOUND = "kept", "judged", "found"
SPREAD = 0.5  # of the kind's points
LEAST_SPREAD = 1.0
MOST_POINTS = 1000.0
# An asset nobody singled out yet has to differ this many standard errors: there may be hundreds of them.
CLEAR = 3.0

# A kind, or a kind with an asset.
Key = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class Single:
    """Points of one asset, and why: `data` is how much of them (0 to 1) is what was seen, the rest is its kind."""

    kind: str
    asset: str
    points: float
    why: str
    having: int = 0
    came: int = 0
    expected: float = 0.0
    data: float = 0.0


def propose(
    samples: Sequence[Sample],
    *,
    factors: Sequence[float],
    scores: Sequence[float],
    points: Mapping[str, float],
    present: Mapping[Key, float],
) -> tuple[Single, ...]:
    """`factors` and `scores` of the samples under `points` of kinds alone; `present` are the points in force."""
    look = _Look(samples, factors, scores)
    found = []
    for kind, asset in sorted(look.keys | {key for key in present if key[1]}, key=str):
        if asset is None or kind not in points:
            continue
        if one := look.single(kind, asset, points[kind], present):
            found.append(one)
    return tuple(found)


def ratio(kind: str, own: float, points: Mapping[str, float], present: Mapping[Key, float]) -> float:
    """As many points as before, beside what its kind is worth now."""
    before = present.get((kind, None), 0.0)
    return min(MOST_POINTS, float(round(points[kind] * own / before))) if before and kind in points else own


class _Look:
    def __init__(self, samples: Sequence[Sample], factors: Sequence[float], scores: Sequence[float]) -> None:
        import numpy as np

        self.samples, self.factors = samples, np.asarray(factors)
        self.came = np.asarray(outcomes(samples), dtype=float)
        self.slope, self.chances = _curve(np.asarray(scores, dtype=float), self.came)
        self.keys = {key for one in samples for key in one.counts}

    def single(self, kind: str, asset: str, of_kind: float, present: Mapping[Key, float]) -> Single | None:
        import numpy as np

        amounts = np.asarray([one.counts.get((kind, asset), 0.0) for one in self.samples])
        has = amounts > 0
        having, own = int(has.sum()), present.get((kind, asset))
        if having < terms.LEAST or self.slope <= 0:
            if own is None:
                return None
            return Single(kind, asset, ratio(kind, own, {kind: of_kind}, present), KEPT, having)
        reach = self.slope * self.factors * amounts
        pull = float(reach @ (self.came - self.chances))
        known = float((reach**2) @ (self.chances * (1 - self.chances)))
        before = max(SPREAD * of_kind, LEAST_SPREAD) ** -2
        points = min(MOST_POINTS, float(max(0, round(of_kind + pull / (known + before)))))
        if own is None and (abs(pull) < CLEAR * known**0.5 or points == of_kind):
            return None
        return Single(
            kind, asset, points, FOUND if own is None else JUDGED, having,
            int(self.came[has].sum()), float(self.chances[has].sum()), known / (known + before),
        )  # fmt: skip


def _curve(scores: Any, came: Any) -> tuple[float, Any]:
    """How much one point of the score moves the log-odds, and each one's chance."""
    from sklearn.linear_model import LogisticRegression

    size = max(float(scores.mean()), 1e-9)
    columns = (scores / size)[:, None]
    curve = LogisticRegression(C=100.0, solver="newton-cholesky", max_iter=200).fit(columns, came)
    return float(curve.coef_[0][0]) / size, curve.predict_proba(columns)[:, 1]
