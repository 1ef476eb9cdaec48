"""The outbox: what must follow a commit, written in the same transaction.

News goes to subscribers in this process, right after the commit; mail and webhooks go out from the
relay task. Either way a row is claimed with SKIP LOCKED and marked in the transaction of its effect,
so a crash anywhere means "again", never "lost"; and a key makes each effect happen once.

When a row is due is read and written by one clock, `crm.present`: not by the `at` of a fact, which may lie years
back in imported history (and would make /readyz report years of delay), nor by a default of the database, which a
test that moves its clock would never reach.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from email.utils import formataddr, parseaddr
from functools import partial
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction

from crm import deliverability, present
from crm.models import Delivery, OutboxMessage

log = logging.getLogger(__name__)

NewsHandler = Callable[[list[int], datetime], None]
_subscribers: dict[str, list[NewsHandler]] = defaultdict(list)

GIVE_UP_AFTER = 16  # attempts: with the back-off below, about three days
FIRST_RETRY = timedelta(seconds=30)
LONGEST_RETRY = timedelta(hours=12)


def handle_news(kind: str, handler: NewsHandler) -> None:
    """Remember a subscriber; remembering it twice is harmless."""
    if handler not in _subscribers[kind]:
        _subscribers[kind].append(handler)


def awaited() -> set[str]:
    """The kinds of news that somebody waits for."""
    return {kind for kind, handlers in _subscribers.items() if handlers}


# Of what the ledger has `told`, which it writes in the same statement: one row for each entry that has a `news_id`.
ANNOUNCE = """
    INSERT INTO crm_outboxmessage (id, kind, key, topic, payload, due_at, attempts, error)
    SELECT news_id, 'news', 'ledger:' || id, kind, jsonb_build_object('subject', subject_id, 'at', at),
           %s::timestamptz, 0, ''
      FROM told WHERE news_id IS NOT NULL ORDER BY place
