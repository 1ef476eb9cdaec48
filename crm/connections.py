"""Whether a kept connection to the database still lives is seen by the first thing that is asked on it.

Django asks the connection itself before a request uses it, which is a way to the database and back of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection

Read = TypeVar("Read")


def first(ask: Callable[[], Read]) -> Read:
    """What `ask` reads; where the connection has died since the request before, on a new one."""
    connection.health_check_done = True  # type: ignore[attr-defined]  # the stubs do not know it
    try:
        return ask()
    except (OperationalError, InterfaceError):
        if connection.in_atomic_block or connection.is_usable():
            raise
        connection.close()
        return ask()
