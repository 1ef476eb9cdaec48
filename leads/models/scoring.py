"""How behaviour and fit become a score, and when a score makes an MQL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from content.models import Asset, Phase
from crm.models import StakeholderRole
from crm.models.base import Stamped
from crm.models.people import validate_zone
from crm.querysets import BatonQuerySet
from crm.states import one_of
from leads.models.engagement import EventKind
from leads.models.segments import Segment
from leads.querysets import MqlDefinitionQuerySet

# One epoch for every model: stored engagement stays comparable between versions.
EPOCH = datetime(2020, 1, 1, tzinfo=UTC)


class VersionStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    ACTIVE = "active", _("Active")
    RETIRED = "retired", _("Retired")


class ScoringModel(Stamped):
    """One version of the scoring rules. Only a draft can be edited."""

    version = models.PositiveIntegerField(_("version"), unique=True)
    status = models.CharField(
        _("status"), max_length=8, choices=VersionStatus, default=VersionStatus.DRAFT, editable=False
    )
    rate = models.FloatField(
        _("kept per period"), default=0.8, validators=[MinValueValidator(0.01), MaxValueValidator(1.0)],
        help_text=_("0.8 keeps 80 % of a behaviour's points per period."),
    )  # fmt: skip
    period_days = models.FloatField(
        _("period in days"), default=30.0, validators=[MinValueValidator(1.0), MaxValueValidator(3650)]
    )
    epoch = models.DateTimeField(_("epoch"), default=EPOCH, editable=False)
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="Asia/Tokyo", validators=[validate_zone],
        help_text=_("Limits per day count the days of this zone."),
    )  # fmt: skip
    note = models.TextField(_("note"), blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("author")
    )
    activated_at = models.DateTimeField(_("activated at"), null=True, blank=True, editable=False)

    objects = BatonQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("scoring model"), _("scoring models")
        constraints = [
            one_of("status", VersionStatus, name="scoring_status_known"),
            models.UniqueConstraint(
                fields=["status"], condition=Q(status="active"), name="scoring_one_active"
            ),
            models.CheckConstraint(
                condition=Q(rate__gt=0, rate__lte=1, period_days__gte=1), name="scoring_decay_sane"
            ),
        ]

    def __str__(self) -> str:
        return f"v{self.version}"


class BehaviourRule(models.Model):
    """Points for a kind of behaviour, and how often it counts.

    A rule for an asset goes before one for a buying phase, and that before one for the kind alone. See
    `leads.scoring.counting` for what the caps mean.
    """

    model = models.ForeignKey(ScoringModel, on_delete=models.CASCADE, related_name="behaviour_rules")
    kind = models.CharField(_("kind"), max_length=24, choices=EventKind)
    asset = models.ForeignKey(Asset, on_delete=models.CASCADE, null=True, blank=True, verbose_name=_("asset"))
    phase = models.CharField(
        _("phase"),
        max_length=16,
        choices=Phase,
        blank=True,
        help_text=_("Counts with content for this phase."),
    )
    points = models.FloatField(_("points"), validators=[MinValueValidator(0), MaxValueValidator(1000)])
    most_per_day = models.PositiveSmallIntegerField(
        _("most a day"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    most_per_asset = models.PositiveSmallIntegerField(
        _("most per asset"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    minimum_interval = models.PositiveIntegerField(
        _("minutes between"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(525_600)],
        help_text=_("What follows sooner upon the one before does not count."),
    )  # fmt: skip

    class Meta:
        verbose_name, verbose_name_plural = _("behaviour points"), _("behaviour points")
        constraints = [
            models.UniqueConstraint(
                fields=["model", "kind", "asset", "phase"],
                nulls_distinct=False,
                name="behaviour_rule_once",
                violation_error_message=_("There is a rule for this behaviour already."),
            ),
            models.CheckConstraint(
                condition=Q(asset=None) | Q(phase=""),
                name="behaviour_rule_for_one",
                violation_error_message=_("A rule is for an asset or for a phase, not for both."),
            ),
            models.CheckConstraint(condition=Q(phase__in=["", *Phase.values]), name="behaviour_phase_known"),
            models.CheckConstraint(
                condition=Q(
                    most_per_day__gte=1,
                    most_per_asset__gte=1,
                    minimum_interval__gte=1,
                    minimum_interval__lte=525_600,
                ),
                name="behaviour_caps_sane",
                violation_error_message=_("Leave a limit empty, or give at least 1."),
            ),
            models.CheckConstraint(
                condition=Q(points__gte=0, points__lte=1000), name="behaviour_points_sane"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.points:g}"


class FitAttribute(models.TextChoices):
    INDUSTRY = "industry", _("Industry")
    EMPLOYEES = "employee_count", _("Employees")
    COUNTRY = "country", _("Country")
    JOB_TITLE = "job_title", _("Job title")
    DEPARTMENT = "department", _("Department")
    STAKEHOLDER_ROLE = "stakeholder_role", _("Stakeholder role")

    def words_for(self, value: object) -> str:
        """A value as people say it: roles are kept by their codes."""
        is_role = self == FitAttribute.STAKEHOLDER_ROLE
        return str(dict(StakeholderRole.choices).get(str(value), value) if is_role else value)


class FitOperator(models.TextChoices):
    IS = "is", _("is")
    IN = "in", _("is one of")
    CONTAINS = "contains", _("contains one of")
    AT_LEAST = "at_least", _("is at least")
    AT_MOST = "at_most", _("is at most")
    BETWEEN = "between", _("is between")
    KNOWN = "known", _("is known")


# A rule as a sentence: in other languages the words stand in another order.
_IN_WORDS: dict[str, Any] = {
    FitOperator.IS: _("%(what)s is %(values)s"),
    FitOperator.IN: _("%(what)s is one of %(values)s"),
    FitOperator.CONTAINS: _("%(what)s contains one of %(values)s"),
    FitOperator.AT_LEAST: _("%(what)s is at least %(low)s"),
    FitOperator.AT_MOST: _("%(what)s is at most %(low)s"),
    FitOperator.BETWEEN: _("%(what)s is between %(low)s and %(high)s"),
    FitOperator.KNOWN: _("%(what)s is known"),
}


class FitRule(models.Model):
    """Fit points when an attribute matches, and what it gives as long as the attribute is unknown."""

    model = models.ForeignKey(ScoringModel, on_delete=models.CASCADE, related_name="fit_rules")
    attribute = models.CharField(_("attribute"), max_length=24, choices=FitAttribute)
    operator = models.CharField(_("operator"), max_length=16, choices=FitOperator)
    values = ArrayField(models.CharField(max_length=120), default=list, blank=True, verbose_name=_("values"))
    points = models.FloatField(_("fit points"), validators=[MinValueValidator(-100), MaxValueValidator(100)])
    unknown_points = models.FloatField(
        _("while unknown"), default=0.0, validators=[MinValueValidator(-100), MaxValueValidator(100)]
    )

    class Meta:
        verbose_name, verbose_name_plural = _("fit rule"), _("fit rules")
        constraints = [
            models.CheckConstraint(condition=Q(points__gte=-100, points__lte=100), name="fit_points_sane"),
            models.CheckConstraint(
                condition=Q(unknown_points__gte=-100, unknown_points__lte=100), name="fit_unknown_points_sane"
            ),
        ]

    def __str__(self) -> str:
        words: str = _IN_WORDS.get(self.operator, "%(what)s")
        ends = {"low": self.values[0], "high": self.values[-1]} if self.values else {"low": "", "high": ""}
        said = ", ".join(map(FitAttribute(self.attribute).words_for, self.values))
        return words % {"what": self.get_attribute_display(), "values": said, **ends}


class FitGrade(models.Model):
    """From how many fit points a grade is reached, and the factor it multiplies behaviour by."""

    model = models.ForeignKey(ScoringModel, on_delete=models.CASCADE, related_name="grades")
    grade = models.CharField(_("grade"), max_length=1, choices=[(letter, letter) for letter in "ABCD"])
    min_points = models.FloatField(_("from fit points"))
    factor = models.FloatField(_("factor"), validators=[MinValueValidator(0), MaxValueValidator(10)])

    class Meta:
        verbose_name, verbose_name_plural = _("fit grade"), _("fit grades")
        constraints = [
            models.UniqueConstraint(fields=["model", "grade"], name="fit_grade_once"),
            models.CheckConstraint(condition=Q(factor__gte=0, factor__lte=10), name="fit_factor_sane"),
        ]

    def __str__(self) -> str:
        return f"{self.grade} ×{self.factor:g}"


class DisqualifierKind(models.TextChoices):
    UNSUBSCRIBED = "unsubscribed", _("Unsubscribed")
    COMPETITOR = "competitor_domain", _("Competitor (e-mail domain)")
    STUDENT = "student", _("Student (e-mail domain or title)")
    FREE_MAIL = "free_mail", _("Free-mail address")
    CUSTOMER = "existing_customer", _("Existing customer (somebody there is one)")
    OWN_COMPANY = "own_company", _("Own company (e-mail domain)")
    JOB_TITLE = "job_title_contains", _("Job title contains")


class Disqualifier(models.Model):
    """A rule that makes the score 0 and keeps the lead from sales."""

    model = models.ForeignKey(ScoringModel, on_delete=models.CASCADE, related_name="disqualifiers")
    kind = models.CharField(_("kind"), max_length=24, choices=DisqualifierKind)
    values = ArrayField(models.CharField(max_length=253), default=list, blank=True, verbose_name=_("values"))

    class Meta:
        verbose_name, verbose_name_plural = _("disqualifier"), _("disqualifiers")
        constraints = [models.UniqueConstraint(fields=["model", "kind"], name="disqualifier_once")]

    def __str__(self) -> str:
        return str(self.get_kind_display())


class RequiredField(models.TextChoices):
    EMAIL = "email", _("E-mail")
    PHONE = "phone", _("Phone")
    NAME = "last_name", _("Last name")
    JOB_TITLE = "job_title", _("Job title")
    COMPANY = "account", _("Company")


class MqlDefinition(Stamped):
    """What makes a lead an MQL. The agreement in force for a segment names the one that counts there.

    `segment` is whom it is in force for (None: everybody no other definition is for); it is set when the
    agreement takes force.
    """

    threshold = models.FloatField(
        _("score threshold"), default=80.0, validators=[MinValueValidator(1), MaxValueValidator(100_000)]
    )
    required_fields = ArrayField(
        models.CharField(max_length=16, choices=RequiredField),
        default=list,
        blank=True,
        verbose_name=_("required fields"),
    )
    minimum_grade = models.CharField(
        _("minimum fit grade"), max_length=1, default="D", choices=[(g, g) for g in "ABCD"]
    )
    hand_raises = ArrayField(
        models.CharField(max_length=24, choices=EventKind), default=list, blank=True, verbose_name=_("qualify at once"),
        help_text=_("Behaviour that makes an MQL whatever the score, when the fit allows."),
    )  # fmt: skip
    consent_required = models.BooleanField(
        _("only with consent"),
        default=False,
        help_text=_("Leads that have not agreed to be contacted stay with marketing."),
    )
    in_force = models.BooleanField(_("in force"), default=False, editable=False)
    segment = models.ForeignKey(
        Segment,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("segment"),
    )

    objects = MqlDefinitionQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("MQL definition"), _("MQL definitions")
        constraints = [
            models.UniqueConstraint(
                fields=["segment"], condition=Q(in_force=True), name="mql_one_in_force", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(threshold__gt=0, threshold__lte=100_000), name="mql_threshold_sane"
            ),
        ]

    def __str__(self) -> str:
        return f"≥ {self.threshold:g}"
