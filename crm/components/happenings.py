"""A timeline: what happened, by day, newest first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _

from crm.components import formats
from crm.components.faces import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One line of a timeline. `body` is what a person wrote, shown as written; `deed` is what may be done with it.

    `whom` it happened to is said where a timeline is of several people.
    """

    at: datetime
    text: Words
    icon: str = "spark"
    tone: str = "plain"
    by: Words = ""
    whom: Words = ""
    body: str = ""
    url: str = ""
    deed: Words = ""
    deed_url: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    words: str
    happenings: list[Any]


def by_day(happenings: Iterable[Any], now: datetime | None = None) -> Sequence[Day]:
    """Groups in the order given, so newest first stays newest first."""
    return [
        Day(_day_words(members[0].at, now), members)
        for members in (
            list(group) for _day, group in groupby(happenings, key=lambda one: formats.local(one.at).date())
        )
    ]


def _day_words(moment: datetime, now: datetime | None) -> str:
    here = formats.local(moment).date()
    nights = (formats.local(now).date() - here).days if now else None
    if nights == 0:
        return _("Today")
    if nights == 1:
        return _("Yesterday")
    return formats.day(here)
