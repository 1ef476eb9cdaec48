"""Rounded points made to fit each other: each is set to the value that tells outcomes apart best, in turn. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Any

# Numbers people give when they give points, and factors.
VALUES = (0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0, 15.0, 20.0, 25.0, 30.0, 40.0, 50.0, 60.0, 80.0)
FACTORS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.5, 2.0, 2.5)
# Fit points in fives: on leads held out, finer steps tell less, not more.
FIT_STEP = 5
PASSES = 2
GAIN = 1e-6  # of AUC; less is noise of the arithmetic


@dataclass(frozen=True, slots=True)
class Polished:
    """Points of each kind, from how many fit points each grade but the lowest is reached, and a factor of each grade
    that never falls from one grade to the next.
    """

    points: list[float]
    cuts: list[float]
    factors: list[float]


def polish(
    *,
    counts: Sequence[Sequence[float]],
    fit: Sequence[float],
    came: Sequence[bool],
    points: Sequence[float],
    cuts: Sequence[float],
) -> Polished:
    """`counts` of each kind, fit points and outcome of each lead; `points` of each kind and `cuts` to begin with."""
    work = _Work(counts, fit, came, points, cuts)
    for _ in range(PASSES):
        for grade in range(len(work.factors)):
            work.set_factor(grade)
        for kind in range(len(work.points)):
            work.set_points(kind)
        for place in range(len(work.cuts)):
            work.set_cut(place)
    told = (work.points, work.cuts, work.factors)
    return Polished(*([float(each) for each in values] for values in told))


class _Work:
    def __init__(
        self,
        counts: Sequence[Sequence[float]],
        fit: Sequence[float],
        came: Sequence[bool],
        points: Sequence[float],
        cuts: Sequence[float],
    ) -> None:
        import numpy as np

        self.counts, self.came = np.asarray(counts, dtype=float), np.asarray(came, dtype=bool)
        self.fit, self.points = np.asarray(fit, dtype=float), np.asarray(points, dtype=float)
        self.cuts = list(cuts)
        self.factors: Any = np.ones(len(self.cuts) + 1)

    def grades(self, cuts: Sequence[float]) -> Any:
        """Which grade each lead is in; the lowest is 0."""
        import numpy as np

        return np.searchsorted(np.asarray(cuts, dtype=float), self.fit, "right")

    def set_factor(self, grade: int) -> None:
        behaviour, factors = self.counts @ self.points, self.factors
        low = factors[grade - 1] if grade else FACTORS[0]
        high = factors[grade + 1] if grade + 1 < len(factors) else FACTORS[-1]
        grades = self.grades(self.cuts)
        has, others = grades == grade, factors[grades] * behaviour
        options = [factor for factor in FACTORS if low <= factor <= high]
        factors[grade] = self._best(
            options, float(factors[grade]), lambda factor: others + has * (factor * behaviour - others)
        )

    def set_points(self, kind: int) -> None:
        factor, count = self.factors[self.grades(self.cuts)], self.counts[:, kind]
        others = self.counts @ self.points - self.points[kind] * count
        present = float(self.points[kind])
        self.points[kind] = self._best(VALUES, present, lambda value: factor * (others + value * count))

    def set_cut(self, place: int) -> None:
        """Between its neighbours, in steps as fit points have them."""
        behaviour, cuts = self.counts @ self.points, self.cuts
        low = cuts[place - 1] if place else float(self.fit.min())
        high = cuts[place + 1] if place + 1 < len(cuts) else float(self.fit.max()) + FIT_STEP
        first = FIT_STEP * (floor(low / FIT_STEP) + 1)
        options = [float(each) for each in range(first, ceil(high), FIT_STEP)]

        def scores(cut: float) -> Any:
            return self.factors[self.grades([*cuts[:place], cut, *cuts[place + 1 :]])] * behaviour

        cuts[place] = self._best(options, cuts[place], scores)

    def _best(self, options: Sequence[float], present: float, scores: Callable[[float], Any]) -> float:
        """Uphill from the present value, first up, then down; two steps are looked ahead."""
        ordered = sorted({*options, present})
        place, reached = ordered.index(present), self._told_apart(scores(present))
        for step in (1, 2, -1, -2):
            while 0 <= place + step < len(ordered):
                found = self._told_apart(scores(ordered[place + step]))
                if found <= reached + GAIN:
                    break
                place, reached = place + step, found
        return ordered[place]

    def _told_apart(self, scores: Any) -> float:
        """The AUC."""
        import numpy as np

        others, came = np.sort(scores[~self.came]), scores[self.came]
        below = np.searchsorted(others, came, "left") + np.searchsorted(others, came, "right")
        return float(below.mean() / (2 * len(others)))
