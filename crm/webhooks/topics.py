"""Which kinds of facts a webhook listens to: `handoff.accepted`, `handoff.*` or `*`. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.utils.translation import gettext as _

EVERYTHING = "*"
MOST = 50
LONGEST = 64
_TOPIC = re.compile(r"\*|[a-z][a-z_]*\.(?:\*|[a-z][a-z_]*)")


class InvalidTopic(ValueError):
    """A topic that names nothing; the message says how to write one."""


def checked(topics: Iterable[str]) -> list[str]:
    """The topics without repetition, in the order given. Raises InvalidTopic."""
    chosen = list(dict.fromkeys(topics))
    if not 1 <= len(chosen) <= MOST:
        raise InvalidTopic(_("Name 1 to %(most)d topics, such as handoff.*.") % {"most": MOST})
    for topic in chosen:
        if len(topic) > LONGEST or not _TOPIC.fullmatch(topic):
            message = _("“%(topic)s” is not a topic. Write handoff.accepted, handoff.* or *.")
            raise InvalidTopic(message % {"topic": topic[:LONGEST]})
    return chosen


def hears(topics: Iterable[str], kind: str) -> bool:
    """Whether a fact of this kind is among the topics."""
    area = f"{kind.partition('.')[0]}.*"
    return not {EVERYTHING, kind, area}.isdisjoint(topics)
