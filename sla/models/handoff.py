"""The hand-over of one lead, what sales answered, and who was told when time ran out."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from content.models import Asset
from crm.models import Account, Activity, Contact, Team
from crm.models.base import Stamped, sane_days, sane_moments
from crm.states import Moves, one_of
from deals.models import Deal
from leads.models import Lead
from sla.models.agreement import Agreement, Disposition, RejectionReason, Terms
from sla.querysets import FeedbackQuerySet, HandoffQuerySet


class Status(models.TextChoices):
    OPEN = "open", _("Open")
    CONTACTED = "contacted", _("Contacted")
    ACCEPTED = "accepted", _("Accepted")
    CONVERTED = "converted", _("Converted")
    REJECTED = "rejected", _("Rejected")
    EXPIRED = "expired", _("Expired")
    WITHDRAWN = "withdrawn", _("Withdrawn")


ACTIVE = (Status.OPEN, Status.CONTACTED, Status.ACCEPTED)
DECIDED = (Status.CONVERTED, Status.REJECTED, Status.EXPIRED, Status.WITHDRAWN)

MOVES: Moves = {
    Status.OPEN: frozenset(
        {Status.CONTACTED, Status.ACCEPTED, Status.REJECTED, Status.EXPIRED, Status.WITHDRAWN}
    ),
    Status.CONTACTED: frozenset({Status.ACCEPTED, Status.CONVERTED, Status.REJECTED, Status.WITHDRAWN}),
    Status.ACCEPTED: frozenset({Status.CONVERTED, Status.REJECTED, Status.WITHDRAWN}),
    Status.CONVERTED: frozenset(),
    Status.REJECTED: frozenset(),
    Status.EXPIRED: frozenset(),
    Status.WITHDRAWN: frozenset(),
}


class Handoff(Stamped):
    lead = models.ForeignKey(Lead, on_delete=models.PROTECT, related_name="handoffs", verbose_name=_("lead"))
    contact = models.ForeignKey(
        Contact, on_delete=models.PROTECT, related_name="handoffs", verbose_name=_("contact")
    )
    account = models.ForeignKey(
        Account,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="handoffs",
        verbose_name=_("account"),
    )
    agreement = models.ForeignKey(
        Agreement, on_delete=models.PROTECT, related_name="handoffs", verbose_name=_("agreement")
    )
    terms = models.ForeignKey(
        Terms, on_delete=models.PROTECT, related_name="handoffs", verbose_name=_("frozen terms")
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="handoffs",
        verbose_name=_("assignee"),
    )
    team = models.ForeignKey(
        Team, on_delete=models.PROTECT, null=True, blank=True, related_name="handoffs", verbose_name=_("team")
    )
    status = models.CharField(_("status"), max_length=16, choices=Status, default=Status.OPEN, editable=False)
    round = models.PositiveSmallIntegerField(_("round"), default=1)
    note = models.TextField(_("note"), blank=True)
    score_at_handoff = models.FloatField(_("score at handoff"))
    grade = models.CharField(_("fit grade"), max_length=1)
    brief = models.JSONField(_("brief"), default=dict)
    routed = models.JSONField(_("why this person"), default=dict)
    assets = models.ManyToManyField(Asset, related_name="+", verbose_name=_("what they read"), blank=True)

    offered_at = models.DateTimeField(_("offered at"))
    warn_at = models.DateTimeField(_("warning at"))
    respond_by = models.DateTimeField(_("respond by"))
    expires_at = models.DateTimeField(_("expires at"))
    feedback_by = models.DateTimeField(_("feedback by"))
    escalate_at = models.DateTimeField(_("next look"), null=True, blank=True, editable=False)

    first_contact_at = models.DateTimeField(_("first contact at"), null=True, blank=True)
    answered_with = models.ForeignKey(
        Activity,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("answered with"),
    )
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("accepted by"),
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    responded_in_time = models.BooleanField(_("responded in time"), null=True, blank=True)
    feedback_in_time = models.BooleanField(_("feedback in time"), null=True, blank=True)
    deal = models.OneToOneField(
        Deal, on_delete=models.PROTECT, null=True, blank=True, related_name="handoff", verbose_name=_("deal")
    )

    objects = HandoffQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("handoff"), _("handoffs")
        constraints = [
            one_of("status", Status, name="handoff_status_known"),
            # I1: at most one running handoff per lead
            models.UniqueConstraint(
                fields=["lead"],
                condition=Q(status__in=["open", "contacted", "accepted"]),
                name="handoff_one_running_per_lead",
                violation_error_message=_("This lead has been handed over already. Open that handoff."),
            ),
            # I2: decided_at is set exactly when it is decided
            models.CheckConstraint(
                condition=Q(status__in=["open", "contacted", "accepted"], decided_at=None)
                | Q(status__in=["converted", "rejected", "expired", "withdrawn"], decided_at__isnull=False),
                name="handoff_decided_at_iff_decided",
            ),
            models.CheckConstraint(
                condition=~Q(status="converted") | Q(deal__isnull=False), name="handoff_converted_has_deal"
            ),
            models.CheckConstraint(
                condition=~Q(status="accepted") | Q(accepted_at__isnull=False),
                name="handoff_accepted_at_iff_accepted",
            ),
            models.CheckConstraint(
                condition=~Q(status="contacted") | Q(first_contact_at__isnull=False),
                name="handoff_contacted_has_contact",
            ),
            sane_moments(
                "offered_at",
                "respond_by",
                "feedback_by",
                "first_contact_at",
                "accepted_at",
                "decided_at",
                name="handoff_moments_sane",
            ),
        ]
        indexes = [
            # the inbox: my running handoffs by deadline
            models.Index(
                fields=["assignee", "respond_by", "id"],
                condition=Q(status__in=["open", "contacted", "accepted"]),
                name="handoff_inbox",
            ),
            # the sweep: whose next moment has come
            models.Index(
                fields=["escalate_at", "id"],
                condition=Q(escalate_at__isnull=False),
                name="handoff_escalate_at",
            ),
            # lists and reports by period
            models.Index(fields=["status", "-offered_at", "-id"], name="handoff_status_offered"),
            models.Index(fields=["assignee", "-offered_at", "-id"], name="handoff_assignee_offered"),
            models.Index(fields=["-offered_at", "-id"], name="handoff_offered"),
            # answering: the running handoffs of this person
            models.Index(fields=["contact"], name="handoff_contact"),
            models.Index(fields=["updated_at", "id"], name="handoff_updated"),
        ]

    def __str__(self) -> str:
        return f"{self.contact} → {self.assignee or '—'}"

    @property
    def is_running(self) -> bool:
        return self.status in ACTIVE

    @property
    def rules(self) -> dict[str, Any]:
        """The rejection rules it was offered under, by reason code."""
        return self.terms.body["reasons"]


class Level(models.TextChoices):
    WARNING = "warning", _("Warning")
    BREACH = "breach", _("Breach")
    FEEDBACK = "feedback", _("Feedback overdue")


class Escalation(models.Model):
    """Somebody was told, once per handoff and level (I5)."""

    handoff = models.ForeignKey(
        Handoff, on_delete=models.CASCADE, related_name="escalations", verbose_name=_("handoff")
    )
    level = models.CharField(_("level"), max_length=16, choices=Level)
    due_at = models.DateTimeField(_("was due at"))
    raised_at = models.DateTimeField(_("raised at"))

    class Meta:
        verbose_name, verbose_name_plural = _("escalation"), _("escalations")
        constraints = [
            models.UniqueConstraint(fields=["handoff", "level"], name="escalation_once_per_level"),
            one_of("level", Level, name="escalation_level_known"),
        ]

    def __str__(self) -> str:
        return f"{self.handoff_id} {self.level}"


class Verdict(models.TextChoices):
    ACCEPTED = "accepted", _("Accepted")
    REJECTED = "rejected", _("Rejected")


class Feedback(Stamped):
    """What sales said about a lead it was given; marketing reviews it and writes a conclusion."""

    handoff = models.OneToOneField(
        Handoff, on_delete=models.CASCADE, related_name="feedback", verbose_name=_("handoff")
    )
    verdict = models.CharField(_("verdict"), max_length=16, choices=Verdict)
    reason = models.ForeignKey(
        RejectionReason,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("reason"),
    )
    disposition = models.CharField(_("what follows"), max_length=16, choices=Disposition, blank=True)
    comment = models.TextField(_("comment"), blank=True)
    not_before = models.DateField(_("not before"), null=True, blank=True)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("given by"),
    )
    given_at = models.DateTimeField(_("given at"))
    reviewed_at = models.DateTimeField(_("reviewed at"), null=True, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("reviewed by"),
    )
    conclusion = models.TextField(_("conclusion"), blank=True)

    objects = FeedbackQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("feedback from sales"), _("feedback from sales")
        constraints = [
            one_of("verdict", Verdict, name="feedback_verdict_known"),
            # a refusal needs a reason from the catalogue, and only a refusal has one
            models.CheckConstraint(
                condition=Q(verdict="rejected", reason__isnull=False) | Q(verdict="accepted", reason=None),
                name="feedback_rejection_has_reason",
                violation_error_message=_("Choose why the lead is rejected."),
            ),
            models.CheckConstraint(
                condition=Q(reviewed_at=None, reviewed_by=None)
                | Q(reviewed_at__isnull=False, reviewed_by__isnull=False),
                name="feedback_review_complete",
            ),
            sane_days("not_before", name="feedback_not_before_sane"),
        ]
        indexes = [
            models.Index(fields=["-given_at", "-id"], name="feedback_given"),
            # marketing's list of what is still to be read
            models.Index(fields=["-given_at"], condition=Q(reviewed_at=None), name="feedback_unreviewed"),
            models.Index(fields=["updated_at", "id"], name="feedback_updated"),
        ]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()}: {self.handoff}"
