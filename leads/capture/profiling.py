"""What a form asks next: never what is known, and the most useful first. Pure.

A question is worth what the answer decides: whether the lead can become an MQL at all, then how far it moves the fit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

# More than all fit rules of one attribute can give together: without a required field nothing else counts.
REQUIRED_FOR_MQL = 10_000.0
# What the MQL definition calls a field, where a form calls it otherwise.
ASKED_AS = {"account": "company"}


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a form; `position` is its place on the page."""

    name: str
    position: int = 0
    is_required: bool = False
    is_always: bool = False


def usefulness(required: Iterable[str], fit_points: Iterable[tuple[str, float]]) -> dict[str, float]:
    """Worth of each field, from the fields an MQL needs and the (attribute, points) of the fit rules."""
    worth: dict[str, float] = {}
    spans: dict[str, tuple[float, float]] = {}
    for attribute, points in fit_points:
        low, high = spans.get(attribute, (0.0, 0.0))
        spans[attribute] = (min(low, points), max(high, points))
    for attribute, (low, high) in spans.items():
        worth[attribute] = high - low
    for field in required:
        name = ASKED_AS.get(field, field)
        worth[name] = worth.get(name, 0.0) + REQUIRED_FOR_MQL
    return worth


def next_questions(
    questions: Sequence[Question], *, known: Set[str], worth: Mapping[str, float], most: int
) -> list[Question]:
    """At most `most` questions, in the order of the page; those of one position as they were given.

    What is always asked comes before what is required, and that before what is merely useful. A required question
    that finds no room is asked the next time.
    """
    open_ones = [one for one in questions if one.is_always or one.name not in known]
    ranked = sorted(
        open_ones,
        key=lambda one: (not one.is_always, not one.is_required, -worth.get(one.name, 0.0), one.position),
    )
    return sorted(ranked[: max(most, 0)], key=lambda one: (one.position, questions.index(one)))
