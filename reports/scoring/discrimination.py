"""How well a number tells those who come from those who do not: AUC, lift, calibration, precision. Pure.

Equal to scikit-learn and scipy, and tested against them. Where there is only one kind of outcome there is nothing
to tell apart: the answer is None, never NaN.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, fsum, log, sqrt
from statistics import NormalDist

from reports.statistics import CONFIDENCE, Share, share, wilson

TENTHS = 10


@dataclass(frozen=True, slots=True)
class Auc:
    """The chance that one who came scored higher than one who did not; ties count half."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Tenth:
    """A part of the scores, the highest first; `lift` is its rate over the rate of all."""

    place: int
    least: float
    most: float
    came: Share
    lift: float | None


@dataclass(frozen=True, slots=True)
class Bin:
    """What was expected of a range of scores, and what came of it."""

    least: float
    most: float
    expected: float
    came: Share


@dataclass(frozen=True, slots=True)
class AtBar:
    """At a threshold: of those at or above it, how many came; of all who came, how many were at or above it."""

    bar: float
    precision: Share
    recall: Share


def auc(scores: Sequence[float], outcomes: Sequence[bool], *, confidence: float = CONFIDENCE) -> Auc | None:
    """With the interval of DeLong, DeLong and Clarke-Pearson (Biometrics 44, 1988), taken on the logit scale.

    On the logit scale the interval stays between 0 and 1. Where everything is told apart the variance is 0; then the
    bound is Wilson's for as many of as many, of the rarer outcome.
    """
    came = sorted(score for score, has in zip(scores, outcomes, strict=True) if has)
    others = sorted(score for score, has in zip(scores, outcomes, strict=True) if not has)
    if not came or not others:
        return None
    above = [_beaten(score, others) for score in came]
    below = [1 - _beaten(score, came) for score in others]
    value = fsum(above) / len(above)
    spread = sqrt(_variance(above) / len(above) + _variance(below) / len(below))
    return Auc(value, *_bounds(value, spread, min(len(came), len(others)), confidence))


def _beaten(score: float, ordered: Sequence[float]) -> float:
    """The share of a sorted list that lies below; equal ones count half."""
    return (bisect_left(ordered, score) + bisect_right(ordered, score)) / (2 * len(ordered))


def _variance(values: Sequence[float]) -> float:
    if len(values) < 2:
        return 0.25  # one value says nothing of its spread: the widest a share can have
    middle = fsum(values) / len(values)
    return fsum((value - middle) ** 2 for value in values) / (len(values) - 1)


def _bounds(value: float, spread: float, rarer: int, confidence: float) -> tuple[float, float]:
    if spread == 0 or not 0 < value < 1:
        low, high = wilson(round(value * rarer), rarer, confidence=confidence) or (0.0, 1.0)
        return min(low, value), max(high, value)
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    middle, reach = log(value / (1 - value)), z * spread / (value * (1 - value))
    return _logistic(middle - reach), _logistic(middle + reach)


def _logistic(value: float) -> float:
    return 1 / (1 + exp(-value)) if value >= 0 else exp(value) / (1 + exp(value))


def tenths(scores: Sequence[float], outcomes: Sequence[bool]) -> list[Tenth]:
    """Ten parts of equal size, the highest scores first; with fewer than ten, as many as there are."""
    ranked = sorted(zip(scores, outcomes, strict=True), key=lambda pair: -pair[0])
    rate = sum(outcomes) / len(outcomes) if outcomes else 0.0
    found = []
    for place, (first, end) in enumerate(parts(len(ranked), TENTHS), start=1):
        part = ranked[first:end]
        came = share(sum(has for _score, has in part), len(part))
        lift = came.rate / rate if rate and came.rate is not None else None
        found.append(Tenth(place, part[-1][0], part[0][0], came, lift))
    return found


def parts(count: int, number: int) -> list[tuple[int, int]]:
    """Where so many things in order are cut into parts whose sizes differ by one at most."""
    cuts = [round(place * count / number) for place in range(number + 1)]
    return [(first, end) for first, end in pairwise(cuts) if end > first]


def at_bar(scores: Sequence[float], outcomes: Sequence[bool], bar: float) -> AtBar:
    above = [has for score, has in zip(scores, outcomes, strict=True) if score >= bar]
    return AtBar(bar, share(sum(above), len(above)), share(sum(above), sum(outcomes)))


def brier(expected: Sequence[float], outcomes: Sequence[bool]) -> float | None:
    """The mean squared error of probabilities (Brier, 1950); 0 is perfect, a coin's 0.5 gives 0.25."""
    if not expected:
        return None
    return fsum((chance - has) ** 2 for chance, has in zip(expected, outcomes, strict=True)) / len(expected)


def calibration(
    expected: Sequence[float], outcomes: Sequence[bool], number: int = TENTHS
) -> list[tuple[float, Share]]:
    """Probabilities in parts of equal size, the lowest first: the mean of each beside the share that came."""
    ranked = sorted(zip(expected, outcomes, strict=True), key=lambda pair: pair[0])
    found = []
    for first, end in parts(len(ranked), number):
        part = ranked[first:end]
        mean = fsum(chance for chance, _has in part) / len(part)
        found.append((mean, share(sum(has for _chance, has in part), len(part))))
    return found


def calibration_error(bins: Iterable[tuple[float, Share]]) -> float | None:
    """The expected calibration error: how far off the parts are on average, each by its size."""
    told = [(mean, came) for mean, came in bins if came.rate is not None]
    whole = sum(came.whole for _mean, came in told)
    if not whole:
        return None
    return fsum(came.whole * abs(mean - (came.rate or 0.0)) for mean, came in told) / whole


def learnt_bins(
    before: Sequence[tuple[float, bool]], after: Sequence[tuple[float, bool]], number: int = 5
) -> list[Bin]:
    """What a score meant before, held against what came of it after (histogram binning, Zadrozny and Elkan 2001).

    The borders and the expected shares are of what was before alone, drawn a little to the middle (Laplace).
    """
    ranked = sorted(before)
    edges = sorted({ranked[first][0] for first, _end in parts(len(ranked), number)})
    bins = []
    for place, least in enumerate(edges):
        most = edges[place + 1] if place + 1 < len(edges) else float("inf")
        known, new = _inside(before, least, most, place == 0), _inside(after, least, most, place == 0)
        chance = (sum(known) + 1) / (len(known) + 2)
        bins.append(Bin(least, most, chance, share(sum(new), len(new))))
    return bins


def _inside(pairs: Iterable[tuple[float, bool]], least: float, most: float, is_lowest: bool) -> list[bool]:
    return [has for score, has in pairs if (is_lowest or score >= least) and score < most]
