"""The lead: one person's journey from inquiry to customer, and its score."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm.models import Account, Contact
from crm.models.base import Stamped, sane_moments
from crm.states import Moves, one_of
from leads.models.segments import Segment
from leads.querysets import LeadQuerySet


class Stage(models.TextChoices):
    INQUIRY = "inquiry", _("Inquiry")
    NURTURING = "nurturing", _("Nurturing")
    MQL = "mql", _("MQL")
    SAL = "sal", _("SAL")
    SQL = "sql", _("SQL")
    CUSTOMER = "customer", _("Customer")
    RECYCLED = "recycled", _("Recycled")
    DISQUALIFIED = "disqualified", _("Disqualified")


OPEN_STAGES = (Stage.INQUIRY, Stage.NURTURING, Stage.MQL, Stage.SAL, Stage.SQL, Stage.RECYCLED)

MOVES: Moves = {
    Stage.INQUIRY: frozenset({Stage.NURTURING, Stage.MQL, Stage.RECYCLED, Stage.DISQUALIFIED}),
    Stage.NURTURING: frozenset({Stage.MQL, Stage.RECYCLED, Stage.DISQUALIFIED}),
    Stage.MQL: frozenset({Stage.SAL, Stage.SQL, Stage.NURTURING, Stage.RECYCLED, Stage.DISQUALIFIED}),
    Stage.SAL: frozenset({Stage.SQL, Stage.RECYCLED, Stage.DISQUALIFIED}),
    Stage.SQL: frozenset({Stage.CUSTOMER, Stage.RECYCLED, Stage.DISQUALIFIED}),
    Stage.CUSTOMER: frozenset(),
    Stage.RECYCLED: frozenset({Stage.NURTURING, Stage.MQL, Stage.DISQUALIFIED}),
    Stage.DISQUALIFIED: frozenset({Stage.NURTURING}),
}


class Lead(Stamped):
    contact = models.ForeignKey(
        Contact, on_delete=models.PROTECT, related_name="leads", verbose_name=_("contact")
    )
    account = models.ForeignKey(
        Account,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="leads",
        verbose_name=_("account"),
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="leads",
        db_index=False,  # see lead_owner_stage
        verbose_name=_("owner"),
    )
    stage = models.CharField(_("stage"), max_length=16, choices=Stage, default=Stage.INQUIRY, editable=False)
    stage_at = models.DateTimeField(_("in this stage since"), editable=False)
    captured_at = models.DateTimeField(_("captured at"), editable=False)
    qualified_at = models.DateTimeField(_("became MQL at"), null=True, blank=True, editable=False)
    waits_until = models.DateTimeField(_("waits until"), null=True, blank=True, editable=False)
    rounds = models.PositiveSmallIntegerField(_("times handed to sales"), default=0, editable=False)
    source = models.CharField(_("source"), max_length=80, blank=True)
    medium = models.CharField(_("medium"), max_length=80, blank=True)
    campaign = models.CharField(_("campaign"), max_length=120, blank=True)
    external_id = models.CharField(_("external id"), max_length=120, blank=True)
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )

    objects = LeadQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("lead"), _("leads")
        constraints = [
            one_of("stage", Stage, name="lead_stage_known"),
            sane_moments("stage_at", "captured_at", "qualified_at", "waits_until", name="lead_moments_sane"),
            models.UniqueConstraint(
                fields=["external_id"], condition=~Q(external_id=""), name="lead_external_id_unique"
            ),
            models.UniqueConstraint(
                fields=["contact"],
                condition=Q(stage__in=[str(stage) for stage in OPEN_STAGES]) & Q(merged_into=None),
                name="lead_one_open_per_contact",
                violation_error_message=_("This person already has an open lead."),
            ),
            models.CheckConstraint(
                condition=Q(waits_until=None) | Q(stage=Stage.RECYCLED), name="lead_waits_only_recycled"
            ),
        ]
        indexes = [
            # my leads, by stage
            models.Index(fields=["owner", "stage", "-id"], name="lead_owner_stage"),
            # lists by stage, newest first
            models.Index(fields=["stage", "-id"], name="lead_stage"),
            # the sweep that ends a recycled lead's wait
            models.Index(fields=["waits_until"], condition=Q(stage=Stage.RECYCLED), name="lead_waits_until"),
            models.Index(fields=["updated_at", "id"], name="lead_updated"),
            # the API's list in the order leads came to their stage
            models.Index(fields=["stage_at", "id"], name="lead_stage_at"),
            # the sources to choose from, and the leads of one
            models.Index(fields=["source"], name="lead_source"),
            # reports: leads captured in a period (`reports.scopes`), and the funnel's lists by the day they came in
            models.Index(fields=["captured_at", "id"], name="lead_captured"),
        ]

    def __str__(self) -> str:
        return str(self.contact)

    @property
    def is_open(self) -> bool:
        return self.stage in OPEN_STAGES


class LeadScore(models.Model):
    """The narrow, often written row behind a score, of the version in force; see `leads.scoring.decay` for the numbers.

    `engagement` is the forward-decayed sum of points, `fit` a factor (0 when disqualified), `floor`
    the engagement at the last rejection where the agreement asks for new behaviour. `rank` and
    `standing` follow from them in the database, so they cannot disagree.
    """

    lead = models.OneToOneField(Lead, on_delete=models.CASCADE, primary_key=True, related_name="score")
    engagement = models.FloatField(_("engagement"), default=0.0)
    floor = models.FloatField(_("engagement at rejection"), default=0.0)
    floored_at = models.DateTimeField(_("only behaviour since"), null=True, blank=True)
    fit = models.FloatField(_("fit"), default=1.0)
    grade = models.CharField(_("grade"), max_length=1, default="C")
    disqualified_by = models.CharField(_("kept from sales by"), max_length=40, blank=True)
    segment = models.ForeignKey(
        Segment, on_delete=models.PROTECT, null=True, editable=False, related_name="+", db_index=False,
        verbose_name=_("segment"),
    )  # fmt: skip
    active_at = models.DateTimeField(_("last behaviour"), null=True, blank=True)
    rank = models.GeneratedField(
        expression=F("fit") * F("engagement"), output_field=models.FloatField(), db_persist=True
    )
    standing = models.GeneratedField(
        expression=F("fit") * (F("engagement") - F("floor")),
        output_field=models.FloatField(),
        db_persist=True,
    )

    class Meta:
        verbose_name, verbose_name_plural = _("lead score"), _("lead scores")
        constraints = [
            models.CheckConstraint(condition=Q(fit__gte=0, fit__lte=100), name="score_fit_sane"),
            models.CheckConstraint(
                condition=Q(engagement__gte=0, floor__gte=0), name="score_engagement_sane"
            ),
        ]
        indexes = [
            # leads by score, best first
            models.Index(fields=["-rank", "-lead"], name="score_rank"),
            # the leads of a segment; most are in none, and every index here is paid for by every event
            models.Index(fields=["segment"], condition=~Q(segment=None), name="score_of_segment"),
        ]
