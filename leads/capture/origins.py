"""Web addresses as they are kept: where somebody came from, without what belongs to them alone. Pure."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?", re.ASCII)


def place_of(url: str) -> str:
    """Host and path of an address, `www.example.com/blog`; a query may hold names and tokens, so it goes.

    A path alone stays one. '' for what is no address.
    """
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").lower()
    except ValueError:
        return ""
    if parts.scheme in ("http", "https") and host:
        return host + (parts.path.rstrip("/") if parts.path != "/" else "")
    return parts.path if not parts.scheme else ""


def origin_of(url: str) -> str:
    """The origin of an address, `https://www.example.com`; '' where it has none."""
    found = _ORIGIN.match(url.strip().lower())
    return found[0] if found else ""


def is_origin(text: str) -> bool:
    """Whether a text is an origin and nothing more."""
    return _ORIGIN.fullmatch(text) is not None
