"""Points of single assets: as far from their kind as outcomes bear out, and no farther."""

from __future__ import annotations

import random

import pytest

from reports.scoring import singles
from reports.scoring.samples import Sample
from reports.scoring.singles import FOUND, JUDGED, KEPT, Single

TEN = {"webinar": 10.0}


def drawn(having: int, asset: str = "pricing", *, lifted: float, others: int = 400) -> list[Sample]:
    """Who came to any webinar comes half the time, who came to this one more or less often by so much."""
    dice = random.Random(7)
    plain = [
        Sample(
            number, dice.random() < (0.5 if number % 2 else 0.2), {("webinar", None): float(number % 2)}, {}
        )
        for number in range(others)
    ]
    return plain + [
        Sample(others + number, dice.random() < 0.5 + lifted, {("webinar", asset): 1.0}, {})
        for number in range(having)
    ]


def proposed(rows: list[Sample], present: dict[singles.Key, float] | None = None) -> dict[str, Single]:
    scores = [sum(10 * amount for amount in one.counts.values()) for one in rows]
    found = singles.propose(rows, factors=[1.0] * len(rows), scores=scores, points=TEN, present=present or {})
    return {one.asset: one for one in found}


OWN: dict[singles.Key, float] = {("webinar", None): 5.0, ("webinar", "pricing"): 15.0}


def test_an_asset_that_leads_to_more_gets_more_and_says_why() -> None:
    one = proposed(drawn(200, lifted=0.4), OWN)["pricing"]
    assert one.points > 14
    assert (one.why, one.having) == (JUDGED, 200)
    assert one.came > one.expected
    assert 0.5 < one.data < 1


def test_the_fewer_had_it_the_nearer_it_stays_to_its_kind() -> None:
    many, few = (proposed(drawn(count, lifted=0.4), OWN)["pricing"] for count in (200, 25))
    assert 10 <= few.points < many.points
    assert few.data < many.data


def test_an_asset_that_leads_to_less_gets_less_and_never_less_than_nothing() -> None:
    one = proposed(drawn(300, lifted=-0.5), OWN)["pricing"]
    assert 0 <= one.points < 5


@pytest.mark.parametrize("having", [0, 19])
def test_an_asset_hardly_anybody_had_stays_as_far_from_its_kind(having: int) -> None:
    one = proposed(drawn(having, lifted=0.4), OWN)["pricing"]
    assert (one.points, one.why, one.having) == (30.0, KEPT, having)


def test_an_asset_nobody_singled_out_is_named_only_when_it_clearly_differs() -> None:
    assert proposed(drawn(200, lifted=0.4))["pricing"].why == FOUND
    assert proposed(drawn(200, lifted=0.0)) == {}


def test_a_kind_that_is_not_judged_says_nothing_of_its_assets() -> None:
    assert proposed(drawn(50, lifted=0.4), {("download", "guide"): 9.0}).keys() <= {"pricing"}
