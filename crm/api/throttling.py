"""How many calls a person or address may make per minute, in a counter the processes share through the cache."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext as _
from rest_framework.exceptions import Throttled

WINDOW = 60


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left in the running minute."""

    limit: int
    remaining: int
    reset: int
    exceeded: bool

    def headers(self) -> dict[str, str]:
        values = {"Limit": self.limit, "Remaining": self.remaining, "Reset": self.reset}
        return {f"RateLimit-{name}": str(value) for name, value in values.items()}


def count(request: Any, *, at: datetime) -> Allowance:
    """Count this call."""
    second = int(at.timestamp())
    key = f"rate:{_principal(request)}:{second // WINDOW}"
    used, limit = _counted(key), settings.API_RATE_PER_MINUTE
    return Allowance(limit, max(limit - used, 0), WINDOW - second % WINDOW, used > limit)


def _counted(key: str) -> int:
    try:
        return cache.incr(key)
    except ValueError:  # the first of its minute
        cache.add(key, 0, timeout=2 * WINDOW)
        return cache.incr(key)


def insist_on(allowance: Allowance) -> None:
    if allowance.exceeded:
        raise Throttled(wait=allowance.reset, detail=_("Too many calls in this minute."))


def _principal(request: Any) -> str:
    user = getattr(request, "_user", None)
    return f"user:{user.pk}" if user and user.pk else f"address:{request.META.get('REMOTE_ADDR', '')}"
