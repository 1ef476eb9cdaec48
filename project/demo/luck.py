"""Chance that is not blind: what is better goes rather to those who are worth more."""

from __future__ import annotations

from bisect import bisect, insort
from collections.abc import Iterator, Sequence
from random import Random

HELD = 5
# How much of it stays chance: with this much, the score tells outcomes apart as well as in a real company.
SPREAD = 1.0


class Hand:
    """A few cards of a deck at a time. Whoever is worth more draws the better ones; all are played in the end."""

    def __init__(self, deck: Iterator[str], worst_first: Sequence[str], chance: Random) -> None:
        self._deck, self._order, self._chance = deck, worst_first, chance
        self._cards: list[str] = []

    def draw(self, worth: float) -> str:
        """A card for somebody worth between 0 and 1."""
        while len(self._cards) < HELD:
            self._cards.append(next(self._deck))
        self._cards.sort(key=self._order.index)
        place = (worth + self._chance.gauss(0, SPREAD)) * (HELD - 1)
        return self._cards.pop(max(0, min(HELD - 1, round(place))))


class Ranking:
    """Numbers met so far: how large a part of them a new one beats."""

    def __init__(self) -> None:
        self._met: list[float] = []

    def place(self, number: float) -> float:
        """Between 0 and 1; the first one of all is in the middle."""
        beaten, met = bisect(self._met, number), len(self._met)
        insort(self._met, number)
        return beaten / met if met else 0.5
