"""When something happened, as tools write it: ISO 8601, seconds since 1970, years first, or a named format. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from crm.text import shown
from crm.values import InvalidValue, parse_datetime

MILLISECONDS_FROM = 10**11
_EPOCH = re.compile(r"\d{10}(?:\d{3})?(?:\.\d{1,6})?")
_CLOCK = re.compile(r"(\d{1,2})時\s*(\d{1,2})分(?:\s*(\d{1,2})秒)?")


def moment(value: Any, *, zone: ZoneInfo, fmt: str) -> datetime | None:
    """The instant in UTC; None for blank. Raises InvalidValue with what to write instead."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _since_1970(float(value))
    said = "" if value is None else str(value).strip()
    if not said:
        return None
    if not fmt and _EPOCH.fullmatch(said):
        return _since_1970(float(said))
    return _written(_CLOCK.sub(_as_digits, said), zone, fmt)


def _since_1970(number: float) -> datetime:
    seconds = number / 1000 if number >= MILLISECONDS_FROM else number
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise InvalidValue(_("%s is no time since 1970.") % shown(str(number))) from error


def _as_digits(found: re.Match[str]) -> str:
    return f" {found[1]}:{found[2]:0>2}:{found[3] or '0':0>2}"


def _written(said: str, zone: ZoneInfo, fmt: str) -> datetime | None:
    refusal: InvalidValue | None = None
    for one in fmt.split("|"):
        try:
            return _in_one_format(said, zone, one.strip())
        except InvalidValue as error:
            refusal = refusal or error
    assert refusal is not None
    raise refusal


def _in_one_format(said: str, zone: ZoneInfo, fmt: str) -> datetime | None:
    if "%" not in fmt:
        return parse_datetime(said, zone=zone, fmt=fmt)
    try:
        local = datetime.strptime(said, fmt)  # noqa: DTZ007 the zone is given below
    except ValueError as error:
        told = {"text": shown(said), "form": fmt}
        raise InvalidValue(_("%(text)s is not a time of the form %(form)s.") % told) from error
    return parse_datetime(local.isoformat(), zone=zone)