"""


def due_at_once() -> datetime:
    """The moment from which news is due."""
    return present.now()


def deliver_at_commit(ids: Sequence[int]) -> None:
    """Hand news on as soon as this transaction commits."""
    if ids:
        transaction.on_commit(partial(deliver_news, only=ids), robust=True)


def mail(
    *, key: str, to: str, subject: str, body: str, topic: str = "mail", due_at: datetime | None = None
) -> None:
    """Queue one mail, to go at once or at a later moment; a second call with the same key adds nothing."""
    letter = {"key": key, "to": to, "subject": subject, "body": body}
    mails([letter], topic=topic, due_at=due_at)


def mails(letters: Iterable[dict[str, str]], *, topic: str, due_at: datetime | None = None) -> None:
    """Queue many mails, each a dict of key, to, subject and body; from_name and reply_to where a person writes."""
    letters = list(letters)
    if not letters:
        return
    moment = due_at or present.now()
    rows = [
        OutboxMessage(
            kind=Delivery.MAIL, key=letter.pop("key")[:120], topic=topic, payload=letter, due_at=moment
        )
        for letter in (dict(letter) for letter in letters)
    ]
    OutboxMessage.objects.bulk_create(rows, ignore_conflicts=True)


def deliver_news(*, only: Sequence[int] | None = None, limit: int = 10_000) -> int:
    """Hand pending news to its subscribers, one batch per kind. Returns how many were handed on."""
    done = 0
    for topic in _pending_topics(only):
        done += _deliver_topic(topic, only, limit)
    return done


def _pending_topics(only: Sequence[int] | None) -> list[str]:
    pending = OutboxMessage.objects.pending(present.now()).filter(kind=Delivery.NEWS)
    if only is not None:
        pending = pending.filter(pk__among=only)
    return list(pending.order_by("topic").values_list("topic", flat=True).distinct())


def _deliver_topic(topic: str, only: Sequence[int] | None, limit: int) -> int:
    with transaction.atomic():
        now = present.now()
        claimed = _claim(Delivery.NEWS, now, limit, topic=topic, only=only)
        ids = [message.pk for message in claimed]
        try:
            with transaction.atomic():
                _tell_subscribers(topic, claimed)
        except Exception as error:  # a subscriber's bug must not lose the news, nor stop the others
            log.exception("news_failed", extra={"topic": topic, "count": len(ids)})
            return _one_by_one(topic, claimed, now, error)
        OutboxMessage.objects.filter(pk__among=ids).update(delivered_at=now)
        return len(ids)


def _one_by_one(topic: str, messages: Sequence[OutboxMessage], now: datetime, error: Exception) -> int:
    """A batch failed: hand its news on singly, so that one bad piece holds up no other."""
    if len(messages) == 1:
        _retry_later(messages, now, error)
        return 0
    done = 0
    for message in messages:
        try:
            with transaction.atomic():
                _tell_subscribers(topic, [message])
        except Exception as own:
            _retry_later([message], now, own)
        else:
            OutboxMessage.objects.filter(pk=message.pk).update(delivered_at=now)
            done += 1
    return done


def _tell_subscribers(topic: str, messages: Sequence[OutboxMessage]) -> None:
    batches: dict[str, list[int]] = defaultdict(list)
    for message in messages:
        batches[message.payload["at"]].append(message.payload["subject"])
    for at, subjects in batches.items():
        for handler in _subscribers.get(topic, ()):
            handler(subjects, datetime.fromisoformat(at))


def _claim(
    kind: str, now: datetime, limit: int, *, topic: str = "", only: Sequence[int] | None = None
) -> list[OutboxMessage]:
    pending = OutboxMessage.objects.pending(now).filter(kind=kind)
    if topic:
        pending = pending.filter(topic=topic)
    if only is not None:
        pending = pending.filter(pk__among=only)
    needed = pending.only("key", "topic", "payload", "attempts")
    return list(needed.order_by("pk").select_for_update(skip_locked=True)[:limit])


def _retry_later(messages: Iterable[OutboxMessage], now: datetime, error: Exception) -> None:
    for message in messages:
        message.attempts += 1
        message.error = f"{type(error).__name__}: {error}"[:2000]
        message.due_at = now + min(FIRST_RETRY * 2**message.attempts, LONGEST_RETRY)
        if message.attempts >= GIVE_UP_AFTER or deliverability.is_permanent(error):
            _give_up(message, now)
        else:
            message.save(update_fields=["attempts", "error", "due_at"])


def _give_up(message: OutboxMessage, now: datetime) -> None:
    message.failed_at = now
    message.save(update_fields=["attempts", "error", "due_at", "failed_at"])
    deliverability.gave_up(message, now)


def send_mail(*, limit: int = 100) -> int:
    """Send what is due, one transaction each, so that one bad address holds up nobody."""
    sent = 0
    while sent < limit and _send_next():
        sent += 1
    return sent


def _send_next() -> bool:
    with transaction.atomic():
        now = present.now()
        claimed = _claim(Delivery.MAIL, now, 1)
        if not claimed:
            return False
        message = claimed[0]
        if reason := deliverability.forbidden(message):
            message.error = reason
            _give_up(message, now)
            return True
        try:
            _letter(message.key, message.payload).send()
        except Exception as error:  # kept on the row, shown in the admin, tried again later
            _retry_later(claimed, now, error)
        else:
            message.delivered_at = now
            message.save(update_fields=["delivered_at"])
        return True


def _letter(key: str, payload: dict[str, Any]) -> EmailMessage:
    """The Message-ID is made of the key, so that a repeated delivery is seen as the same mail."""
    return EmailMessage(
        subject=" ".join(payload["subject"].split()),
        body=payload["body"],
        from_email=_sender(payload.get("from_name", "")),
        to=[payload["to"]],
        reply_to=[payload["reply_to"]] if payload.get("reply_to") else None,
        headers={"Message-ID": message_id(key)},
    )


def message_id(key: str) -> str:
    """The Message-ID of the mail with this key."""
    domain = _own_address().rpartition("@")[2] or "baton.invalid"
    return f"<{key.replace(':', '.')}@{domain}>"


def _own_address() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1]


def _sender(name: str) -> str | None:
    """Our own address under a person's name: another one would fail the checks of whoever receives it."""
    return formataddr((" ".join(name.split()), _own_address())) if name else None


def retry(messages: Iterable[OutboxMessage], *, at: datetime) -> int:
    """Take up again what was given up or waits for its next attempt; returns how many."""
    ids = [message.pk for message in messages]
    stuck = OutboxMessage.objects.filter(pk__in=ids, delivered_at=None)
    return stuck.update(failed_at=None, attempts=0, due_at=at)


def discard_mail(*, at: datetime) -> int:
    """Count every waiting mail as done without sending it: the letters of a history that was brought in."""
    waiting = OutboxMessage.objects.filter(kind=Delivery.MAIL, delivered_at=None)
    return waiting.update(delivered_at=at)


def oldest_pending(now: datetime) -> datetime | None:
    """Since when the oldest due message waits, for /readyz."""
    return OutboxMessage.objects.pending(now).order_by("due_at").values_list("due_at", flat=True).first()


def forget_delivered(*, before: datetime, limit: int = 10_000) -> int:
    """Drop what was delivered long ago; the ledger keeps the history."""
    old = (
        OutboxMessage.objects.filter(created_at__lt=before, delivered_at__lt=before)
        .order_by("pk")
        .values("pk")[:limit]
    )
    dropped, _ = OutboxMessage.objects.filter(pk__in=old).delete()
    return dropped
