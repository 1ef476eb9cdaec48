"""What is likely where nobody knows: how long sales takes, and whether it accepts. Pure, and without dice.

Durations are read with the product-limit estimator (Kaplan and Meier, 1958), because a handoff that nobody answered
until it was taken back says "longer than that", not nothing. Few cases of a rep or a score band lean on the many of
everybody (shrinkage): with `PRIOR` pseudo-cases of the wider group. Intervals are Wilson's (1927) at 95 %.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import sqrt

PRIOR = 10
Z = 1.959963984540054  # 95 %
# Lower ends of the score bands.
BANDS = (0, 20, 40, 60, 80, 100, 120, 160)


def band_of(score: float) -> int:
    """The lower end of the band a score lies in."""
    return BANDS[max(0, bisect_right(BANDS, score) - 1)]


def wilson(share: float, count: float) -> tuple[float, float]:
    """The 95 % interval of a share seen in so many cases; everything when there are none."""
    if count <= 0:
        return 0.0, 1.0
    middle = share + Z * Z / (2 * count)
    reach = Z * sqrt(share * (1 - share) / count + Z * Z / (4 * count * count))
    whole = 1 + Z * Z / count
    return max(0.0, (middle - reach) / whole), min(1.0, (middle + reach) / whole)


# -- how long it takes ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Duration:
    """Working hours until something was done; not `is_over`: it took longer than this, nobody knows how much."""

    hours: float
    is_over: bool


class Curve:
    """The share of cases that take longer than so many hours."""

    def __init__(self, seen: Iterable[Duration]) -> None:
        ordered = sorted(seen, key=lambda one: (one.hours, not one.is_over))
        self.count = sum(one.is_over for one in ordered)
        self._hours: list[float] = []
        self._left: list[float] = []
        left = 1.0
        for place, one in enumerate(ordered):
            if one.is_over:
                left *= 1 - 1 / (len(ordered) - place)
                self._hours.append(one.hours)
                self._left.append(left)

    def beyond(self, hours: float) -> float:
        """The share that takes longer than `hours`."""
        place = bisect_right(self._hours, hours)
        return self._left[place - 1] if place else 1.0

    def median(self) -> float | None:
        """The hours by which half is done; None when not even half ever was."""
        return next((hours for hours, left in zip(self._hours, self._left, strict=True) if left <= 0.5), None)


class Pace:
    """How long one kind of answer takes: each rep's own curve, leaning on everybody's where there are few cases."""

    def __init__(self, seen: Sequence[tuple[int | None, Duration]]) -> None:
        by_rep: dict[int | None, list[Duration]] = defaultdict(list)
        for rep, duration in seen:
            by_rep[rep].append(duration)
        self.everybody = Curve(duration for _rep, duration in seen)
        self._curves = {rep: Curve(durations) for rep, durations in by_rep.items()}

    def late(self, rep: int | None, limit: float, *, known: float = 0.0) -> float:
        """The chance that it takes longer than `limit` hours, given that `known` hours have passed without it."""
        if known >= limit:
            return 1.0
        still = self._beyond(rep, known)
        return min(1.0, self._beyond(rep, limit) / still) if still > 0 else 1.0

    def _beyond(self, rep: int | None, hours: float) -> float:
        own = self._curves.get(rep)
        count = own.count if own else 0
        share = own.beyond(hours) if own else 0.0
        return (count * share + PRIOR * self.everybody.beyond(hours)) / (count + PRIOR)

    def usual(self, rep: int | None, otherwise: float) -> float:
        """The middle duration of a rep with cases enough, else everybody's."""
        own = self._curves.get(rep)
        median = own.median() if own and own.count >= PRIOR else None
        return median or self.everybody.median() or otherwise


# -- whether sales accepts ------------------------------------------------------------------------


@dataclass(slots=True)
class Count:
    accepted: float = 0.0
    decided: int = 0

    def add(self, is_accepted: bool) -> None:
        self.accepted += is_accepted
        self.decided += 1

    def leaning_on(self, prior: float) -> float:
        """The share, as if `PRIOR` more cases had gone as in the wider group."""
        return (self.accepted + PRIOR * prior) / (self.decided + PRIOR)


@dataclass(frozen=True, slots=True)
class Chance:
    """A probability, the 95 % interval it lies in, and how many cases of the band it rests on."""

    value: float
    low: float
    high: float
    cases: int


@dataclass(slots=True)
class Acceptance:
    """The share of leads sales accepts, by score band and source; each leans on the next wider group."""

    all: Count = field(default_factory=Count)
    bands: dict[int, Count] = field(default_factory=lambda: defaultdict(Count))
    sources: dict[tuple[int, str], Count] = field(default_factory=lambda: defaultdict(Count))

    def see(self, score: float, source: str, is_accepted: bool) -> None:
        band = band_of(score)
        for count in (self.all, self.bands[band], self.sources[band, source]):
            count.add(is_accepted)

    def of(self, score: float, source: str) -> Chance:
        """How likely sales accepts a lead of this score and source.

        The interval is that of the band: what one source in it adds is not known better than the band itself. A band
        nobody was ever handed over from gets the widest interval there is.
        """
        band = band_of(score)
        in_band = self.bands.get(band, Count())
        share = in_band.leaning_on(self.all.leaning_on(0.5))
        value = self.sources.get((band, source), Count()).leaning_on(share)
        low, high = wilson(share, in_band.decided)
        return Chance(value, min(low, value), max(high, value), in_band.decided)


@dataclass(frozen=True, slots=True)
class Chances:
    """Everything a replay expects where it does not know."""

    response: Pace
    acceptance: Pace
    feedback: Pace
    accepting: Acceptance
