"""From the ledger's feed to what each webhook is to be told. Writing the ledger costs nothing for it.

The place in the feed moves in the transaction that queues the deliveries: no fact is skipped, none is queued twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from django.db import transaction

from crm import ledger
from crm.models import FeedPlace, LedgerEntry, User, Webhook, WebhookDelivery
from crm.webhooks import topics

READER = "webhooks"
BATCH = 1000


def read_feed(*, at: datetime, batch: int = BATCH) -> int:
    """Queue what happened since the last time; returns how many deliveries that makes."""
    queued = 0
    while True:
        listeners = list(Webhook.objects.listening().select_related("owner").order_by("pk"))
        if not listeners:
            return queued
        read, made = _read_batch(listeners, at, batch)
        queued += made
        if read < batch:
            return queued


def _read_batch(listeners: Sequence[Webhook], at: datetime, batch: int) -> tuple[int, int]:
    with transaction.atomic():
        place = _place()
        since = min(listener.listens_from for listener in listeners)
        # While nobody listened, nobody read: what happened then is skipped in one step.
        start = max((place.xid, place.entry), (since, 0))
        entries = ledger.changes_after(start, limit=batch)
        made = spread(entries, listeners, at=at)
        if entries:
            place.xid, place.entry = entries[-1].xid, entries[-1].pk
            place.save(update_fields=["xid", "entry"])
    return len(entries), made


def _place() -> FeedPlace:
    FeedPlace.objects.get_or_create(name=READER)
    return FeedPlace.objects.select_for_update().get(name=READER)


def spread(entries: Sequence[LedgerEntry], listeners: Iterable[Webhook], *, at: datetime) -> int:
    """Queue these facts for those who listen to them and whose owner may see them."""
    sight = _Sight(entries)
    rows = [
        WebhookDelivery(webhook=listener, entry=entry, queued_at=at, due_at=at)
        for listener in listeners
        for entry in _heard(listener, entries, sight)
    ]
    WebhookDelivery.objects.bulk_create(rows, batch_size=2000, ignore_conflicts=True)
    return len(rows)


def _heard(listener: Webhook, entries: Sequence[LedgerEntry], sight: _Sight) -> Iterator[LedgerEntry]:
    wanted = set(listener.topics)
    for entry in entries:
        is_heard = entry.xid >= listener.listens_from and topics.hears(wanted, entry.kind)
        if is_heard and entry.pk in sight.of(listener.owner):
            yield entry


class _Sight:
    """Which of these facts a person may see, asked once for each person."""

    def __init__(self, entries: Sequence[LedgerEntry]) -> None:
        self._ids = [entry.pk for entry in entries]
        self._seen: dict[int, set[int]] = {}

    def of(self, person: User) -> set[int]:
        if person.pk not in self._seen:
            visible = LedgerEntry.objects.visible_to(person).filter(pk__in=self._ids)
            self._seen[person.pk] = set(visible.values_list("pk", flat=True))
        return self._seen[person.pk]
