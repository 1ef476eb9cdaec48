"""How long to wait after an attempt that failed. Pure.

The waits of one delivery are those that Standard Webhooks proposes; together they last a little over three days.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
# A receiver that fails is left alone for so long, whatever else waits for it.
PAUSES = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=1),
)
LONGEST_ASKED = timedelta(hours=24)
SWITCHED_OFF_AFTER = timedelta(days=3)


def next_wait(tries: int, asked: timedelta | None = None) -> timedelta | None:
    """The wait after so many attempts, at least what the receiver asked for; None when it is time to give up."""
    if tries > len(WAITS):
        return None
    return max(WAITS[tries - 1], min(asked or timedelta(0), LONGEST_ASKED))


def pause(failures: int, asked: timedelta | None = None) -> timedelta:
    """How long a receiver is left alone after so many failures in a row."""
    usual = PAUSES[min(failures, len(PAUSES)) - 1]
    return max(usual, min(asked or timedelta(0), LONGEST_ASKED))


def asked_for(retry_after: str, at: datetime) -> timedelta | None:
    """A Retry-After header, seconds or a date, as a wait; None when it cannot be read."""
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), int(LONGEST_ASKED.total_seconds())))
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    seconds = (
        moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    ).timestamp() - at.timestamp()
    return timedelta(seconds=math.ceil(max(0.0, min(seconds, LONGEST_ASKED.total_seconds()))))
