"""Columns with sort links, and filters as chips: both live in the URL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.http import QueryDict

from crm.components.faces import Words
from crm.components.links import CURSOR, changed, toggled

SORT, COLUMNS = "sort", "columns"


@dataclass(frozen=True, slots=True)
class Column:
    """`sort` is the ordering's public name; empty where the list cannot be ordered by it.

    An `optional` column may be hidden; one that is not there `at_first` may be asked for.
    """

    key: str
    label: Words
    sort: str = ""
    numeric: bool = False
    falls_first: bool = False
    optional: bool = False
    at_first: bool = True
    hint: Words = ""


@dataclass(frozen=True, slots=True)
class Head:
    column: Column
    url: str
    direction: str
    icon: str


def heads(columns: Iterable[Column], query: QueryDict, default: str = "") -> list[Head]:
    """The header cells; `default` is the order of a list whose URL says nothing."""
    current = query.get(SORT, default)
    return [_head(column, query, current) for column in columns]


def _head(column: Column, query: QueryDict, current: str) -> Head:
    if not column.sort:
        return Head(column, "", "", "")
    rising, falling = column.sort, f"-{column.sort}"
    direction = {rising: "ascending", falling: "descending"}.get(current, "")
    first, second = (falling, rising) if column.falls_first else (rising, falling)
    icon = {"ascending": "up", "descending": "down"}.get(direction, "sort")
    return Head(column, changed(query, {SORT: second if current == first else first}), direction, icon)


def shown(columns: Sequence[Column], query: QueryDict) -> list[Column]:
    """The columns a person chose; the ones that are not optional are always there."""
    if COLUMNS not in query:
        return [column for column in columns if column.at_first]
    chosen = set(",".join(query.getlist(COLUMNS)).split(","))
    return [column for column in columns if not column.optional or column.key in chosen]


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: Words
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Filter:
    """One question a list can be asked. `many` lets several answers stand beside each other.

    `default` is the answer where the address gives none; `dates` names two days that may be given instead.
    """

    name: str
    label: Words
    options: Sequence[Option] = field(default_factory=list)
    many: bool = False
    default: str = ""
    dates: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    option: Option
    url: str
    on: bool


@dataclass(frozen=True, slots=True)
class Chip:
    """`is_on` when the address asks for it.

    `dates` are name and value of its two days, `kept` what else their form sends along.
    """

    filter: Filter
    values: list[Words]
    clear: str
    choices: list[Choice]
    is_on: bool
    dates: list[tuple[str, str]]
    kept: list[tuple[str, str]]


def chips(filters: Iterable[Filter], query: QueryDict) -> list[Chip]:
    return [_chip(one, query) for one in filters]


def _chip(one: Filter, query: QueryDict) -> Chip:
    dates = [(name, query.get(name, "")) for name in one.dates or ()]
    typed: list[Words] = (
        [" – ".join(value for _name, value in dates)] if any(value for _name, value in dates) else []
    )
    chosen = [] if typed else query.getlist(one.name) or [one.default]
    choices = [Choice(option, _answer(one, option, query), option.value in chosen) for option in one.options]
    return Chip(
        filter=one,
        values=typed or [choice.option.label for choice in choices if choice.on],
        clear=changed(query, dict.fromkeys(keys(one))),
        choices=choices,
        is_on=bool(typed) or any(choice.option.value in query.getlist(one.name) for choice in choices),
        dates=dates,
        kept=_others(one, query) if dates else [],
    )


def keys(one: Filter) -> list[str]:
    """The keys of the address that answer it."""
    return [one.name, *(one.dates or ())]


def _others(one: Filter, query: QueryDict) -> list[tuple[str, str]]:
    own = (*keys(one), CURSOR)
    return [(key, value) for key in query if key not in own for value in query.getlist(key)]


def _answer(one: Filter, option: Option, query: QueryDict) -> str:
    if one.many:
        return toggled(query, one.name, option.value)
    is_on = query.get(one.name) == option.value
    return changed(query, {**dict.fromkeys(keys(one)), one.name: None if is_on else option.value})
