"""The small change of contract sentences: numbers, spans of time, lists, working hours. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Literal

from babel import Locale
from babel.lists import format_list
from django.utils.dates import WEEKDAYS as WEEKDAY_NAMES
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.components import formats
from crm.models import WEEKDAYS

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sentence:
    """One thing that is agreed. `key` names the term, so that versions can be compared."""

    key: str
    text: str


@dataclass(frozen=True, slots=True)
class Clause:
    key: str
    title: str
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Names:
    """What codes are called in the reader's language; reasons in the order of the catalogue."""

    segments: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    programmes: Mapping[str, str] = field(default_factory=dict)

    def in_order(self, reasons: Iterable[str]) -> list[str]:
        place = {code: number for number, code in enumerate(self.reasons)}
        return sorted(reasons, key=lambda code: (place.get(code, len(place)), code))


def _locale() -> Locale:
    return Locale("ja") if formats.in_japanese() else Locale("en", "GB")


def listed(words: Iterable[object], *, style: Literal["standard", "or"] = "standard") -> str:
    """“a, b and c”; with style `or` “a, b or c”."""
    return format_list([str(word) for word in words], style=style, locale=_locale())


def joined(sentences: Iterable[str]) -> str:
    """Sentences one after the other; Japanese leaves no space between them."""
    return ("" if formats.in_japanese() else " ").join(sentences)


def count(value: float) -> str:
    return formats.number(value, 0 if value == int(value) else 2)


def span(hours: float, terms: Body) -> str:
    """“24 working hours”, or “24 hours” where every hour counts."""
    number = 1 if hours == 1 else 2
    if terms["business_hours"] and not terms["hours"]["always_open"]:
        said = ngettext("%(n)s working hour", "%(n)s working hours", number)
    else:
        said = ngettext("%(n)s hour", "%(n)s hours", number)
    return said % {"n": count(hours)}


def days(number: int) -> str:
    return ngettext("%(count)d day", "%(count)d days", number) % {"count": number}


def times(number: int) -> str:
    return ngettext("%(count)d time", "%(count)d times", number) % {"count": number}


def labels(choices: Any, values: Iterable[str]) -> list[str]:
    """The words of choices, in the order the choices are declared; one nobody knows as it is."""
    chosen = list(values)
    known = [str(choice.label) for choice in choices if choice.value in chosen]
    return known + [value for value in chosen if value not in choices.values]


def small(words: Iterable[str]) -> list[str]:
    """Labels inside an English sentence begin small, but for names such as IT or MQL."""
    return [word[:1].lower() + word[1:] if word[1:].islower() else word for word in words]


def country(code: str) -> str:
    return _locale().territories.get(code, code)


# -- working hours ------------------------------------------------------------------------------------


def open_hours(windows: Mapping[str, Sequence[Sequence[str]]]) -> str:
    """“Monday to Friday 09:00–12:00 and 13:00–18:00; Saturday 09:00–12:00”."""
    week = [(place, _spans(windows.get(day, ()))) for place, day in enumerate(WEEKDAYS)]
    runs = [(spans, [place for place, _same in run]) for spans, run in groupby(week, key=lambda day: day[1])]
    said = [_("%(days)s %(spans)s") % {"days": _days(run), "spans": spans} for spans, run in runs if spans]
    return "; ".join(said) if said else _("never")


def _spans(windows: Iterable[Sequence[str]]) -> str:
    spans = [_("%(start)s–%(end)s") % {"start": start, "end": end} for start, end in windows]
    return listed(spans) if spans else ""


def _days(run: Sequence[int]) -> str:
    first, last = str(WEEKDAY_NAMES[run[0]]), str(WEEKDAY_NAMES[run[-1]])
    if len(run) == 1:
        return first
    if len(run) == 2:
        return listed([first, last])
    return _("%(first)s to %(last)s") % {"first": first, "last": last}
