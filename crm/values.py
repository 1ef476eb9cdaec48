"""Values from cells: dates, times, numbers, yes and no, as people in several countries type them. Pure.

Each parser answers None for blank and raises `InvalidValue` with what to write instead for anything it
cannot read; it never guesses. Full-width digits and signs are read like narrow ones.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from crm.dates import (
    DATE_FORMATS,
    EXCEL,
    DateColumn,
    InvalidValue,
    infer_date_format,
    parse_date,
    time_of_serial,
)
from crm.text import shown

__all__ = [
    "DATE_FORMATS",
    "DateColumn",
    "InvalidValue",
    "infer_date_format",
    "parse_date",
    "parse_datetime",
    "parse_decimal",
    "parse_flag",
    "parse_int",
]

MOST_DIGITS = 30
_MOMENT = re.compile(
    r"(?P<day>.+?)(?:[T ]\s*(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.(?P<fraction>\d{1,9}))?)?"
    r"\s*(?P<half>AM|PM)?\s*(?P<offset>Z|UTC|[+-]\d\d:?\d\d)?)?",
    re.IGNORECASE,
)
_CURRENCY = re.compile(r"[¥$€£₩\\]|円|\b(?:JPY|USD|EUR|GBP|KRW)\b", re.IGNORECASE)
_NUMBER = re.compile(
    r"\s*(?:\+|(?P<minus>[-▲△(]?))\s*"
    r"(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d+(?:\.\d*)?|\.\d+)\s*(?P<end>\))?\s*",
    re.ASCII,
)
_YES = frozenset({"yes", "y", "true", "t", "1", "on", "はい", "有", "あり", "○", "済"})
_NO = frozenset({"no", "n", "false", "f", "0", "off", "いいえ", "無", "なし", "×", "未"})


def parse_datetime(text: str, *, zone: ZoneInfo | None = None, fmt: str = "") -> datetime | None:
    """An instant in UTC from ISO 8601 or a date in `fmt` with a time after it; a bare date is its midnight.

    A time without an offset is of `zone`; without one it is refused. A local time shown twice is the first,
    one that the clocks skipped is refused.
    """
    found = _MOMENT.fullmatch(_narrow(text))
    if found is None:
        return None
    day = parse_date(found["day"], fmt=fmt)
    try:
        local = datetime.combine(day or date.min, _time_of(found))
        if fmt == EXCEL:
            local += time_of_serial(found["day"])
        if found["offset"]:
            return local.replace(tzinfo=UTC) - _offset_of(found["offset"])
        return _in_zone(local, zone, text)
    except (ValueError, OverflowError) as error:
        if isinstance(error, InvalidValue):
            raise
        message = _("%s is not a date and time. Write one such as 2026-01-31 09:30.")
        raise InvalidValue(message % shown(text)) from error


def parse_decimal(text: str) -> Decimal | None:
    """A finite number: `1,234.50`, `¥1,234`, `(1,234)` and `▲1,234` for less than nothing.

    A comma has to group thousands; `1,5` and `1.234,50` are refused rather than guessed at, and so is the
    exponent form, which has lost its digits already.
    """
    found = _NUMBER.fullmatch(_CURRENCY.sub("", _narrow(text)))
    if not text.strip():
        return None
    if found is None or len(found["digits"]) > MOST_DIGITS or (found["minus"] == "(") != bool(found["end"]):
        raise InvalidValue(_("%s is not a number. Write one such as 1234.50 or 1,234.50.") % shown(text))
    number = Decimal(found["digits"].replace(",", ""))
    return -number if found["minus"] and number else number


# Lists of companies write 約300名 for how many people work there.
_COUNTED = re.compile(r"^\s*約|\s*(?:名|人|people|employees)\s*$", re.IGNORECASE)


def parse_int(text: str) -> int | None:
    """A whole number, `1,234`, `12.0` and `約300名` included."""
    number = parse_decimal(_COUNTED.sub("", text))
    if number is None:
        return None
    if number != number.to_integral_value():
        raise InvalidValue(_("%s is not a whole number.") % shown(text))
    return int(number)


def parse_flag(text: str) -> bool | None:
    """Yes or no, in English or Japanese, or 1 or 0."""
    word = _narrow(text).casefold()
    if not word:
        return None
    if word in _YES or word in _NO:
        return word in _YES
    raise InvalidValue(_("%s is neither yes nor no.") % shown(text))


def _narrow(text: str) -> str:
    return unicodedata.normalize("NFKC", text).replace("\u2212", "-").strip()


def _time_of(found: re.Match[str]) -> time:
    if found["hour"] is None:
        return time(0)
    hour, half = int(found["hour"]), (found["half"] or "").upper()
    if half and not 1 <= hour <= 12:
        raise ValueError(found["hour"])
    hour = hour % 12 + 12 * (half == "PM") if half else hour
    fraction = (found["fraction"] or "").ljust(6, "0")[:6]
    return time(hour, int(found["minute"]), int(found["second"] or 0), int(fraction))


def _offset_of(offset: str) -> timedelta:
    if offset.upper() in ("Z", "UTC"):
        return timedelta(0)
    hours, minutes = int(offset[1:3]), int(offset[-2:])
    if hours > 14 or minutes > 59:
        raise ValueError(offset)
    return timedelta(hours=hours, minutes=minutes) * (-1 if offset[0] == "-" else 1)


def _in_zone(local: datetime, zone: ZoneInfo | None, text: str) -> datetime:
    if zone is None:
        raise InvalidValue(_("%s has no time zone. Add an offset such as +09:00.") % shown(text))
    at = local.replace(tzinfo=zone).astimezone(UTC)
    if at.astimezone(zone).replace(tzinfo=None) != local:
        message = _("%(time)s does not exist in %(zone)s: the clocks were put forward then.")
        raise InvalidValue(message % {"time": shown(text), "zone": zone.key})
    return at
