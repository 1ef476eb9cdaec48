"""The agreement both sides keep to: its versions, who signed, who is told, and the terms as they were frozen."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import (
    ArrayField,
    BigIntegerRangeField,
    DateTimeRangeField,
    RangeBoundary,
    RangeOperators,
)
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext_lazy as _

from crm.models import Calendar
from crm.models.base import Stamped, sane_moments
from crm.querysets import BatonQuerySet
from crm.states import Moves, one_of
from leads.models import MqlDefinition, Segment
from sla.querysets import AgreementQuerySet


class AgreementStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PROPOSED = "proposed", _("Proposed")
    SIGNED = "signed", _("Signed")
    IN_FORCE = "in_force", _("In force")
    SUPERSEDED = "superseded", _("Superseded")


# From draft straight into force goes only what a company is founded with.
AGREEMENT_MOVES: Moves = {
    AgreementStatus.DRAFT: frozenset({AgreementStatus.PROPOSED, AgreementStatus.IN_FORCE}),
    AgreementStatus.PROPOSED: frozenset({AgreementStatus.DRAFT, AgreementStatus.SIGNED}),
    AgreementStatus.SIGNED: frozenset({AgreementStatus.DRAFT, AgreementStatus.IN_FORCE}),
    AgreementStatus.IN_FORCE: frozenset({AgreementStatus.SUPERSEDED}),
    AgreementStatus.SUPERSEDED: frozenset(),
}
BINDING = (AgreementStatus.SIGNED, AgreementStatus.IN_FORCE, AgreementStatus.SUPERSEDED)


class ResponseCounts(models.TextChoices):
    ATTEMPT = "attempt", _("An attempt to reach the person")
    REACHED = "reached", _("Having reached the person")


class Routing(models.TextChoices):
    BALANCED = "balanced", _("Round robin, weighted by capacity")
    QUEUE = "queue", _("Open queue: the first to claim owns it")


class AfterExpiry(models.TextChoices):
    NEXT = "next", _("To the next person")
    QUEUE = "queue", _("Back to the open queue")


class BantField(models.TextChoices):
    BUDGET = "budget", _("Budget")
    AUTHORITY = "authority", _("Decision power")
    NEED = "need", _("Need")
    TIMING = "timing", _("Timing")


def _hours(label: Any, default: float, most: float = 4000, help_text: Any = "") -> models.FloatField:
    limits = [MinValueValidator(0.25), MaxValueValidator(most)]
    return models.FloatField(label, default=default, validators=limits, help_text=help_text)


def _count(
    label: Any, default: int, least: int, most: int, help_text: Any = ""
) -> models.PositiveSmallIntegerField:
    limits = [MinValueValidator(least), MaxValueValidator(most)]
    return models.PositiveSmallIntegerField(label, default=default, validators=limits, help_text=help_text)


def _share(label: Any, default: float, help_text: Any = "") -> models.FloatField:
    limits = [MinValueValidator(0), MaxValueValidator(1)]
    return models.FloatField(label, default=default, validators=limits, help_text=help_text)


def _person(label: Any) -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+",
        verbose_name=label,
    )  # fmt: skip


def _segment_range() -> Func:
    segment = Coalesce("segment", Value(0), output_field=models.BigIntegerField())
    return Func(segment, segment, Value("[]"), function="int8range", output_field=BigIntegerRangeField())


class Agreement(Stamped):
    """One version of the contract between marketing and sales. Only a draft can be edited."""

    version = models.PositiveIntegerField(_("version"), unique=True)
    title = models.CharField(_("title"), max_length=120)
    status = models.CharField(
        _("status"), max_length=16, choices=AgreementStatus, default=AgreementStatus.DRAFT, editable=False
    )
    segment = models.ForeignKey(
        Segment, on_delete=models.PROTECT, null=True, blank=True, related_name="agreements", verbose_name=_("segment"),
        help_text=_("Whom it is for; empty for everybody no other agreement is for."),
    )  # fmt: skip
    definition = models.ForeignKey(
        MqlDefinition, on_delete=models.PROTECT, related_name="agreements", verbose_name=_("MQL definition")
    )
    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, verbose_name=_("working calendar"))
    business_hours = models.BooleanField(
        _("in business hours"), default=True, help_text=_("Otherwise every hour counts.")
    )
    leave_stops_clock = models.BooleanField(
        _("days off stop the clock"), default=False, help_text=_("The owner's days off do not count.")
    )

    # What sales promises
    response_hours = _hours(_("hours to first contact"), 24, most=2000)
    response_counts = models.CharField(
        _("what counts as a response"), max_length=16, choices=ResponseCounts, default=ResponseCounts.ATTEMPT
    )
    attempts = _count(
        _("attempts"),
        default=1,
        least=1,
        most=20,
        help_text=_("So many attempts count as a response. Having reached the person always does."),
    )
    channels = _count(_("on so many channels"), 1, 1, 4)
    accept_hours = _hours(
        _("hours to accept or reject"), 40, help_text=_("By then sales says whether it takes the lead.")
    )
    feedback_hours = _hours(_("hours to feedback"), 80)
    expire_hours = _hours(
        _("hours until it is taken back"), 48,
        help_text=_("Without a contact or an answer by then, the lead goes to somebody else."),
    )  # fmt: skip
    after_expiry = models.CharField(
        _("where it goes then"), max_length=8, choices=AfterExpiry, default=AfterExpiry.NEXT
    )
    routing = models.CharField(
        _("how leads are given out"), max_length=16, choices=Routing, default=Routing.BALANCED
    )
    max_pauses = _count(
        _("pauses"), 1, 0, 20, help_text=_("How often a rep may stop the clock of one handoff.")
    )
    pause_days = _count(_("longest pause in days"), 10, 1, 365)
    sql_fields = ArrayField(
        models.CharField(max_length=16, choices=BantField),
        default=list,
        blank=True,
        verbose_name=_("asked before converting"),
        help_text=_("What sales finds out before a lead becomes an SQL."),
    )
    max_rounds = _count(
        _("rounds"), 3, 1, 20, help_text=_("How often a lead may come back after a rejection.")
    )

    # What marketing promises
    monthly_mqls = models.PositiveIntegerField(_("promised MQLs a month"), default=50)
    acceptance_rate = _share(_("promised acceptance rate"), 0.6)
    completeness = _share(
        _("promised completeness"), 0.9, help_text=_("Share of handed over leads with every required field.")
    )

    note = models.TextField(_("note"), blank=True)
    text = models.JSONField(
        _("text"), null=True, blank=True, editable=False,
        help_text=_("What was agreed, as it was proposed: what both sides sign and keep."),
    )  # fmt: skip
    proposed_at = models.DateTimeField(_("proposed at"), null=True, blank=True, editable=False)
    proposed_by = _person(_("proposed by"))
    effective_from = models.DateTimeField(_("in force from"), null=True, blank=True, editable=False)
    effective_until = models.DateTimeField(_("in force until"), null=True, blank=True, editable=False)
    activated_by = _person(_("put in force by"))

    objects = AgreementQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("agreement"), _("agreements")
        constraints = [
            one_of("status", AgreementStatus, name="agreement_status_known"),
            one_of("response_counts", ResponseCounts, name="agreement_response_known"),
            one_of("routing", Routing, name="agreement_routing_known"),
            one_of("after_expiry", AfterExpiry, name="agreement_after_expiry_known"),
            models.UniqueConstraint(
                fields=["segment"], condition=Q(status="in_force"), name="agreement_one_in_force", nulls_distinct=False
            ),
            # Each segment is a range of one id: core GiST knows ranges, so no extension is needed. 0 is "everybody".
            ExclusionConstraint(
                name="agreement_periods_apart",
                expressions=[
                    (_segment_range(), RangeOperators.OVERLAPS),
                    (
                        Func(
                            "effective_from", "effective_until", RangeBoundary(),
                            function="tstzrange", output_field=DateTimeRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(status__in=["signed", "in_force", "superseded"]),
                violation_error_message=_("Another agreement for the same leads is in force then. Choose a later day."),
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "proposed"]) | Q(effective_from__isnull=False),
                name="agreement_binding_has_a_start",
            ),
            models.CheckConstraint(
                condition=Q(status="draft", text__isnull=True) | (~Q(status="draft") & Q(text__isnull=False)),
                name="agreement_text_stands_once_proposed",
            ),
            models.CheckConstraint(
                condition=Q(response_hours__gt=0, feedback_hours__gt=0, accept_hours__gt=0)
                & Q(expire_hours__gte=F("response_hours")),
                name="agreement_hours_sane",
                violation_error_code="expire_hours",
                violation_error_message=_("A lead cannot be taken back before the response was due."),
            ),
            models.CheckConstraint(
                condition=Q(attempts__gte=F("channels"), channels__gte=1),
                name="agreement_attempts_sane",
                violation_error_code="channels",
                violation_error_message=_("So many channels need at least as many attempts."),
            ),
            models.CheckConstraint(
                condition=Q(acceptance_rate__gte=0, acceptance_rate__lte=1, completeness__gte=0, completeness__lte=1),
                name="agreement_promises_sane",
            ),
            sane_moments("proposed_at", "effective_from", "effective_until", name="agreement_moments_sane"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.title} v{self.version}"

    @property
    def mql_threshold(self) -> float:
        return self.definition.threshold


class Side(models.TextChoices):
    MARKETING = "marketing", _("Marketing")
    SALES = "sales", _("Sales")


class Signature(models.Model):
    """One side put its name under a proposal; `digest` is the SHA-256 of the text it signed."""

    agreement = models.ForeignKey(
        Agreement, on_delete=models.CASCADE, related_name="signatures", verbose_name=_("agreement")
    )
    side = models.CharField(_("side"), max_length=16, choices=Side)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, verbose_name=_("signed by"))
    signed_at = models.DateTimeField(_("signed at"))
    digest = models.CharField(max_length=64)

    objects = BatonQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("signature"), _("signatures")
        constraints = [
            one_of("side", Side, name="signature_side_known"),
            models.UniqueConstraint(fields=["agreement", "side"], name="signature_once_per_side"),
            models.UniqueConstraint(
                fields=["agreement", "user"],
                name="signature_two_people",
                violation_error_message=_("Two different people sign: you have signed for the other side."),
            ),
            sane_moments("signed_at", name="signature_moment_sane"),
        ]

    def __str__(self) -> str:
        return f"{self.get_side_display()}: {self.user}"


class Clock(models.TextChoices):
    RESPONSE = "response", _("First contact")
    ACCEPTANCE = "acceptance", _("Accept or reject")
    FEEDBACK = "feedback", _("Feedback")


class Told(models.TextChoices):
    OWNER = "owner", _("Owner")
    MANAGER = "manager", _("Manager")
    MARKETING = "marketing", _("Marketing")


class EscalationStep(models.Model):
    """Who is told when so many percent of a promised time have passed. 100 is the breach."""

    agreement = models.ForeignKey(
        Agreement, on_delete=models.CASCADE, related_name="steps", verbose_name=_("agreement")
    )
    clock = models.CharField(_("promise"), max_length=16, choices=Clock, default=Clock.RESPONSE)
    percent = models.PositiveSmallIntegerField(
        _("percent of the time"), default=100, validators=[MinValueValidator(1), MaxValueValidator(1000)]
    )
    tells = ArrayField(
        models.CharField(max_length=16, choices=Told), default=list, verbose_name=_("who is told")
    )

    objects = BatonQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("escalation step"), _("escalation steps")
        constraints = [
            models.UniqueConstraint(fields=["agreement", "clock", "percent"], name="escalation_step_once"),
            one_of("clock", Clock, name="escalation_step_clock_known"),
            models.CheckConstraint(
                condition=Q(percent__gte=1, percent__lte=1000), name="escalation_step_sane"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_clock_display()} {self.percent} %"


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
