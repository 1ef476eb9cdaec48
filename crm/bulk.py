"""Set-based writes Django's ORM does not offer: insert what is missing and learn what was inserted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection, models
from django.db.models.expressions import BaseExpression


def insert_missing(
    rows: Sequence[models.Model], *, fields: Sequence[str], returning: Sequence[str]
) -> list[tuple[Any, ...]]:
    """Insert rows that break no unique constraint; returns the named columns of those inserted.

    Sort `rows` by the key they may collide on: two writers with the same rows then wait for each
    other instead of dead-locking. Columns with a database default may be left out of `fields`.
    """
    if not rows:
        return []
    model = type(rows[0])
    columns = [_column(model, name) for name in fields]
    names = ", ".join(connection.ops.quote_name(column.column) for column in columns)
    arrays = ", ".join(f"%s::{_array_type(column)}" for column in columns)
    answer = ", ".join(connection.ops.quote_name(_column(model, name).column) for name in returning)
    statement = (
        f"INSERT INTO {connection.ops.quote_name(model._meta.db_table)} ({names})"
        f" SELECT * FROM unnest({arrays}) ON CONFLICT DO NOTHING RETURNING {answer}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [[_value(column, row) for row in rows] for column in columns])
        return cursor.fetchall()


def _column(model: type[models.Model], name: str) -> Any:
    """A concrete field; its names come from our own models, never from outside."""
    return model._meta.get_field(name)


def _array_type(column: models.Field[Any, Any]) -> str:
    return f"{column.cast_db_type(connection) or column.db_type(connection)}[]"


def _value(column: models.Field[Any, Any], row: models.Model) -> Any:
    value = getattr(row, column.attname)
    if isinstance(value, BaseExpression):
        raise TypeError(f"{column.name} is an expression; leave it out of `fields`")
    return column.get_db_prep_save(value, connection)
