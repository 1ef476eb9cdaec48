from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.values import InvalidValue, parse_datetime, parse_decimal, parse_flag, parse_int

TOKYO = ZoneInfo("Asia/Tokyo")
NEW_YORK = ZoneInfo("America/New_York")
HALF_PAST_NINE = datetime(2026, 3, 1, 0, 30, tzinfo=UTC)

# Moments ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01 09:30",
        "2026-03-01T09:30:00",
        "2026-03-01T00:30:00Z",
        "2026-03-01T09:30+09:00",
        "2026-02-28 19:30:00.000 -0500",
        "2026/3/1 9:30 AM",
        "２０２６年３月１日　９：３０",
    ],
)
def test_one_moment_written_in_many_ways(text: str) -> None:
    assert parse_datetime(text, zone=TOKYO) == HALF_PAST_NINE


@given(st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.timezones()))
def test_iso_8601_is_read_back(at: datetime) -> None:
    if at.utcoffset() and at.utcoffset() % timedelta(minutes=1):  # type: ignore[operator]
        return  # local mean time of long ago has seconds
    assert parse_datetime(at.isoformat()) == at.astimezone(UTC)


def test_a_date_alone_is_its_midnight() -> None:
    assert parse_datetime("2026-03-01", zone=TOKYO) == datetime(2026, 2, 28, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "hour"), [("12:00 AM", 0), ("12:00 PM", 12), ("1:00 pm", 13), ("11:59 AM", 11)]
)
def test_twelve_hours_twice(text: str, hour: int) -> None:
    at = parse_datetime(f"10/20/2016 {text}", zone=ZoneInfo("UTC"), fmt="mm/dd/yyyy")
    assert at is not None
    assert at.hour == hour


def test_an_hour_shown_twice_is_the_first() -> None:
    assert parse_datetime("2026-11-01 01:30", zone=NEW_YORK) == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


def test_an_hour_that_was_skipped_is_refused() -> None:
    with pytest.raises(InvalidValue, match="does not exist in America/New_York"):
        parse_datetime("2026-03-08 02:30", zone=NEW_YORK)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(InvalidValue, match="no time zone"):
        parse_datetime("2026-03-01 09:30")


@pytest.mark.parametrize(
    "text",
    ["now", "2026-03-01 24:00", "2026-03-01 09:60", "2026-03-01 13:00 PM", "2026-03-01 0:00 AM",
     "2026-03-01T09:30+23:25", "2026-03-01T09:30+09:75", "0001-01-01T00:00+05:00", "9999-12-31T23:00-05:00", "10:00",
     "2026-02-30 10:00", "\ud800"],
)  # fmt: skip
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        parse_datetime(text, zone=TOKYO)
    str(refusal.value).encode()


def test_the_ends_of_the_calendar_are_refused_in_any_zone() -> None:
    for text in ("0001-01-01", "9999-12-31 23:00"):
        for zone in (TOKYO, NEW_YORK):
            try:
                parse_datetime(text, zone=zone)
            except InvalidValue:
                continue


def test_a_blank_is_no_moment() -> None:
    assert parse_datetime(" ") is None


# Numbers ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1,234.50", "1234.50"),
        ("1234.5", "1234.5"),
        ("￥１，２３４", "1234"),
        ("¥1,234,567", "1234567"),
        ("1,000円", "1000"),
        ("$ 5", "5"),
        ("12 EUR", "12"),
        ("-5", "-5"),
        ("−5", "-5"),
        ("▲1,234", "-1234"),
        ("(1,234.5)", "-1234.5"),
        ("+5", "5"),
        (".5", "0.5"),
        ("5.", "5"),
        ("-0", "0"),
        ("007", "7"),
    ],
)
def test_a_number_is_read(text: str, number: str) -> None:
    assert parse_decimal(text) == Decimal(number)


@pytest.mark.parametrize(
    "text",
    ["1,5", "1.234,50", "12,34", "1,2345", "1e5", "1.23E+05", "NaN", "Infinity", "¥", "--5", "(5", "5)", "-(5)", "1 2",
     "51-200", "٣", "5%", "x", "1" * 31, "0x10", "1_000", "\ud800"],
)  # fmt: skip
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        parse_decimal(text)
    str(refusal.value).encode()


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**15), max_value=10**15))
def test_numbers_written_with_and_without_groups_are_read_back(number: Decimal) -> None:
    assert parse_decimal(f"{number:f}") == parse_decimal(f"{number:,f}") == number


def test_whole_numbers() -> None:
    assert [parse_int(text) for text in ("1,234", "12.0", "", "-3")] == [1234, 12, None, -3]
    assert [parse_int(text) for text in ("約1,200名", "３００ 人", "50 employees")] == [1200, 300, 50]
    with pytest.raises(InvalidValue, match="not a whole number"):
        parse_int("1.5")


def test_blank_is_no_number() -> None:
    assert parse_decimal("") is parse_decimal(" 　") is None


# Yes and no -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("Yes", True),
        ("はい", True),
        ("TRUE", True),
        ("１", True),
        ("no", False),
        ("いいえ", False),
        ("", None),
    ],
)
def test_yes_and_no(text: str, flag: bool | None) -> None:
    assert parse_flag(text) is flag


def test_maybe_is_neither() -> None:
    with pytest.raises(InvalidValue, match="neither yes nor no"):
        parse_flag("maybe")


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    for parse in (parse_decimal, parse_int, parse_flag, lambda cell: parse_datetime(cell, zone=TOKYO)):
        try:
            parse(text)
        except InvalidValue as refusal:
            str(refusal).encode()
