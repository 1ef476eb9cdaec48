"""What a setup left in the database, kept as text and laid again: tests start from the same company."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import cache
from typing import TypeVar

from django.db import connection

T = TypeVar("T")
Rows = dict[str, str]

# What migrations lay, for every test alike.
_THERE = {"auth_permission", "django_content_type", "django_migrations"}
_kept: dict[Hashable, tuple[Rows, object]] = {}


def lay(setup: Callable[[], T], *, key: Hashable) -> T:
    """Run `setup` the first time it meets these rows; after that write the rows it left, and answer as it did.

    What it answers is shared by tests: plain values, no records.
    """
    before = _rows()
    key = (connection.settings_dict["NAME"], key, frozenset(before.items()))
    if key not in _kept:
        answer = setup()
        _kept[key] = (_changed(before, _rows()), answer)
        return answer
    rows, kept_answer = _kept[key]
    _write(rows)
    return kept_answer  # type: ignore[return-value]


def _changed(before: Rows, after: Rows) -> Rows:
    return {name: after.get(name, "[]") for name in before | after if before.get(name) != after.get(name)}


@cache
def tables() -> tuple[str, ...]:
    """Every table that starts out empty."""
    return tuple(sorted(set(connection.introspection.table_names()) - _THERE))


def filled() -> list[str]:
    """The tables that hold a row."""
    told = " UNION ALL ".join(
        f"SELECT '{name}' WHERE EXISTS (SELECT FROM {quoted(name)})" for name in tables()
    )
    return [name for (name,) in _ask(told)]


def _rows() -> Rows:
    """Every table that holds a row, and its rows as text."""
    told = " UNION ALL ".join(
        f"SELECT '{name}', json_agg(kept)::text FROM {quoted(name)} AS kept" for name in tables()
    )
    return {name: rows for name, rows in _ask(told) if rows}


def _write(kept: Rows) -> None:
    """As a restored dump: keys and triggers have had their say when the rows were first written."""
    statements = "; ".join(map(_replace, kept))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SET session_replication_role = replica; {statements}; SET session_replication_role = origin",
            list(kept.values()),
        )


@cache
def _replace(name: str) -> str:
    return f"DELETE FROM {quoted(name)}; {_insert_into(name)}"


def _insert_into(name: str) -> str:
    columns = ", ".join(map(quoted, _columns(name)))
    return (
        f"INSERT INTO {quoted(name)} ({columns}) OVERRIDING SYSTEM VALUE"
        f" SELECT {columns} FROM json_populate_recordset(NULL::{quoted(name)}, %s)"
    )


@cache
def _columns(table: str) -> list[str]:
    found = _ask(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
        " AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
        [quoted(table)],
    )
    return [name for (name,) in found]


def quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _ask(query: str, params: list[object] | None = None) -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return list(cursor.fetchall())
