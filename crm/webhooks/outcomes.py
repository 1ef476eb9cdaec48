"""What follows from an attempt: done, later, given up, or the whole webhook switched off."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F, Q

from crm.models import SwitchedOff, Webhook, WebhookAttempt, WebhookDelivery
from crm.webhooks import backoff, notices, registry
from crm.webhooks.posting import Answer


def note(delivery: WebhookDelivery, answer: Answer, *, at: datetime) -> bool:
    """Keep how an attempt went; whether the message arrived."""
    with transaction.atomic():
        webhook = registry.lock(delivery.webhook)
        WebhookAttempt.objects.create(
            delivery=delivery,
            at=at,
            status_code=answer.status_code,
            milliseconds=answer.milliseconds,
            trouble=answer.trouble,
        )
        if answer.trouble:
            _failed(webhook, delivery, answer, at)
        else:
            _arrived(webhook, delivery, at)
    return not answer.trouble


def _arrived(webhook: Webhook, delivery: WebhookDelivery, at: datetime) -> None:
    WebhookDelivery.objects.filter(pk=delivery.pk).update(
        delivered_at=at, failed_at=None, trouble="", tries=F("tries") + 1
    )
    if webhook.failures:
        webhook.failures, webhook.failing_since, webhook.resume_at = 0, None, None
        _keep_health(webhook)


def _failed(webhook: Webhook, delivery: WebhookDelivery, answer: Answer, at: datetime) -> None:
    asked = backoff.asked_for(answer.retry_after, at)
    wait = backoff.next_wait(delivery.tries + 1, asked)
    later = {"failed_at": at} if wait is None else {"due_at": at + wait}
    WebhookDelivery.objects.filter(pk=delivery.pk, delivered_at=None).update(
        trouble=answer.trouble, tries=F("tries") + 1, **later
    )
    webhook.failures += 1
    webhook.failing_since = webhook.failing_since or at
    webhook.resume_at = at + backoff.pause(webhook.failures, asked)
    _keep_health(webhook)
    if reason := _reason_to_stop(webhook, answer, at):
        _stop(webhook, reason, at)


def _keep_health(webhook: Webhook) -> None:
    Webhook.objects.filter(pk=webhook.pk).update(
        failures=webhook.failures,
        failing_since=webhook.failing_since,
        resume_at=webhook.resume_at,
        updated_at=F("updated_at"),
    )


def _reason_to_stop(webhook: Webhook, answer: Answer, at: datetime) -> SwitchedOff | None:
    if answer.is_gone:
        return SwitchedOff.GONE
    is_lost = webhook.failing_since and at - webhook.failing_since >= backoff.SWITCHED_OFF_AFTER
    return SwitchedOff.FAILING if is_lost else None


def _stop(webhook: Webhook, reason: SwitchedOff, at: datetime) -> None:
    if webhook.is_active:
        notices.switched_off(registry.switch_off(webhook, by=None, at=at, reason=reason))


def forget(*, before: datetime, limit: int = 10_000) -> int:
    """Drop deliveries that came to their end long ago; the ledger keeps the facts."""
    ended = Q(delivered_at__isnull=False) | Q(failed_at__isnull=False)
    old = WebhookDelivery.objects.filter(ended, updated_at__lt=before).order_by("updated_at", "pk")
    ids = list(old.values_list("pk", flat=True)[:limit])
    WebhookDelivery.objects.filter(pk__in=ids).delete()
    return len(ids)
