"""The owner hears when a webhook was switched off without anybody asking for it."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from crm import mailing
from crm.mailing import Letter
from crm.models import Notification, SwitchedOff, User, Webhook

KIND = "webhook.switched_off"


def switched_off(webhook: Webhook) -> None:
    """A line in the bell, and a letter."""
    assert webhook.disabled_at
    key = f"webhook-off:{webhook.pk}:{webhook.disabled_at.isoformat()}"
    data = {"webhook": _called(webhook)}
    line = Notification(
        user=webhook.owner, key=key, kind=KIND, subject_type="webhook", subject_id=webhook.pk, data=data
    )
    Notification.objects.bulk_create([line], ignore_conflicts=True)
    mailing.tell([_letter(webhook, webhook.owner, key)])


def _called(webhook: Webhook) -> str:
    return webhook.name or urlsplit(webhook.url).hostname or webhook.url


def _letter(webhook: Webhook, owner: User, key: str) -> Letter:
    with translation.override(owner.language):
        subject = _("Webhook switched off: %(webhook)s") % {"webhook": _called(webhook)}
        reason = str(SwitchedOff(webhook.disabled_reason).label)
        body = _("Messages to %(url)s are no longer sent. Reason: %(reason)s.") % {
            "url": webhook.url,
            "reason": reason,
        }
    link = f"{settings.BASE_URL}/admin/crm/webhook/{webhook.pk}/change/"
    return Letter(f"mail:{key}", owner, KIND, subject, body, link)
