"""Waits grow, last about three days, and heed what a receiver asks for within reason."""

from datetime import timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.webhooks import backoff
from tests.support.clock import START


def test_the_waits_of_a_delivery_grow_and_last_about_three_days() -> None:
    waits = [backoff.next_wait(tries) for tries in range(1, len(backoff.WAITS) + 1)]
    assert waits == sorted(waits)
    assert timedelta(days=3) < sum(waits, timedelta(0)) < timedelta(days=3.5)
    assert backoff.next_wait(len(backoff.WAITS) + 1) is None


def test_a_receiver_that_fails_on_is_left_alone_longer_and_an_hour_at_most() -> None:
    pauses = [backoff.pause(failures) for failures in range(1, 100)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == timedelta(hours=1)


@given(st.integers(1, 9), st.integers(0, 10**9))
def test_what_is_asked_for_lengthens_a_wait_by_a_day_at_most(tries: int, seconds: int) -> None:
    usual, asked = backoff.WAITS[tries - 1], timedelta(seconds=seconds)
    assert backoff.next_wait(tries, asked) == max(usual, min(asked, timedelta(hours=24)))
    assert backoff.pause(tries, asked) >= backoff.pause(tries)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        (" 5 ", 5),
        ("0", 0),
        (format_datetime(START + timedelta(seconds=90)), 90),
        ("9" * 40, 86400),
    ],
)
def test_a_retry_after_is_seconds_or_a_date(header: str, seconds: int) -> None:
    assert backoff.asked_for(header, START) == timedelta(seconds=seconds)


def test_a_date_that_has_passed_asks_for_nothing() -> None:
    assert backoff.asked_for(format_datetime(START - timedelta(days=1)), START) == timedelta(0)


@given(st.text(max_size=60))
def test_any_header_is_a_wait_of_a_day_at_most_or_nothing(header: str) -> None:
    asked = backoff.asked_for(header, START)
    assert asked is None or timedelta(0) <= asked <= timedelta(days=1)
