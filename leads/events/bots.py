"""Who is no person: programs by the name they give, browsers without a face, pages fetched in advance. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from crawleruseragents import is_crawler


def is_program(headers: Mapping[str, str]) -> bool:
    """By the request's headers; a browser of a person names itself and its languages, and does not prefetch."""
    agent = headers.get("User-Agent", "")[:500]
    ahead = f"{headers.get('Sec-Purpose', '')} {headers.get('Purpose', '')}".lower()
    return _names_a_program(agent) or "prefetch" in ahead or not headers.get("Accept-Language", "").strip()


@lru_cache(maxsize=2048)
def _names_a_program(agent: str) -> bool:
    return len(agent.strip()) < 12 or bool(is_crawler(agent))
