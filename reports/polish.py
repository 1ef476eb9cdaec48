"""Rounded points made to fit each other: each is set to the value that tells outcomes apart best, in turn. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

# Numbers people give when they give points, and factors.
VALUES = (0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0, 15.0, 20.0, 25.0, 30.0, 40.0, 50.0, 60.0, 80.0)
FACTORS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.5, 2.0, 2.5)
PASSES = 2
GAIN = 1e-6  # of AUC; less is noise of the arithmetic


@dataclass(frozen=True, slots=True)
class Polished:
    """Points of each kind, and a factor of each grade that never falls from one grade to the next."""

    points: list[float]
    factors: list[float]


def polish(
    *, counts: Sequence[Sequence[float]], grades: Sequence[int], came: Sequence[bool], points: Sequence[float]
) -> Polished:
    """`counts` of each kind, the grade and the outcome of each lead; `points` of each kind to begin with."""
    work = _Work(counts, grades, came, points)
    for _ in range(PASSES):
        for grade in range(len(work.factors)):
            work.set_factor(grade)
        for kind in range(len(work.points)):
            work.set_points(kind)
    return Polished([float(each) for each in work.points], [float(each) for each in work.factors])


class _Work:
    def __init__(
        self,
        counts: Sequence[Sequence[float]],
        grades: Sequence[int],
        came: Sequence[bool],
        points: Sequence[float],
    ) -> None:
        import numpy as np

        self.counts, self.came = np.asarray(counts, dtype=float), np.asarray(came, dtype=bool)
        self.grades, self.points = np.asarray(grades, dtype=int), np.asarray(points, dtype=float)
        self.factors: Any = np.ones(max(grades, default=0) + 1)

    def set_factor(self, grade: int) -> None:
        behaviour, factors = self.counts @ self.points, self.factors
        low = factors[grade - 1] if grade else FACTORS[0]
        high = factors[grade + 1] if grade + 1 < len(factors) else FACTORS[-1]
        has, others = self.grades == grade, factors[self.grades] * behaviour
        options = [factor for factor in FACTORS if low <= factor <= high]
        factors[grade] = self._best(
            options, float(factors[grade]), lambda factor: others + has * (factor * behaviour - others)
        )

    def set_points(self, kind: int) -> None:
        factor, count = self.factors[self.grades], self.counts[:, kind]
        others = self.counts @ self.points - self.points[kind] * count
        present = float(self.points[kind])
        self.points[kind] = self._best(VALUES, present, lambda value: factor * (others + value * count))

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
