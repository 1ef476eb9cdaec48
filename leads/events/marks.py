"""Marks of people who are not known yet: keyed hashes, so that what waits for them names nobody. Pure."""

from __future__ import annotations

from django.conf import settings
from django.utils.crypto import salted_hmac

EMAIL, EXTERNAL = "email", "external"


def mark(kind: str, value: str) -> str:
    """The mark of an address key or an external id, under the secret key of today."""
    return _mark(kind, value, settings.SECRET_KEY)


def marks(kind: str, value: str) -> list[str]:
    """Every mark the value may have been kept under: keys that were replaced still find what waits."""
    return [_mark(kind, value, key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


def _mark(kind: str, value: str, key: str) -> str:
    return salted_hmac(f"leads.waiting.{kind}", value, secret=key, algorithm="sha256").hexdigest()
