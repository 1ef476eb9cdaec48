"""Who outside is told by HTTP, of what, and how each telling went."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.models.base import Stamped, sane_moments
from crm.models.facts import LedgerEntry
from crm.querysets import (
    SystemQuerySet,
    WebhookAttemptQuerySet,
    WebhookDeliveryQuerySet,
    WebhookQuerySet,
)
from crm.transactions import CurrentTransaction


class SwitchedOff(models.TextChoices):
    """Why a webhook is told nothing any more."""

    BY_HAND = "by_hand", _("Switched off by hand")
    GONE = "gone", _("The receiver says it is gone (410)")
    FAILING = "failing", _("Nothing arrived for three days")


class Trouble(models.TextChoices):
    """Why an attempt did not succeed."""

    ANSWER = "answer", _("The receiver answered with an error")
    REDIRECT = "redirect", _("The receiver answered with a redirect, which is not followed")
    TOO_SLOW = "too_slow", _("No answer within 15 seconds")
    NO_CONNECTION = "no_connection", _("No connection")
    BAD_CERTIFICATE = "bad_certificate", _("The certificate was not accepted")
    FORBIDDEN_ADDRESS = "forbidden_address", _("The name leads to an address that is not public")
    SWITCHED_OFF = "switched_off", _("The webhook was switched off")
    OUT_OF_SIGHT = "out_of_sight", _("The owner may not see this any more")


class Webhook(Stamped):
    """A receiver of the facts its owner may see. Its secret is derived from the salt; see crm/webhooks/signing.py."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="webhooks",
        verbose_name=_("owner"),
        help_text=_("Only what this person may see is sent."),
    )
    name = models.CharField(_("name"), max_length=120, blank=True)
    url = models.CharField(_("address"), max_length=500)
    topics = ArrayField(models.CharField(max_length=64), verbose_name=_("topics"))
    salt = models.CharField(max_length=64, editable=False)
    previous_salt = models.CharField(max_length=64, blank=True, editable=False)
    previous_until = models.DateTimeField(_("old secret valid until"), null=True, blank=True, editable=False)
    # Facts of earlier transactions are not its business.
    listens_from = models.BigIntegerField(editable=False, db_default=CurrentTransaction())
    disabled_at = models.DateTimeField(_("switched off at"), null=True, blank=True, editable=False)
    disabled_reason = models.CharField(
        _("switched off because"), max_length=16, choices=SwitchedOff, blank=True, editable=False
    )
    failures = models.PositiveIntegerField(_("failures in a row"), default=0, editable=False)
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True, editable=False)
    resume_at = models.DateTimeField(_("next attempt"), null=True, blank=True, editable=False)
    busy_until = models.DateTimeField(null=True, blank=True, editable=False)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("webhook"), _("webhooks")
        constraints = [
            models.CheckConstraint(
                condition=Q(topics__len__gte=1),
                name="webhook_has_topics",
                violation_error_message=_("Name at least one topic, such as handoff.*."),
            ),
            models.CheckConstraint(
                condition=Q(disabled_at=None, disabled_reason="")
                | Q(disabled_at__isnull=False, disabled_reason__in=SwitchedOff.values),
                name="webhook_off_says_why",
                violation_error_message=_("A webhook that is switched off says why."),
            ),
            sane_moments(
                "disabled_at", "failing_since", "resume_at", "busy_until", name="webhook_moments_sane"
            ),
        ]
        indexes = [
            # the fan-out and the relay: who is listening
            models.Index(fields=["id"], condition=Q(disabled_at=None), name="webhook_listening"),
        ]

    def __str__(self) -> str:
        return self.name or self.url

    @property
    def is_active(self) -> bool:
        return self.disabled_at is None


class WebhookDelivery(Stamped):
    """One fact on its way to one webhook: sent at least once, always under the same `webhook-id`."""

    webhook = models.ForeignKey(
        Webhook, on_delete=models.CASCADE, related_name="deliveries", verbose_name=_("webhook")
    )
    entry = models.ForeignKey(
        LedgerEntry, on_delete=models.CASCADE, related_name="+", verbose_name=_("ledger entry")
    )
    queued_at = models.DateTimeField(_("queued at"))
    due_at = models.DateTimeField(_("next attempt"))
    tries = models.PositiveSmallIntegerField(_("attempts"), default=0)
    delivered_at = models.DateTimeField(_("delivered at"), null=True, blank=True)
    failed_at = models.DateTimeField(_("gave up at"), null=True, blank=True)
    trouble = models.CharField(_("last trouble"), max_length=24, choices=Trouble, blank=True)

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("webhook delivery"), _("webhook deliveries")
        constraints = [
            models.UniqueConstraint(fields=["webhook", "entry"], name="webhook_delivery_once"),
            models.CheckConstraint(
                condition=Q(trouble__in=["", *Trouble.values]), name="webhook_delivery_trouble_known"
            ),
            models.CheckConstraint(
                condition=Q(delivered_at=None) | Q(failed_at=None), name="webhook_delivery_one_end"
            ),
            sane_moments(
                "queued_at", "due_at", "delivered_at", "failed_at", name="webhook_delivery_moments_sane"
            ),
        ]
        indexes = [
            # the relay: what is due for one webhook
            models.Index(
                fields=["webhook", "due_at", "id"],
                condition=Q(delivered_at=None, failed_at=None),
                name="webhook_delivery_due",
            ),
            # the list of one webhook, newest first
            models.Index(fields=["webhook", "-id"], name="webhook_delivery_of_webhook"),
            # tidying up: what came to its end long ago
            models.Index(
                fields=["updated_at"],
                condition=Q(delivered_at__isnull=False) | Q(failed_at__isnull=False),
                name="webhook_delivery_ended",
            ),
        ]

    def __str__(self) -> str:
        return self.message_id

    @property
    def is_waiting(self) -> bool:
        return self.delivered_at is None and self.failed_at is None

    @property
    def message_id(self) -> str:
        """The `webhook-id`: receivers tell a repetition by it."""
        return f"fact_{self.entry_id}"


class WebhookAttempt(models.Model):
    """One POST: what was answered, and how long it took."""

    delivery = models.ForeignKey(
        WebhookDelivery, on_delete=models.CASCADE, related_name="attempts", verbose_name=_("delivery")
    )
    at = models.DateTimeField(_("at"))
    status_code = models.PositiveSmallIntegerField(_("answer"), null=True, blank=True)
    milliseconds = models.PositiveIntegerField(_("milliseconds"))
    trouble = models.CharField(_("trouble"), max_length=24, choices=Trouble, blank=True)

    objects = WebhookAttemptQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("attempt"), _("attempts")
        constraints = [
            models.CheckConstraint(
                condition=Q(trouble__in=["", *Trouble.values]), name="webhook_attempt_trouble_known"
            ),
            sane_moments("at", name="webhook_attempt_at_sane"),
        ]
        # the history of one delivery
        indexes = [models.Index(fields=["delivery", "id"], name="webhook_attempt_of_delivery")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.status_code or self.trouble}"


class FeedPlace(models.Model):
    """How far a reader of the ledger's feed has come."""

    name = models.CharField(max_length=40, unique=True)
    xid = models.BigIntegerField(default=0)
    entry = models.BigIntegerField(default=0)

    objects = SystemQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.name} {self.xid}/{self.entry}"
