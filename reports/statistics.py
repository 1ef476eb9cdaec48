"""Small statistics, so that small numbers are not taken for large ones. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many, with the interval that holds the true share 95 times in 100."""

    part: int
    whole: int
    low: float | None
    high: float | None

    @property
    def rate(self) -> float | None:
        return self.part / self.whole if self.whole else None

    def could_be(self, promised: float | None) -> bool:
        """Whether a promise of this share cannot be told from what was counted: chance alone explains the gap."""
        if promised is None or self.low is None or self.high is None:
            return False
        return self.low <= promised <= self.high


def share(part: int, whole: int) -> Share:
    low, high = wilson(part, whole) or (None, None)
    return Share(part, whole, low, high)


def wilson(part: int, whole: int, *, confidence: float = CONFIDENCE) -> tuple[float, float] | None:
    """Wilson's score interval of a share (Wilson, JASA 22, 1927); None when nothing was counted.

    Unlike the textbook's ±, it stays between 0 and 1 and is honest for few and for extreme counts.
    """
    if whole <= 0:
        return None
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate, square = part / whole, z * z / whole
    middle = (rate + square / 2) / (1 + square)
    reach = z / (1 + square) * sqrt(rate * (1 - rate) / whole + square / (4 * whole))
    # At none and at all the bound is exactly 0 and 1; rounding must not move it.
    return (0.0 if part == 0 else middle - reach), (1.0 if part == whole else middle + reach)
