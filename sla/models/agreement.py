"""The agreement both sides keep to, version by version."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from crm.models import Calendar
from crm.models.base import Stamped, sane_moments
from crm.querysets import BatonQuerySet
from crm.states import Moves, one_of
from leads.models import MqlDefinition, Programme
from sla.querysets import AgreementQuerySet


class RejectionReason(models.Model):
    """Why sales may refuse a lead: the field's catalogue."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    name_ja = models.CharField(_("name in Japanese"), max_length=120, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    objects = BatonQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("rejection reason"), _("rejection reasons")

    def __str__(self) -> str:
        in_japanese = (get_language() or "").startswith("ja")
        return self.name_ja if in_japanese and self.name_ja else self.name


class AgreementStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    IN_FORCE = "in_force", _("In force")
    SUPERSEDED = "superseded", _("Superseded")


AGREEMENT_MOVES: Moves = {
    AgreementStatus.DRAFT: frozenset({AgreementStatus.IN_FORCE}),
    AgreementStatus.IN_FORCE: frozenset({AgreementStatus.SUPERSEDED}),
    AgreementStatus.SUPERSEDED: frozenset(),
}


class ResponseCounts(models.TextChoices):
    ATTEMPT = "attempt", _("An attempt to reach the person")
    REACHED = "reached", _("Having reached the person")


class Agreement(Stamped):
    """One version of the contract between marketing and sales. Only a draft can be edited."""

    version = models.PositiveIntegerField(_("version"), unique=True)
    title = models.CharField(_("title"), max_length=120)
    status = models.CharField(
        _("status"), max_length=16, choices=AgreementStatus, default=AgreementStatus.DRAFT, editable=False
    )
    definition = models.ForeignKey(
        MqlDefinition, on_delete=models.PROTECT, related_name="agreements", verbose_name=_("MQL definition")
    )
    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, verbose_name=_("working calendar"))
    business_hours = models.BooleanField(
        _("in business hours"), default=True, help_text=_("Otherwise every hour counts.")
    )
    response_hours = models.FloatField(
        _("hours to first contact"), default=24, validators=[MinValueValidator(0.25), MaxValueValidator(2000)]
    )
    response_counts = models.CharField(
        _("what counts as a response"), max_length=16, choices=ResponseCounts, default=ResponseCounts.ATTEMPT
    )
    feedback_hours = models.FloatField(
        _("hours to feedback"), default=80, validators=[MinValueValidator(0.25), MaxValueValidator(4000)]
    )
    expire_hours = models.FloatField(
        _("hours until it is taken back"), default=48, validators=[MinValueValidator(0.25), MaxValueValidator(4000)],
        help_text=_("Without a contact or an answer by then, the lead goes to somebody else."),
    )  # fmt: skip
    warn_percent = models.PositiveSmallIntegerField(
        _("warn at % of the response time"),
        default=80,
        validators=[MinValueValidator(1), MaxValueValidator(99)],
    )
    max_rounds = models.PositiveSmallIntegerField(
        _("rounds"), default=3, validators=[MinValueValidator(1), MaxValueValidator(20)],
        help_text=_("How often a lead may come back after a rejection."),
    )  # fmt: skip
    monthly_mqls = models.PositiveIntegerField(_("promised MQLs a month"), default=50)
    acceptance_rate = models.FloatField(
        _("promised acceptance rate"), default=0.6, validators=[MinValueValidator(0), MaxValueValidator(1)]
    )
    note = models.TextField(_("note"), blank=True)
    effective_from = models.DateTimeField(_("in force from"), null=True, blank=True, editable=False)
    effective_until = models.DateTimeField(_("in force until"), null=True, blank=True, editable=False)
    activated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        verbose_name=_("put in force by"),
    )

    objects = AgreementQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("agreement"), _("agreements")
        constraints = [
            one_of("status", AgreementStatus, name="agreement_status_known"),
            one_of("response_counts", ResponseCounts, name="agreement_response_known"),
            models.UniqueConstraint(
                fields=["status"], condition=Q(status="in_force"), name="agreement_one_in_force"
            ),
            models.CheckConstraint(
                condition=Q(
                    response_hours__gt=0, feedback_hours__gt=0, expire_hours__gte=F("response_hours")
                ),
                name="agreement_hours_sane",
                violation_error_message=_("A lead cannot be taken back before the response was due."),
            ),
            models.CheckConstraint(
                condition=Q(warn_percent__gte=1, warn_percent__lte=99), name="agreement_warning_sane"
            ),
            sane_moments("effective_from", "effective_until", name="agreement_moments_sane"),
        ]

    def __str__(self) -> str:
        return f"{self.title} v{self.version}"

    @property
    def mql_threshold(self) -> float:
        return self.definition.threshold


class Disposition(models.TextChoices):
    RECYCLE = "recycle", _("Back to nurture")
    DISQUALIFY = "disqualify", _("Disqualify")
    FIX_DATA = "fix_data", _("Marketing completes the data")
    MERGE = "merge", _("Merge with the other record")


class ReasonRule(models.Model):
    """What follows from a reason under this version of the agreement."""

    agreement = models.ForeignKey(
        Agreement, on_delete=models.CASCADE, related_name="rules", verbose_name=_("agreement")
    )
    reason = models.ForeignKey(
        RejectionReason, on_delete=models.PROTECT, related_name="rules", verbose_name=_("reason")
    )
    disposition = models.CharField(
        _("what follows"), max_length=16, choices=Disposition, default=Disposition.RECYCLE
    )
    wait_days = models.PositiveSmallIntegerField(
        _("wait in days"), default=0, validators=[MaxValueValidator(3650)]
    )
    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("programme")
    )
    comment_required = models.BooleanField(_("ask for a comment"), default=False)
    asks_date = models.BooleanField(_("ask “not before”"), default=False)
    fresh_behaviour_only = models.BooleanField(
        _("only new behaviour counts"),
        default=True,
        help_text=_("What the lead did before the rejection no longer counts towards MQL."),
    )

    objects = BatonQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("reason's rule"), _("reasons' rules")
        constraints = [
            models.UniqueConstraint(fields=["agreement", "reason"], name="reason_rule_once"),
            one_of("disposition", Disposition, name="reason_disposition_known"),
            models.CheckConstraint(condition=Q(wait_days__lte=3650), name="reason_wait_sane"),
        ]

    def __str__(self) -> str:
        return f"{self.reason} → {self.get_disposition_display()}"


class Terms(models.Model):
    """A frozen copy of an agreement and its calendar. Written once; handoffs point at it for ever.

    `body` holds everything a due time, a verdict or a rejection depends on; `digest` is its SHA-256,
    so that a change would show.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="terms")
    body = models.JSONField()
    created_at = models.DateTimeField(db_default=Now())

    objects = BatonQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("frozen terms"), _("frozen terms")

    def __str__(self) -> str:
        return self.digest[:12]
