"""Wilson's interval against SciPy, and what small numbers may say."""

from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.statistics import share, wilson

# scipy 1.17.1: binomtest(part, whole).proportion_ci(0.95, method="wilson")
SCIPY = [
    (0, 1, 0.0, 0.7934506856227626),
    (1, 1, 0.20654931437723745, 1.0),
    (0, 10, 0.0, 0.27753279986288926),
    (3, 10, 0.10779126740630102, 0.6032218525388546),
    (10, 10, 0.7224672001371109, 1.0),
    (7, 9, 0.4525889691069889, 0.9367748928821533),
    (27, 45, 0.4545185459035138, 0.7297511343499085),
    (55, 100, 0.45244602997442135, 0.6438546202048803),
    (300, 500, 0.5564541227024271, 0.6420210092052625),
    (1, 1000, 0.00017654637062607809, 0.0056425585979579355),
    (99999, 100000, 0.9999433529034095, 0.9999982347522695),
]


@pytest.mark.parametrize(("part", "whole", "low", "high"), SCIPY)
def test_the_interval_is_scipys(part: int, whole: int, low: float, high: float) -> None:
    found = wilson(part, whole)
    assert found is not None
    assert isclose(found[0], low, rel_tol=1e-9, abs_tol=1e-12)
    assert isclose(found[1], high, rel_tol=1e-9)


def test_nothing_counted_has_no_interval() -> None:
    assert wilson(0, 0) is None
    assert share(0, 0).rate is None
    assert not share(0, 0).could_be(0.5)


@given(whole=st.integers(1, 10**6), part=st.floats(0, 1))
def test_the_share_lies_in_its_interval_and_the_interval_in_one(whole: int, part: float) -> None:
    found = share(int(part * whole), whole)
    assert found.low is not None
    assert found.high is not None
    assert found.rate is not None
    assert 0 <= found.low <= found.rate <= found.high <= 1
    assert found.low < found.high


def test_a_handful_could_be_chance_and_a_thousand_could_not() -> None:
    assert share(5, 9).could_be(0.6)
    assert not share(500, 1000).could_be(0.6)
