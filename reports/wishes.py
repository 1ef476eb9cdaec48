"""What an address asks a report for, read into a scope; what cannot be read is told, and never guessed at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from crm.models import User
from crm.models.base import FIRST_DAY, LAST_DAY
from reports.periods import DEFAULT, PRESETS, ROLLING_DAYS, Period, preset
from reports.scopes import ME, NARROWED, NONE, Scope, zone_of

LONGEST = 200
KNOWN = ("period", "from", "to", *NARROWED)


@dataclass(frozen=True, slots=True)
class Wish:
    """The scope asked for, and what of the address was left out of it, with the reason."""

    scope: Scope
    complaints: dict[str, str]


def read(query: Mapping[str, str], *, user: User, at: datetime, default: str = DEFAULT) -> Wish:
    """Read `period` or `from` and `to`, `team`, `assignee`, `segment`, `source`; anything else is not looked at.

    `default` is the preset where no period is asked for.
    """
    complaints: dict[str, str] = {}
    period = _period(query, user, at, complaints, default)
    asked = {}
    for name in NARROWED:
        value = query.get(name, "").strip()
        if value and (problem := _problem(name, value)):
            complaints[name] = problem
        elif value:
            asked[name] = value
    return Wish(Scope(user, period, asked), complaints)


def _problem(name: str, value: str) -> str:
    if name in ("team", "assignee"):
        is_id = value.isascii() and value.isdigit() and len(value) < 19
        if is_id or value == NONE or (value == ME and name == "assignee"):
            return ""
        return _("Give an id, or “-” for none.")
    return (
        _("Leave this shorter, and without control characters.")
        if len(value) > LONGEST or "\0" in value
        else ""
    )


def _period(
    query: Mapping[str, str], user: User, at: datetime, complaints: dict[str, str], default: str
) -> Period:
    zone = zone_of(user)
    name = query.get("period", "")
    if name and name not in PRESETS:
        complaints["period"] = _("Choose one of: %s.") % ", ".join(PRESETS)
        name = ""
    otherwise = preset(name or default, at=at, zone=zone)
    if not (query.get("from") or query.get("to")):
        return otherwise
    first, last = (_day(query, key, zone, complaints) for key in ("from", "to"))
    last = last or max(otherwise.last, first or otherwise.last)
    found = Period(first or last - timedelta(days=ROLLING_DAYS - 1), last, zone)
    if not complaints and found.first > found.last:
        complaints["to"] = _("The last day comes before the first.")
    return otherwise if complaints else found


def _day(query: Mapping[str, str], key: str, zone: Any, complaints: dict[str, str]) -> date | None:
    """A day such as 2026-01-31, or the day in the reader's zone of a time with an offset.

    `to` is the last day that counts; a time says until when, so one at midnight means the day before.
    """
    text = query.get(key, "")
    if not text:
        return None
    day = _as_day(text) or _as_moment(text, zone, is_end=key == "to")
    if day is None or not FIRST_DAY <= day < LAST_DAY:
        complaints[key] = _("Write a day like 2026-01-31, between 1900 and 2199.")
        return None
    return day


def _as_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _as_moment(text: str, zone: Any, *, is_end: bool) -> date | None:
    try:
        moment = parse_datetime(text)
        if moment is None or moment.utcoffset() is None:
            return None
        return (moment.astimezone(zone) - (timedelta(microseconds=1) if is_end else timedelta(0))).date()
    except (ValueError, OverflowError):
        return None
