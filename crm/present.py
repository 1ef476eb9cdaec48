"""The one clock. Deeds take `at`; interfaces ask here, and the answer is the database's, so that
several web and worker machines with drifting clocks still agree on who was in time."""

from datetime import UTC, datetime
from typing import Any

from django.db import connection


def now() -> datetime:
    """The database's wall clock, in UTC; it moves on inside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment.astimezone(UTC)


def told_by(row: Any) -> datetime:
    """As `now`, of a row that was read together with it, for a caller that would ask for the time next."""
    moment: datetime = row.read_at
    return moment.astimezone(UTC)
