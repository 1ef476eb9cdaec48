"""What a setup left in an empty database, kept as text and laid again: tests start from the same company."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import cache

from django.db import connection

# What migrations lay, for every test alike.
_THERE = {"auth_permission", "django_content_type", "django_migrations"}
_kept: dict[Hashable, dict[str, str]] = {}


def lay(setup: Callable[[], object], *, key: Hashable) -> None:
    """Run `setup` the first time; after that insert the rows it left. It always runs where anything is stored."""
    if filled():
        setup()
        return
    key = (connection.settings_dict["NAME"], key)
    if key not in _kept:
        setup()
        _kept[key] = _rows()
        return
    _insert(_kept[key])


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


def _rows() -> dict[str, str]:
    told = " UNION ALL ".join(
        f"SELECT '{name}', json_agg(kept)::text FROM {quoted(name)} AS kept" for name in tables()
    )
    return {name: rows for name, rows in _ask(told) if rows}


def _insert(kept: dict[str, str]) -> None:
    """As a restored dump: keys and triggers have had their say when the rows were first written."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for name, rows in kept.items():
            columns = ", ".join(map(quoted, _columns(name)))
            cursor.execute(
                f"INSERT INTO {quoted(name)} ({columns}) OVERRIDING SYSTEM VALUE"
                f" SELECT {columns} FROM json_populate_recordset(NULL::{quoted(name)}, %s)",
                [rows],
            )
        cursor.execute("SET session_replication_role = origin")


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
