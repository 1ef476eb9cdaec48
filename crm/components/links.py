"""The URL holds the whole state of a list; these make the next one from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

CURSOR = "cursor"


def query_of(request: Any) -> QueryDict:
    """The query of a request; an empty one where there is no request (error pages, tests)."""
    found = getattr(request, "GET", None)
    return found if isinstance(found, QueryDict) else QueryDict()


def changed(query: QueryDict, changes: Mapping[str, Any]) -> str:
    """`?…` with these keys set, or dropped where None or empty. A changed list starts at its first page."""
    fresh = query.copy()
    fresh.pop(CURSOR, None)
    for key, value in changes.items():
        fresh.pop(key, None)
        if isinstance(value, list | tuple):
            fresh.setlist(key, [str(item) for item in value])
        elif value not in (None, ""):
            fresh[key] = str(value)
    return f"?{fresh.urlencode()}"


def toggled(query: QueryDict, key: str, value: str) -> str:
    """`?…` with this one value of a key that may have several added, or taken away."""
    values = query.getlist(key)
    kept = [other for other in values if other != value] if value in values else [*values, value]
    return changed(query, {key: kept})
