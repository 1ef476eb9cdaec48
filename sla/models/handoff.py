"""The hand-over of one lead: its promises, its pauses, and who was told when time ran out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from content.models import Asset
from crm.models import Account, Activity, Contact, Team
from crm.models.base import Stamped, sane_moments
from crm.querysets import BatonQuerySet
from crm.states import Moves, one_of
from deals.models import Deal
from leads.models import Lead
from sla import ladder
from sla.models.agreement import Agreement, Terms
from sla.querysets import HandoffQuerySet


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
    # Back to open when what had answered turns out to have bounced.
    Status.CONTACTED: frozenset(
        {Status.OPEN, Status.ACCEPTED, Status.CONVERTED, Status.REJECTED, Status.WITHDRAWN}
    ),
    Status.ACCEPTED: frozenset({Status.CONVERTED, Status.REJECTED, Status.WITHDRAWN}),
    Status.CONVERTED: frozenset(),
    Status.REJECTED: frozenset(),
    Status.EXPIRED: frozenset(),
    Status.WITHDRAWN: frozenset(),
}


# What reports look at; see `sla.judging` and `reports.facets`.
_COUNTED = (
    "status", "assignee", "team", "agreement", "lead", "contact", "account", "round", "respond_by", "accept_by",
    "feedback_by", "first_contact_at", "accepted_at", "decided_at", "response_hours", "responded_in_time",
    "accepted_in_time", "feedback_in_time",
)  # fmt: skip


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
    accept_by = models.DateTimeField(_("accept by"))
    expires_at = models.DateTimeField(_("expires at"))
    feedback_by = models.DateTimeField(_("feedback by"))
    schedule = models.JSONField(_("who is told when"), default=list, editable=False)
    """Levels such as `response-80` with the moment each is reached, in order: `[["response-80", "2026-…"], …]`."""
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
    response_hours = models.FloatField(_("working hours to first contact"), null=True, blank=True)
    responded_in_time = models.BooleanField(_("responded in time"), null=True, blank=True)
    accepted_in_time = models.BooleanField(_("accepted in time"), null=True, blank=True)
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
                "accept_by",
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
            # reports count from this index alone: the rows themselves, with brief and schedule, are ten times as wide
            models.Index(fields=["-offered_at", "-id"], include=_COUNTED, name="handoff_offered"),
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
    def is_unanswered(self) -> bool:
        """Nobody has tried to reach the person, or said anything: it can expire."""
        return self.status == Status.OPEN and self.first_contact_at is None

    @property
    def rungs(self) -> list[ladder.Rung]:
        """Who is told when, as it was laid down when it was offered."""
        return ladder.from_json(self.schedule)

    @property
    def deadlines(self) -> dict[str, datetime]:
        """When each promise is due, by its clock."""
        return {
            ladder.RESPONSE: self.respond_by,
            ladder.ACCEPTANCE: self.accept_by,
            ladder.FEEDBACK: self.feedback_by,
        }

    @property
    def rules(self) -> dict[str, Any]:
        """The rejection rules it was offered under, by reason code."""
        return self.terms.body["reasons"]


class Pause(models.Model):
    """The clocks of a handoff stood still, and why. An open one ends by itself at `until`."""

    handoff = models.ForeignKey(
        Handoff, on_delete=models.CASCADE, related_name="pauses", verbose_name=_("handoff")
    )
    reason = models.CharField(_("reason"), max_length=200)
    starts_at = models.DateTimeField(_("from"))
    until = models.DateTimeField(_("at the latest until"))
    ends_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("by")
    )

    objects = BatonQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("pause"), _("pauses")
        constraints = [
            models.UniqueConstraint(
                fields=["handoff"],
                condition=Q(ends_at=None),
                name="pause_one_at_a_time",
                violation_error_message=_("The clock of this handoff stands still already."),
            ),
            models.CheckConstraint(
                condition=Q(until__gt=F("starts_at")) & (Q(ends_at=None) | Q(ends_at__gte=F("starts_at"))),
                name="pause_ends_after_start",
            ),
            sane_moments("starts_at", "until", "ends_at", name="pause_moments_sane"),
        ]

    def __str__(self) -> str:
        return f"{self.handoff_id} {self.reason}"


class Escalation(models.Model):
    """Somebody was told, once per handoff and level (I5). A level is `clock-percent`, such as `response-80`."""

    handoff = models.ForeignKey(
        Handoff, on_delete=models.CASCADE, related_name="escalations", verbose_name=_("handoff")
    )
    level = models.CharField(_("level"), max_length=24)
    due_at = models.DateTimeField(_("was due at"))
    raised_at = models.DateTimeField(_("raised at"))

    class Meta:
        verbose_name, verbose_name_plural = _("escalation"), _("escalations")
        constraints = [
            models.UniqueConstraint(fields=["handoff", "level"], name="escalation_once_per_level"),
            models.CheckConstraint(
                condition=Q(level__regex=r"^(response|acceptance|feedback)-[1-9][0-9]*$"),
                name="escalation_level_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.handoff_id} {self.level}"
