"""What an address asks for is read as it was meant, or said to be wrong."""

from __future__ import annotations

import pytest

from reports import wishes
from tests.support.cast import Cast

pytestmark = pytest.mark.django_db


def read(cast: Cast, **query: str) -> wishes.Wish:
    return wishes.read(query, user=cast.marketer, at=cast.at)


def days(wish: wishes.Wish) -> tuple[str, str]:
    return str(wish.scope.period.first), str(wish.scope.period.last)


def test_without_a_wish_the_last_thirty_days(cast: Cast) -> None:
    assert days(read(cast)) == ("2026-05-03", "2026-06-01")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"period": "last_quarter"}, ("2026-01-01", "2026-03-31")),
        ({"from": "2026-01-05", "to": "2026-01-07"}, ("2026-01-05", "2026-01-07")),
        ({"from": "2026-05-20"}, ("2026-05-20", "2026-06-01")),
        ({"to": "2026-05-30"}, ("2026-05-01", "2026-05-30")),
        ({"period": "this_week", "from": "2026-01-05", "to": "2026-01-05"}, ("2026-01-05", "2026-01-05")),
        # A time with an offset is the day it falls on for the reader, in Tokyo; `to` says until when.
        ({"from": "2026-01-04T15:00:00Z", "to": "2026-01-06T15:00:00Z"}, ("2026-01-05", "2026-01-06")),
    ],
)
def test_days_and_presets(cast: Cast, query: dict[str, str], found: tuple[str, str]) -> None:
    wish = read(cast, **query)
    assert (days(wish), wish.complaints) == (found, {})


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"period": "someday"}, "period"),
        ({"from": "yesterday"}, "from"),
        ({"from": "2026-02-30"}, "from"),
        ({"to": "0001-01-01"}, "to"),
        ({"to": "9999-12-31"}, "to"),
        ({"from": "2026-01-04T15:00:00"}, "from"),
        ({"from": "0001-01-01T00:00:00+23:59"}, "from"),
        ({"from": "2026-06-05", "to": "2026-06-01"}, "to"),
        ({"team": "Tokyo"}, "team"),
        ({"team": "me"}, "team"),
        ({"assignee": "٣"}, "assignee"),
        ({"assignee": "9" * 30}, "assignee"),
        ({"source": "a\0b"}, "source"),
        ({"segment": "x" * 300}, "segment"),
    ],
)
def test_what_cannot_be_read_is_named_and_left_out(cast: Cast, query: dict[str, str], named: str) -> None:
    wish = read(cast, **query)
    assert list(wish.complaints) == [named]
    assert wish.scope.asked == {}
    assert days(wish) == ("2026-05-03", "2026-06-01")


def test_an_address_that_was_read_can_be_written_again(cast: Cast) -> None:
    query = {"period": "this_month", "team": "3", "assignee": "-", "segment": "enterprise", "source": "web"}
    assert read(cast, **query).scope.query == query


def test_days_begin_in_the_readers_zone(cast: Cast) -> None:
    cast.marketer.time_zone = "America/New_York"
    assert days(read(cast)) == ("2026-05-02", "2026-05-31")
