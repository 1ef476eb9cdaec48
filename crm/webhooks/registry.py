"""Who listens: the deeds on webhooks. They are an administrator's; the owner's sight bounds what is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from crm import access, ledger
from crm.models import SwitchedOff, Trouble, User, Webhook, WebhookDelivery
from crm.states import Refused
from crm.transactions import CurrentTransaction
from crm.webhooks import addresses, signing, topics

CHANGEABLE = ("name", "url", "topics")


def register(
    *, owner: User, url: str, topics: Iterable[str], name: str = "", by: User, at: datetime
) -> tuple[Webhook, str]:
    """A new webhook, and its secret, which is shown now and never again. It hears what happens from here on."""
    access.require_role(by)
    told = _checked({"url": url, "topics": topics, "name": name})
    with transaction.atomic():
        webhook = Webhook.objects.create(owner=owner, salt=signing.new_salt(), **told)
        ledger.record([_fact("webhook.registered", webhook, by, at, owner=owner.pk)])
    return _fresh(webhook), signing.secret_of(webhook.salt)


def edit(webhook: Webhook, *, by: User, at: datetime, active: bool | None = None, **changes: Any) -> Webhook:
    """What a form or a PATCH says: new values, and on or off, together or not at all."""
    with transaction.atomic():
        row = change(webhook, by=by, at=at, **changes)
        if active is None:
            return row
        return switch_on(row, by=by, at=at) if active else switch_off(row, by=by, at=at)


def change(webhook: Webhook, *, by: User, at: datetime, **changes: Any) -> Webhook:
    """Another address, other topics, another name; what waits goes to the new address."""
    access.require_role(by)
    told = _checked(changes)
    with transaction.atomic():
        row = lock(webhook)
        changed = [name for name, value in told.items() if getattr(row, name) != value]
        if not changed:
            return row
        Webhook.objects.filter(pk=row.pk).update(**told)
        ledger.record([_fact("webhook.changed", row, by, at, fields=sorted(changed))])
    return _fresh(row)


def _checked(told: dict[str, Any]) -> dict[str, Any]:
    """Raises Refused, naming the field."""
    assert set(told) <= set(CHANGEABLE)
    checks: dict[str, Callable[[Any], Any]] = {
        "url": lambda url: addresses.checked(url, loopback=settings.WEBHOOKS_TO_LOOPBACK),
        "topics": topics.checked,
        "name": str,
    }
    done = {}
    for name, value in told.items():
        try:
            done[name] = checks[name](value)
        except (addresses.InvalidAddress, topics.InvalidTopic) as error:
            raise Refused(str(error), field=name, code="invalid") from error
    return done


def rotate(webhook: Webhook, *, by: User, at: datetime) -> str:
    """A new secret, shown now and never again. For a day messages are signed by the old one too."""
    access.require_role(by)
    with transaction.atomic():
        row = lock(webhook)
        fresh = signing.new_salt()
        Webhook.objects.filter(pk=row.pk).update(
            salt=fresh, previous_salt=row.salt, previous_until=at + signing.OLD_SECRET_VALID_FOR
        )
        ledger.record([_fact("webhook.rotated", row, by, at)])
    return signing.secret_of(fresh)


def switch_off(
    webhook: Webhook, *, by: User | None, at: datetime, reason: str = SwitchedOff.BY_HAND
) -> Webhook:
    """Tell it nothing more; what waits is given up. Doing it twice is harmless. `by` nobody: the relay did it."""
    if by is not None:
        access.require_role(by)
    with transaction.atomic():
        row = lock(webhook)
        if not row.is_active:
            return row
        Webhook.objects.filter(pk=row.pk).update(disabled_at=at, disabled_reason=reason)
        WebhookDelivery.objects.waiting().filter(webhook=row).update(
            failed_at=at, trouble=Trouble.SWITCHED_OFF
        )
        ledger.record([_fact("webhook.switched_off", row, by, at, cause=str(reason))])
    return _fresh(row)


def switch_on(webhook: Webhook, *, by: User, at: datetime) -> Webhook:
    """Tell it again what happens from here on. What was given up meanwhile can be retried one by one."""
    access.require_role(by)
    with transaction.atomic():
        row = lock(webhook)
        if row.is_active:
            return row
        Webhook.objects.filter(pk=row.pk).update(
            disabled_at=None, disabled_reason="", failures=0, failing_since=None, resume_at=None,
            listens_from=CurrentTransaction(),
        )  # fmt: skip
        ledger.record([_fact("webhook.switched_on", row, by, at)])
    return _fresh(row)


def retry(deliveries: Iterable[WebhookDelivery], *, by: User, at: datetime) -> int:
    """Send again, with all attempts ahead, even what had arrived: the receiver knows it by its `webhook-id`."""
    rows = list(deliveries)
    if not (access.is_admin(by) or all(row.webhook.owner_id == by.pk for row in rows)):
        raise PermissionDenied(_("Your role does not allow this. Ask your manager or an administrator."))
    if any(not row.webhook.is_active for row in rows):
        raise Refused(_("This webhook is switched off. Switch it on first, then try again."), code="conflict")
    again = WebhookDelivery.objects.filter(pk__in=[row.pk for row in rows])
    with transaction.atomic():
        # The webhook first, as everybody who changes both.
        Webhook.objects.filter(pk__in={row.webhook_id for row in rows}).update(resume_at=None)
        return int(again.update(due_at=at, tries=0, delivered_at=None, failed_at=None))


def lock(webhook: Webhook) -> Webhook:
    """The row as it is now, kept from others; before its deliveries, so that nobody waits in a circle."""
    return Webhook.objects.select_for_update(no_key=True).get(pk=webhook.pk)


def _fresh(webhook: Webhook) -> Webhook:
    return Webhook.objects.select_related("owner").get(pk=webhook.pk)


def _fact(kind: str, webhook: Webhook, by: User | None, at: datetime, **data: Any) -> ledger.Fact:
    return ledger.Fact(kind=kind, subject=("webhook", webhook.pk), at=at, actor=by, data=data)
