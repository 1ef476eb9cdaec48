"""What happened, what must leave the system, and who is told."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from crm.models.base import sane_moments
from crm.models.companies import Account, Contact
from crm.querysets import (
    ActivityQuerySet,
    FollowUpQuerySet,
    LedgerQuerySet,
    NotificationQuerySet,
    OutboxQuerySet,
)
from crm.states import one_of
from crm.transactions import CurrentTransaction


class Channel(models.TextChoices):
    CALL = "call", _("Call")
    EMAIL = "email", _("E-mail")
    MEETING = "meeting", _("Meeting")
    MESSAGE = "message", _("Message")
    NOTE = "note", _("Note")


class Direction(models.TextChoices):
    OUTBOUND = "outbound", _("Outbound")
    INBOUND = "inbound", _("Inbound")
    INTERNAL = "internal", _("Internal")


class Outcome(models.TextChoices):
    REACHED = "reached", _("Reached")
    NO_ANSWER = "no_answer", _("No answer")
    LEFT_MESSAGE = "left_message", _("Left a message")
    BOUNCED = "bounced", _("Bounced")
    AUTO_REPLY = "auto_reply", _("Automatic reply")
    NONE = "none", _("Not applicable")


class Activity(models.Model):
    """One thing a person did with a contact. Only evidence of this kind answers a handoff."""

    contact = models.ForeignKey(
        Contact,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="activities",
        verbose_name=_("contact"),
    )
    account = models.ForeignKey(
        Account,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="activities",
        verbose_name=_("account"),
    )
    channel = models.CharField(_("channel"), max_length=16, choices=Channel)
    direction = models.CharField(_("direction"), max_length=16, choices=Direction, default=Direction.OUTBOUND)
    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome, default=Outcome.NONE)
    note = models.TextField(_("note"), blank=True)
    occurred_at = models.DateTimeField(_("occurred at"))
    logged_at = models.DateTimeField(_("logged at"), db_default=Now())
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("by")
    )
    external_id = models.CharField(_("external id"), max_length=120, blank=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True, db_default=Now(), editable=False)

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("activity"), _("activities")
        constraints = [
            one_of("channel", Channel, name="activity_channel_known"),
            one_of("direction", Direction, name="activity_direction_known"),
            one_of("outcome", Outcome, name="activity_outcome_known"),
            sane_moments("occurred_at", name="activity_occurred_at_sane"),
            models.UniqueConstraint(
                fields=["external_id"], condition=~Q(external_id=""), name="activity_external_id_unique"
            ),
            models.CheckConstraint(
                condition=Q(contact__isnull=False) | Q(account__isnull=False), name="activity_about_somebody"
            ),
        ]
        indexes = [
            # timelines of a person, newest first
            models.Index(fields=["contact", "-occurred_at"], name="activity_of_contact"),
            # delta sync: updated since, in order
            models.Index(fields=["updated_at", "id"], name="activity_updated"),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} · {self.get_outcome_display()}"


class FollowUp(models.Model):
    """A next step somebody promised for a day; it comes back to the inbox when due."""

    contact = models.ForeignKey(
        Contact, on_delete=models.PROTECT, related_name="follow_ups", verbose_name=_("contact")
    )
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, verbose_name=_("owner"))
    due_at = models.DateTimeField(_("due"))
    note = models.CharField(_("what"), max_length=200)
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"), db_default=Now())

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("follow-up"), _("follow-ups")
        constraints = [sane_moments("due_at", "done_at", name="follow_up_moments_sane")]
        indexes = [
            # the inbox: what I promised and have not done
            models.Index(fields=["owner", "due_at"], condition=Q(done_at=None), name="follow_up_open"),
        ]

    def __str__(self) -> str:
        return self.note


class LedgerEntry(models.Model):
    """One recorded fact, written in the transaction that made it true; never changed."""

    kind = models.CharField(_("kind"), max_length=40)
    subject_type = models.CharField(_("subject"), max_length=24)
    subject_id = models.BigIntegerField(_("subject id"))
    # Found by the longer indexes below; one more of each would cost every deed, and nobody asks what one user did. So
    # would checks of the three references by the database, which lock the row of who did it for each fact; nobody whom
    # a fact names can be deleted.
    account = models.ForeignKey(
        Account,
        on_delete=models.PROTECT,
        null=True,
        db_index=False,
        db_constraint=False,
        verbose_name=_("account"),
        related_name="+",
    )
    contact = models.ForeignKey(
        Contact,
        on_delete=models.PROTECT,
        null=True,
        db_index=False,
        db_constraint=False,
        verbose_name=_("contact"),
        related_name="+",
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        db_index=False,
        db_constraint=False,
        verbose_name=_("by"),
        related_name="+",
    )
    at = models.DateTimeField(_("at"))
    from_state = models.CharField(_("from"), max_length=24, blank=True)
    to_state = models.CharField(_("to"), max_length=24, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    data = models.JSONField(_("data"), default=dict)
    recorded_at = models.DateTimeField(_("recorded at"), db_default=Now())
    xid = models.BigIntegerField(editable=False, db_default=CurrentTransaction())

    objects = LedgerQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("ledger entry"), _("ledger")
        constraints = [sane_moments("at", name="ledger_at_sane")]
        indexes = [
            # history of one record, and reports over its transitions
            models.Index(fields=["subject_type", "subject_id", "id"], name="ledger_subject"),
            # timeline of a person, newest first
            models.Index(fields=["contact", "-at", "-id"], name="ledger_contact"),
            models.Index(fields=["account", "-at", "-id"], name="ledger_account"),
            # reports: what happened of a kind in a period
            models.Index(fields=["kind", "at"], name="ledger_kind_at"),
            # the change feed, in commit-safe order
            models.Index(fields=["xid", "id"], name="ledger_feed"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_type} {self.subject_id}"


class Delivery(models.TextChoices):
    NEWS = "news", _("News to a higher app")
    MAIL = "mail", _("Mail")
    WEBHOOK = "webhook", _("Webhook")


class OutboxMessage(models.Model):
    """What must be done after this transaction commits: at least once, with one effect by key."""

    kind = models.CharField(_("kind"), max_length=16, choices=Delivery)
    key = models.CharField(_("key"), max_length=120)
    topic = models.CharField(_("topic"), max_length=40)
    payload = models.JSONField(_("payload"), default=dict)
    created_at = models.DateTimeField(_("created at"), db_default=Now())
    due_at = models.DateTimeField(_("due at"), db_default=Now())
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    delivered_at = models.DateTimeField(_("delivered at"), null=True, blank=True)
    failed_at = models.DateTimeField(_("gave up at"), null=True, blank=True)
    error = models.TextField(_("error"), blank=True)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("outbox message"), _("outbox")
        constraints = [
            one_of("kind", Delivery, name="outbox_kind_known"),
            models.UniqueConstraint(fields=["key"], name="outbox_key_unique"),
        ]
        indexes = [
            # the relay: what is due and not done
            models.Index(
                fields=["kind", "due_at", "id"],
                condition=Q(delivered_at=None, failed_at=None),
                name="outbox_pending",
            ),
            # forgetting what was delivered long ago: rows lie in this order, so a summary of blocks is enough
            BrinIndex(fields=["created_at"], name="outbox_created", autosummarize=True),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.topic} {self.key}"


class Notification(models.Model):
    """A line in a person's bell; the key makes it once."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications")
    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(_("kind"), max_length=40)
    subject_type = models.CharField(max_length=24)
    subject_id = models.BigIntegerField()
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField(_("created at"), db_default=Now())
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("notification"), _("notifications")
        indexes = [
            # the bell: how many are unread
            models.Index(fields=["user", "-id"], condition=Q(read_at=None), name="notification_unread"),
            models.Index(fields=["user", "-id"], name="notification_of_user"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} → {self.user}"
