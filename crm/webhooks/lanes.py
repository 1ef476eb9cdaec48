"""One lane leads to one receiver, and only one relay is in it: what goes to a webhook goes one after another.

A lane is claimed for a minute, in a short transaction of its own: nothing is locked while a receiver is waited for.
A relay that dies leaves its lane to the next one when the minute is over.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from crm.models import LedgerEntry, Trouble, Webhook, WebhookDelivery

CLAIMED_FOR = timedelta(seconds=60)
# No further message is begun after this; with the time limit of a POST that stays well inside the claim.
OPEN_FOR = timedelta(seconds=20)
MOST = 100


@dataclass(slots=True)
class Lane:
    """A claimed webhook and what is due for it."""

    webhook: Webhook
    waiting: deque[WebhookDelivery]
    claimed_at: datetime
    is_ailing: bool

    @property
    def claimed_until(self) -> datetime:
        return self.claimed_at + CLAIMED_FOR

    def next(self, at: datetime) -> WebhookDelivery | None:
        """The next message, for the webhook as it is now; None when this lane is done."""
        if not self.waiting or at - self.claimed_at >= OPEN_FOR:
            return None
        webhook = Webhook.objects.listening().filter(pk=self.webhook.pk).first()
        if webhook is None:
            return None
        delivery = self.waiting.popleft()
        delivery.webhook = self.webhook = webhook
        return delivery


def claim(*, at: datetime, well: int, ailing: int) -> list[Lane]:
    """Claim up to so many lanes to receivers that are well, and to receivers that failed the last time."""
    with transaction.atomic():
        ready = _ready(at)
        rows = _free(ready.filter(failures=0), well) + _free(ready.filter(failures__gt=0), ailing)
        _claimed([row.pk for row in rows]).update(busy_until=at + CLAIMED_FOR, updated_at=F("updated_at"))
    return [Lane(row, _due(row, at), at, is_ailing=row.failures > 0) for row in rows]


def _ready(at: datetime) -> QuerySet[Webhook]:
    due = WebhookDelivery.objects.due(at).filter(webhook=OuterRef("pk"))
    free = Q(busy_until=None) | Q(busy_until__lte=at)
    may_resume = Q(resume_at=None) | Q(resume_at__lte=at)
    return Webhook.objects.listening().filter(free, may_resume, Exists(due)).select_related("owner")


def _free(ready: QuerySet[Webhook], most: int) -> list[Webhook]:
    if most <= 0:
        return []
    locked = ready.select_for_update(skip_locked=True, no_key=True, of=("self",))
    return list(locked.order_by(F("resume_at").asc(nulls_first=True), "pk")[:most])


def release(lane: Lane) -> None:
    """Leave the lane, unless it took so long that another relay is in it."""
    mine = _claimed([lane.webhook.pk]).filter(busy_until=lane.claimed_until)
    mine.update(busy_until=None, updated_at=F("updated_at"))


def _claimed(ids: list[int]) -> QuerySet[Webhook]:
    """A claim is no change of the webhook: whoever updates these keeps `updated_at`, and with it the ETag."""
    return Webhook.objects.filter(pk__in=ids)


def _due(webhook: Webhook, at: datetime) -> deque[WebhookDelivery]:
    """What is due, in order; facts that went out of the owner's sight since are given up."""
    rows = WebhookDelivery.objects.due(at).filter(webhook=webhook).select_related("entry")
    found = list(rows.order_by("due_at", "pk")[:MOST])
    facts = [row.entry_id for row in found]
    seen = set(
        LedgerEntry.objects.visible_to(webhook.owner).filter(pk__in=facts).values_list("pk", flat=True)
    )
    hidden = [row.pk for row in found if row.entry_id not in seen]
    if hidden:
        WebhookDelivery.objects.filter(pk__in=hidden).update(failed_at=at, trouble=Trouble.OUT_OF_SIGHT)
    return deque(row for row in found if row.entry_id in seen)
