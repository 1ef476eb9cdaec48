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
    if not _is_empty():
        setup()
        return
    key = (connection.settings_dict["NAME"], key)
    if key not in _kept:
        setup()
        _kept[key] = _rows()
        return
    _insert(_kept[key])


@cache
def _tables() -> tuple[str, ...]:
    return tuple(sorted(set(connection.introspection.table_names()) - _THERE))


def _is_empty() -> bool:
    return not any(_ask(" UNION ALL ".join(f"(SELECT 1 FROM {_quoted(name)} LIMIT 1)" for name in _tables())))


def _rows() -> dict[str, str]:
    told = " UNION ALL ".join(
        f"SELECT '{name}', json_agg(kept)::text FROM {_quoted(name)} AS kept" for name in _tables()
    )
    return {name: rows for name, rows in _ask(told) if rows}


def _insert(kept: dict[str, str]) -> None:
    """As a restored dump: keys and triggers have had their say when the rows were first written."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for name, rows in kept.items():
            columns = ", ".join(map(_quoted, _columns(name)))
            cursor.execute(
                f"INSERT INTO {_quoted(name)} ({columns}) OVERRIDING SYSTEM VALUE"
                f" SELECT {columns} FROM json_populate_recordset(NULL::{_quoted(name)}, %s)",
                [rows],
            )
        cursor.execute("SET session_replication_role = origin")


@cache
def _columns(table: str) -> list[str]:
    found = _ask(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
        " AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
        [_quoted(table)],
    )
    return [name for (name,) in found]


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _ask(query: str, params: list[object] | None = None) -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return list(cursor.fetchall())
