"""What keeps a mail from going out, and who hears that it did not arrive.

A kind of mail (its topic) may have a guard: asked in the transaction that sends, so that a consent withdrawn a moment
ago is seen, and told when a mail is given up.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from smtplib import SMTPDataError, SMTPRecipientsRefused
from typing import Any

from django.db import transaction

from crm.models import OutboxMessage

log = logging.getLogger(__name__)

PERMANENT = range(500, 600)


@dataclass(frozen=True, slots=True)
class Guard:
    """`forbids` says why a mail must not go, or nothing; `gave_up` hears of one that never will."""

    forbids: Callable[[Mapping[str, Any]], str]
    gave_up: Callable[[OutboxMessage, datetime], None]


_guards: dict[str, Guard] = {}


def watch(topic: str, guard: Guard) -> None:
    _guards[topic] = guard


def forbidden(message: OutboxMessage) -> str:
    """Why this mail must not go out now; nothing when it may."""
    guard = _guards.get(message.topic)
    return guard.forbids(message.payload) if guard else ""


def gave_up(message: OutboxMessage, at: datetime) -> None:
    """Tell who watches this kind of mail. Their fault must not hold up the mails of others."""
    guard = _guards.get(message.topic)
    if guard is None:
        return
    try:
        with transaction.atomic():
            guard.gave_up(message, at)
    except Exception:
        log.exception("undelivered_mail_untold", extra={"topic": message.topic, "key": message.key})


def is_permanent(error: Exception) -> bool:
    """Whether the receiving side refused this letter for good (5xx), so that trying again is of no use.

    Other failures may be ours or pass by: a wrong password, a server that is down.
    """
    if isinstance(error, SMTPRecipientsRefused):
        return all(code in PERMANENT for code, _said in error.recipients.values())
    return isinstance(error, SMTPDataError) and error.smtp_code in PERMANENT
