"""What is likely: durations with censoring, acceptance with shrinkage; the same answer every time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla.replay.chances import BANDS, PRIOR, Acceptance, Curve, Duration, Pace, band_of, wilson

durations = st.lists(
    st.builds(Duration, st.floats(0, 200, allow_nan=False), st.booleans()), min_size=1, max_size=40
)


def done(*hours):
    return [Duration(each, True) for each in hours]


def test_without_censoring_the_curve_is_the_plain_share():
    curve = Curve(done(1, 2, 3, 4))
    assert [curve.beyond(hours) for hours in (0.5, 1, 2.5, 4)] == [1, 0.75, 0.5, 0]


def test_a_case_that_nobody_finished_says_longer_than_that():
    # Kaplan and Meier by hand: at 1 of 3 cases, at 3 of 1 case; the one given up at 2 leaves without an end.
    curve = Curve([*done(1, 3), Duration(2, False)])
    assert curve.beyond(1) == pytest.approx(2 / 3)
    assert curve.beyond(2) == pytest.approx(2 / 3)
    assert curve.beyond(3) == 0


@given(durations, st.floats(0, 200), st.floats(0, 200))
def test_the_curve_only_falls_and_stays_a_share(seen, one, other):
    curve = Curve(seen)
    early, late = sorted((one, other))
    assert 1 >= curve.beyond(early) >= curve.beyond(late) >= 0


@given(durations, st.floats(0, 100), st.floats(0, 100))
def test_a_chance_of_being_late_is_a_chance_and_grows_with_the_time_that_has_passed(seen, limit, known):
    pace = Pace([(1, duration) for duration in seen])
    late = pace.late(1, limit, known=known)
    assert 0 <= pace.late(1, limit) <= late <= 1
    assert pace.late(1, limit, known=limit) == 1


def test_a_rep_without_cases_is_like_everybody_and_one_with_many_like_themselves():
    pace = Pace([(1, each) for each in done(*[50] * 90)] + [(2, each) for each in done(*[1] * 10)])
    assert pace.late(3, 24) == pytest.approx(0.9)
    assert pace.late(1, 24) == pytest.approx((90 + PRIOR * 0.9) / (90 + PRIOR))
    assert pace.late(2, 24) == pytest.approx(PRIOR * 0.9 / (10 + PRIOR))


def test_what_is_usual_is_the_middle_of_who_has_cases_enough():
    pace = Pace([(1, each) for each in done(*[8] * 12)] + [(2, each) for each in done(1, 1)])
    assert pace.usual(1, 80) == 8
    assert pace.usual(2, 80) == 8
    assert Pace([]).usual(1, 80) == 80


@pytest.mark.parametrize(("score", "band"), [(0, 0), (19.99, 0), (20, 20), (80, 80), (159, 120), (999, 160)])
def test_a_score_lies_in_its_band(score, band):
    assert band_of(score) == band
    assert band in BANDS


def test_the_interval_is_wilsons():
    low, high = wilson(0.5, 10)  # the textbook's value
    assert (round(low, 3), round(high, 3)) == (0.237, 0.763)
    assert wilson(0.0, 0) == (0, 1)


@given(st.integers(0, 50), st.integers(1, 50))
def test_the_interval_holds_the_share(accepted, more):
    share, count = accepted / (accepted + more), accepted + more
    low, high = wilson(share, count)
    assert 0 <= low <= share + 1e-12
    assert share - 1e-12 <= high <= 1


def test_a_band_with_many_cases_speaks_for_itself_and_one_without_leans_on_all():
    accepting = Acceptance()
    for number in range(100):
        accepting.see(85, "fair", number < 90)
    own, empty = accepting.of(85, "fair"), accepting.of(45, "fair")
    assert own.value == pytest.approx(0.9, abs=0.02)
    assert own.low < own.value < own.high < 1
    assert empty.value == pytest.approx(0.9, abs=0.05)
    assert (empty.low, empty.high, empty.cases) == (0, 1, 0)


def test_a_source_with_few_cases_moves_only_a_little():
    accepting = Acceptance()
    for _ in range(50):
        accepting.see(85, "fair", True)
    accepting.see(85, "cold", False)
    assert 0.7 < accepting.of(85, "cold").value < accepting.of(85, "fair").value
