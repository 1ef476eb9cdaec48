"""Statements whose plan is kept.

Django writes the values into each statement, so that PostgreSQL plans every one anew: of a statement about few records
that is most of its time. Here the values are sent apart, and after a few times the connection keeps the plan. A
statement about many is worth a plan for what is in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.db import connection
from django.db.backends.postgresql.base import Cursor, ServerBindingCursor

FEW = 20


class Question(NamedTuple):
    """A statement that reads, with its parameters: to be asked by itself, or beside another one."""

    statement: str
    params: Mapping[str, Any]

    def ask(self) -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(self.statement, self.params)
            return cursor.fetchall()


def plans_for(rows: int) -> str:
    """The `plan_cache_mode` of a transaction about so many rows.

    Of an array whose values it does not see PostgreSQL expects ten; a plan for the one that is there seems cheaper, so
    that it makes one each time and the kept plan is never used.
    """
    return "force_generic_plan" if rows <= FEW else "auto"


@contextmanager
def planned_once(rows: int = 1) -> Iterator[None]:
    """Inside, plans are kept if it is about a few rows, also where a caller said otherwise.

    It opens no connection: what is asked on a new one is planned as usual.
    """
    raw = connection.connection
    if raw is None:
        yield
        return
    before, raw.cursor_factory = raw.cursor_factory, ServerBindingCursor if rows <= FEW else Cursor
    try:
        yield
    finally:
        raw.cursor_factory = before
