"""Forward decay: one stored number per lead whose order never changes by waiting. Pure.

Cormode, Shkapenyuk, Srivastava, Xu: "Forward Decay: A Practical Time Decay Model for Streaming Systems",
ICDE 2009. Instead of ageing every event down to now, each event is weighted up from a fixed epoch when it
happens: `weight(t) = rate ** (-(t - epoch) / period)`. The sum of weighted points is stored once; dividing
it by the weight of now gives the decayed score at any instant.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import exp, isfinite, log

EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
SECOND = timedelta(seconds=1)
LARGEST_WEIGHT = 1e290


@dataclass(frozen=True)
class Decay:
    """Points keep the share `rate` every `period_days` days, compounding continuously.

    `rate` lies in (0, 1]; 1 means points never fade. `rank` in the methods is a weighted sum of points (times
    the fit), as stored; scores and thresholds are points now. Raises ValueError for other rates, periods or
    an epoch without a zone; the methods raise it for instants without a zone, and OverflowError past
    `lasts_until`.
    """

    rate: float = 0.8
    period_days: float = 30.0
    epoch: datetime = EPOCH

    def __post_init__(self) -> None:
        if not 0 < self.rate <= 1:
            raise ValueError("The decay rate must be above 0 and at most 1.")
        if not (isfinite(self.period_days) and self.period_days > 0):
            raise ValueError("The decay period must be a positive number of days.")
        _require_zone(self.epoch)

    @property
    def period(self) -> timedelta:
        return timedelta(days=self.period_days)

    @property
    def growth(self) -> float:
        """The logarithm of what a weight grows by in a second.

        The database weighs with the same formula: by another one a score that is at the bar would miss it by a digit.
        """
        return -log(self.rate) / (self.period / SECOND)

    def lasts_until(self) -> datetime | None:
        """Until when stored sums fit a float8 with room to add; None when longer than the calendar.

        At the default rate some 250 years from the epoch. A rule that decays fast gets there within years:
        refuse a model that does not outlive its use, or give it a later epoch.
        """
        if self.rate == 1:
            return None
        try:
            return self.epoch + log(LARGEST_WEIGHT) / -log(self.rate) * self.period
        except OverflowError:
            return None

    def weight(self, at: datetime) -> float:
        """What one point given at `at` is worth in the stored sum; 1 at the epoch, growing with time."""
        return exp(self.growth * self._seconds(at))

    def contribution(self, points: float, occurred_at: datetime) -> float:
        """What an event adds to the stored sum."""
        return points * self.weight(occurred_at)

    def decayed(self, points: float, occurred_at: datetime, at: datetime) -> float:
        """What is left of an event's points at `at`, computed directly; the oracle of the stored sum."""
        return float(points * self.rate ** ((_require_zone(at) - _require_zone(occurred_at)) / self.period))

    def score_at(self, rank: float, at: datetime) -> float:
        """The score that a stored rank stands for at `at`."""
        return float(rank * self.left_at(at))

    def left_at(self, at: datetime) -> float:
        """What a stored rank of 1 stands for at `at`."""
        return exp(-self.growth * self._seconds(at))

    def bar_at(self, threshold: float, at: datetime) -> float:
        """The stored rank that scores exactly `threshold` at `at`: a range scan finds all at or above it."""
        return threshold * self.weight(at)

    def falls_below_at(self, rank: float, threshold: float) -> datetime | None:
        """The first instant, to the microsecond, at which `rank < bar_at(threshold)` if nothing happens.

        May lie in the past. None when it never crosses: nothing decays, the threshold is not positive, the
        rank was never above it, or the crossing lies outside the years 1 to 9999 or past `lasts_until`.
        """
        if self.rate == 1 or rank <= 0 or threshold <= 0:
            return None
        periods = (log(threshold) - log(rank)) / log(self.rate)
        try:
            guess = self.epoch + periods * self.period
            return self._first_below(rank, threshold, guess)
        except OverflowError:
            return None

    def _seconds(self, at: datetime) -> float:
        return (_require_zone(at) - self.epoch) / SECOND

    def _first_below(self, rank: float, threshold: float, guess: datetime) -> datetime:
        """Corrects the last few microseconds: the same comparison as `bar_at`, bracketed and bisected."""
        step = MICROSECOND
        while rank >= self.bar_at(threshold, guess + step):
            step *= 2
        high, step = guess + step, MICROSECOND
        while rank < self.bar_at(threshold, guess - step):
            step *= 2
        low = guess - step
        while high - low > MICROSECOND:
            middle = low + (high - low) // 2
            low, high = (low, middle) if rank < self.bar_at(threshold, middle) else (middle, high)
        return high


def _require_zone(at: datetime) -> datetime:
    if at.utcoffset() is None:
        raise ValueError("A time without a zone says no instant; give it with an offset.")
    return at
