"""How often the same thing came lately: one counter in the database for all processes.

Who sent something is counted under a keyed hash whose key changes every day, so that no address is stored.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db import connection
from django.utils.crypto import salted_hmac

from leads.models import Tally

KEPT = timedelta(days=2)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

_COUNT = """
INSERT INTO leads_tally (key, starts_at, count) VALUES (%s, %s, 1)
    ON CONFLICT (key, starts_at) DO UPDATE SET count = leads_tally.count + 1
RETURNING count
"""


def count(what: str, who: str, *, per: timedelta, at: datetime) -> int:
    """Count once more; returns how often it was in the running period, this time included."""
    starts_at = _period(at, per)
    key = salted_hmac(f"leads.limits.{at:%Y-%m-%d}", f"{what}\0{per}\0{who}", algorithm="sha256").hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [key, starts_at])
        return int(cursor.fetchone()[0])


def forget(*, at: datetime) -> None:
    Tally.objects.filter(starts_at__lt=at - KEPT).delete()


def _period(at: datetime, per: timedelta) -> datetime:
    seconds = int(per.total_seconds())
    return datetime.fromtimestamp(int(at.timestamp()) // seconds * seconds, tz=UTC)
