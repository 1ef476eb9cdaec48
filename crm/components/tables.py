"""Columns with sort links, and filters as chips: both live in the URL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.http import QueryDict

from crm.components.faces import Words
from crm.components.links import changed, toggled

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
    """One question a list can be asked. `many` lets several answers stand beside each other."""

    name: str
    label: Words
    options: Sequence[Option] = field(default_factory=list)
    many: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    option: Option
    url: str
    on: bool


@dataclass(frozen=True, slots=True)
class Chip:
    filter: Filter
    values: list[Words]
    clear: str
    choices: list[Choice]


def chips(filters: Iterable[Filter], query: QueryDict) -> list[Chip]:
    return [_chip(one, query) for one in filters]


def _chip(one: Filter, query: QueryDict) -> Chip:
    chosen = query.getlist(one.name)
    choices = [Choice(option, _answer(one, option, query), option.value in chosen) for option in one.options]
    return Chip(
        one,
        [choice.option.label for choice in choices if choice.on],
        changed(query, {one.name: None}),
        choices,
    )


def _answer(one: Filter, option: Option, query: QueryDict) -> str:
    if one.many:
        return toggled(query, one.name, option.value)
    is_on = query.get(one.name) == option.value
    return changed(query, {one.name: None if is_on else option.value})
