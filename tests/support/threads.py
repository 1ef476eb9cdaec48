"""Deeds done at the same instant, each on a database connection of its own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.core.exceptions import PermissionDenied
from django.db import connection, connections

from crm.states import Refused, UnableToMove

PATIENCE_SECONDS = 20
REFUSALS = (UnableToMove, PermissionDenied, Refused)


def at_once(*deeds: Callable[[], object]) -> int:
    """Run deeds together, one thread each; returns how many were not refused. Any other error is raised."""
    start = Barrier(len(deeds))

    def run(deed: Callable[[], object]) -> bool:
        try:
            start.wait(timeout=PATIENCE_SECONDS)
            deed()
        except REFUSALS:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(len(deeds)) as pool:
        return sum(pool.map(run, deeds))


def pause(seconds: float = 0.05) -> None:
    """Wait in the database: in a negative control, long enough for the others to come between."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(%s)", [seconds])
