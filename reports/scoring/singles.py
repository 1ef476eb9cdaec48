"""Points of single assets: moved away from their kind's as far as outcomes bear it out. Pure.

What a score means is learnt from the handoffs without the asset; its difference from its kind is one more weight, with
a normal prior around none whose spread is half the kind's points (partial pooling: Gelman and others, Bayesian Data
Analysis, ch. 15-16). So few handoffs leave an asset where its kind is.
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
STEPS = 12
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
        self.scores = np.asarray(scores, dtype=float)
        self.came = np.asarray(outcomes(samples), dtype=bool)
        self.keys = {key for one in samples for key in one.counts}

    def single(self, kind: str, asset: str, of_kind: float, present: Mapping[Key, float]) -> Single | None:
        import numpy as np

        amounts = np.asarray([one.counts.get((kind, asset), 0.0) for one in self.samples])
        has, own = amounts > 0, present.get((kind, asset))
        having = int(has.sum())
        slope, start = self._curve(~has) if having >= terms.LEAST else (0.0, 0.0)
        if slope <= 0:
            if own is None:
                return None
            return Single(kind, asset, ratio(kind, own, {kind: of_kind}, present), KEPT, having)
        reach, came = slope * (self.factors * amounts)[has], self.came[has]
        expected = start + slope * self.scores[has]
        more, data, clear = _more(reach, expected, came, spread=max(SPREAD * of_kind, LEAST_SPREAD))
        points = min(MOST_POINTS, float(max(0, round(of_kind + more))))
        if own is None and (clear < CLEAR or points == of_kind):
            return None
        chances = float((1 / (1 + np.exp(-expected))).sum())
        why = FOUND if own is None else JUDGED
        return Single(kind, asset, points, why, having, int(came.sum()), chances, data)

    def _curve(self, rows: Any) -> tuple[float, float]:
        """How much one point of the score moves the log-odds, and where they start; no slope where too few came."""
        from sklearn.linear_model import LogisticRegression

        came, scores = self.came[rows], self.scores[rows]
        if min(came.sum(), len(came) - came.sum()) < terms.OUTCOMES_PER_TERM:
            return 0.0, 0.0
        size = max(float(scores.mean()), 1e-9)
        curve = LogisticRegression(C=100.0, solver="newton-cholesky", max_iter=200)
        curve.fit((scores / size)[:, None], came)
        return float(curve.coef_[0][0]) / size, float(curve.intercept_[0])


def _more(reach: Any, expected: Any, came: Any, *, spread: float) -> tuple[float, float, float]:
    """The likeliest difference in points (Newton's method, in bounded steps), how much of it is data, and
    how many standard errors it is from none.
    """
    import numpy as np

    prior, more, clear = spread**-2, 0.0, 0.0
    for step in range(STEPS):
        chances = 1 / (1 + np.exp(-np.clip(expected + reach * more, -50, 50)))
        pull, known = float(reach @ (came - chances)), float(reach**2 @ (chances * (1 - chances)))
        if step == 0:
            clear = abs(pull) / max(known, 1e-9) ** 0.5
        more += max(-2 * spread, min(2 * spread, (pull - prior * more) / (known + prior)))
    return more, known / (known + prior), clear
