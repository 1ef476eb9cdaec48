"""The stored number against the direct sum, and what follows from one common rate."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import fsum, inf, isclose, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.scoring.decay import Decay

DECAY = Decay()
NOW = datetime(2026, 6, 1, tzinfo=UTC)
YEARS = timedelta(days=3653)
MICROSECOND = timedelta(microseconds=1)

MOMENTS = st.datetimes(NOW.replace(tzinfo=None) - YEARS, NOW.replace(tzinfo=None), timezones=st.just(UTC))
POINTS = st.floats(0.5, 1000)
EVENTS = st.lists(st.tuples(POINTS, MOMENTS), min_size=1, max_size=40)
DECAYS = st.builds(Decay, rate=st.floats(0.3, 0.999), period_days=st.floats(7, 400))


def stored(events: list[tuple[float, datetime]], decay: Decay = DECAY) -> float:
    """Added up one event after another, as the database does."""
    return sum(decay.contribution(points, at) for points, at in events)


def direct(events: list[tuple[float, datetime]], at: datetime, decay: Decay = DECAY) -> float:
    return fsum(decay.decayed(points, occurred, at) for points, occurred in events)


def test_a_fifth_fades_in_thirty_days() -> None:
    assert isclose(DECAY.decayed(10, NOW, NOW + timedelta(days=30)), 8)
    assert isclose(DECAY.decayed(10, NOW, NOW + timedelta(days=60)), 6.4)
    assert isclose(DECAY.decayed(10, NOW, NOW + timedelta(days=15)), 10 * 0.8**0.5)


def test_a_point_at_the_epoch_weighs_one() -> None:
    assert DECAY.weight(DECAY.epoch) == 1


@given(EVENTS, st.timedeltas(timedelta(0), YEARS))
def test_the_stored_sum_is_the_direct_sum_over_ten_years(
    events: list[tuple[float, datetime]], later: timedelta
) -> None:
    at = NOW + later
    assert isclose(DECAY.score_at(stored(events), at), direct(events, at), rel_tol=1e-12)


@given(EVENTS, st.datetimes(datetime(2015, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)))
def test_the_epoch_does_not_matter(events: list[tuple[float, datetime]], epoch: datetime) -> None:
    other = replace(DECAY, epoch=epoch)
    assert isclose(other.score_at(stored(events, other), NOW), direct(events, NOW), rel_tol=1e-12)


@given(st.floats(1e-3, 1e12), st.floats(1e-3, 1e12), st.timedeltas(timedelta(0), 3 * YEARS))
def test_waiting_never_changes_the_order(one: float, other: float, later: timedelta) -> None:
    low, high = sorted((one, other))
    assert DECAY.score_at(low, NOW) <= DECAY.score_at(high, NOW)
    assert DECAY.score_at(low, NOW + later) <= DECAY.score_at(high, NOW + later)


@given(DECAYS, st.floats(1, 1e6), MOMENTS, st.timedeltas(MICROSECOND, YEARS))
def test_waiting_never_lifts_a_score(decay: Decay, rank: float, at: datetime, later: timedelta) -> None:
    assert decay.score_at(rank, at + later) <= decay.score_at(rank, at)


@given(DECAYS, st.floats(0.01, 1e4), st.floats(0.01, 1e4), MOMENTS)
def test_it_falls_below_at_the_very_microsecond(
    decay: Decay, points: float, threshold: float, at: datetime
) -> None:
    rank = decay.contribution(points, at)
    falls = decay.falls_below_at(rank, threshold)
    assert falls is not None
    assert rank < decay.bar_at(threshold, falls)
    assert rank >= decay.bar_at(threshold, falls - MICROSECOND)
    assert (falls <= at) == (rank < decay.bar_at(threshold, at))


def test_a_hundred_points_reach_eighty_after_one_period() -> None:
    falls = DECAY.falls_below_at(DECAY.contribution(100, NOW), 80)
    assert falls is not None
    assert abs(falls - NOW - timedelta(days=30)) < timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("rank", "threshold"), [(0, 80), (-1, 80), (80, 0), (80, -5), (5e-324, 1e308), (1e300, 1e-300)]
)
def test_what_never_crosses_has_no_date(rank: float, threshold: float) -> None:
    assert Decay(rate=0.999, period_days=3650).falls_below_at(rank, threshold) is None


def test_points_that_do_not_fade_never_fall() -> None:
    still = Decay(rate=1)
    assert still.falls_below_at(100, 80) is None
    assert still.lasts_until() is None
    assert still.score_at(100, NOW + YEARS) == 100


def test_a_sum_fits_until_the_time_that_is_told() -> None:
    until = DECAY.lasts_until()
    assert until is not None
    assert until > DECAY.epoch + timedelta(days=240 * 365)
    assert DECAY.weight(until) < inf
    quick = Decay(rate=0.01, period_days=1)
    assert quick.lasts_until() < DECAY.epoch + timedelta(days=365)  # type: ignore[operator]
    with pytest.raises(OverflowError):
        quick.weight(NOW)


@pytest.mark.parametrize("rate", [0, -0.1, 1.01, nan, inf])
def test_rates_outside_zero_and_one_are_refused(rate: float) -> None:
    with pytest.raises(ValueError, match="rate"):
        Decay(rate=rate)


@pytest.mark.parametrize("period", [0, -1, nan, inf])
def test_periods_that_are_no_time_are_refused(period: float) -> None:
    with pytest.raises(ValueError, match="period"):
        Decay(period_days=period)


def test_times_without_a_zone_are_refused() -> None:
    for ask in (
        lambda at: DECAY.weight(at),
        lambda at: DECAY.decayed(1, at, NOW),
        lambda at: Decay(epoch=at),
    ):
        with pytest.raises(ValueError, match="zone"):
            ask(datetime(2026, 6, 1))
