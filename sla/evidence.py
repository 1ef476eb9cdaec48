"""What counts as a response: activities in, the one that answered out. Pure.

A response is evidence: something that was done outbound to the person. A bounce, an automatic reply, a note or a
changed status is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol, TypeVar

REACHED = "reached"
# What an outbound attempt may have come to and still count as having tried.
TRIED = frozenset({REACHED, "no_answer", "left_message"})


class Deed(Protocol):
    """An activity as the rules see it."""

    channel: str
    direction: str
    outcome: str
    occurred_at: datetime


D = TypeVar("D", bound=Deed)


def is_attempt(deed: Deed) -> bool:
    """Whether it was tried to reach the person, and nothing says it failed to arrive."""
    return deed.direction == "outbound" and deed.channel != "note" and deed.outcome in TRIED


def answer(deeds: Iterable[D], terms: Mapping[str, Any], *, since: datetime) -> D | None:
    """The deed that answered under frozen terms, or None.

    Having reached the person always answers. Where attempts count, the one answers that makes their number
    `attempts` on `channels` different channels.
    """
    tried: list[D] = []
    for deed in sorted(
        (d for d in deeds if is_attempt(d) and d.occurred_at >= since), key=lambda d: d.occurred_at
    ):
        tried.append(deed)
        if deed.outcome == REACHED or _is_enough(tried, terms):
            return deed
    return None


def _is_enough(tried: list[Any], terms: Mapping[str, Any]) -> bool:
    if terms["response_counts"] == REACHED:
        return False
    is_often = len(tried) >= terms["attempts"]
    return is_often and len({deed.channel for deed in tried}) >= terms["channels"]
