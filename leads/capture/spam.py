"""What makes a post of a public form doubtful, without asking anybody outside. Pure.

Nobody is turned away for a doubt: the post is held back, and a marketer looks at it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

FASTEST = timedelta(seconds=1.5)  # nobody reads, types an address and sends in less
OLDEST = timedelta(hours=24)
MOST_LINKS = 2
PER_ADDRESS_A_DAY = 10
PER_SENDER_AN_HOUR = 30  # a whole office may share one address of the net
REFUSED_AN_HOUR = 120

_LINK = re.compile(r"https?://|www\.|\[url|<a\s", re.IGNORECASE)


class Doubt(models.TextChoices):
    FAST = "fast", _("Sent faster than a person types")
    TRAP = "trap", _("Filled in a field people do not see")
    LINKS = "links", _("Full of links")
    BOT = "bot", _("Sent by a program")
    ADDRESS = "address", _("Many posts with this address")
    SENDER = "sender", _("Many posts from this sender")


@dataclass(frozen=True, slots=True)
class Post:
    """What is looked at. `opened_at` is None where the form stands on another site and no page was opened here."""

    texts: tuple[str, ...]
    trap: str = ""
    is_program: bool = False
    opened_at: datetime | None = None
    of_address: int = 0
    of_sender: int = 0


def doubts(post: Post, *, at: datetime) -> list[str]:
    """Everything that speaks against a post; nothing for most."""
    found = {
        Doubt.FAST: post.opened_at is not None and at - post.opened_at < FASTEST,
        Doubt.TRAP: bool(post.trap.strip()),
        Doubt.LINKS: links_in(post.texts) > MOST_LINKS,
        Doubt.BOT: post.is_program,
        Doubt.ADDRESS: post.of_address > PER_ADDRESS_A_DAY,
        Doubt.SENDER: post.of_sender > PER_SENDER_AN_HOUR,
    }
    return [doubt.value for doubt, holds in found.items() if holds]


def links_in(texts: Iterable[str]) -> int:
    return sum(len(_LINK.findall(text)) for text in texts)


def is_stale(opened_at: datetime, *, at: datetime) -> bool:
    """Whether a page was open too long, or claims to have been opened later than now."""
    return not timedelta(0) <= at - opened_at <= OLDEST
