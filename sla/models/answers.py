"""What sales answers: the verdict with its reason, what it found out, and what it asks marketing to mend."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.models.base import Stamped, sane_days, sane_moments
from crm.states import one_of
from sla.models.handoff import Handoff
from sla.models.reasons import Disposition, RejectionReason
from sla.querysets import DataTaskQuerySet, FeedbackQuerySet, OfHandoffQuerySet


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
            sane_moments("given_at", "reviewed_at", name="feedback_moments_sane"),
        ]
        indexes = [
            models.Index(fields=["-given_at", "-id"], name="feedback_given"),
            # marketing's list of what is still to be read
            models.Index(fields=["-given_at"], condition=Q(reviewed_at=None), name="feedback_unreviewed"),
            models.Index(fields=["updated_at", "id"], name="feedback_updated"),
        ]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()}: {self.handoff}"


def _blank_or(field: str, choices: Any, *, name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(**{f"{field}__in": ["", *choices.values]}), name=name)


class Budget(models.TextChoices):
    APPROVED = "approved", _("Approved")
    PLANNED = "planned", _("Planned")
    NONE = "none", _("None yet")


class Authority(models.TextChoices):
    DECIDES = "decides", _("Decides")
    RECOMMENDS = "recommends", _("Recommends")
    USES = "uses", _("Only uses it")


class Need(models.TextChoices):
    URGENT = "urgent", _("Urgent")
    KNOWN = "known", _("Known")
    NONE = "none", _("None")


class Timing(models.TextChoices):
    QUARTER = "quarter", _("Within 3 months")
    HALF = "half", _("Within 6 months")
    YEAR = "year", _("Within 12 months")
    LATER = "later", _("Later")


class Bant(Stamped):
    """What sales confirmed in contact: budget, authority, need, timing. Blank means not known yet."""

    handoff = models.OneToOneField(
        Handoff, on_delete=models.CASCADE, related_name="bant", verbose_name=_("handoff")
    )
    budget = models.CharField(_("budget"), max_length=16, choices=Budget, blank=True)
    authority = models.CharField(_("decision power"), max_length=16, choices=Authority, blank=True)
    need = models.CharField(_("need"), max_length=16, choices=Need, blank=True)
    timing = models.CharField(_("timing"), max_length=16, choices=Timing, blank=True)
    problem = models.CharField(_("problem to solve"), max_length=300, blank=True)
    found_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("found out by")
    )  # fmt: skip
    found_at = models.DateTimeField(_("found out at"))

    objects = OfHandoffQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("what sales confirmed"), _("what sales confirmed")
        constraints = [
            _blank_or("budget", Budget, name="bant_budget_known"),
            _blank_or("authority", Authority, name="bant_authority_known"),
            _blank_or("need", Need, name="bant_need_known"),
            _blank_or("timing", Timing, name="bant_timing_known"),
            sane_moments("found_at", name="bant_moment_sane"),
        ]

    def __str__(self) -> str:
        return f"BANT {self.handoff_id}"


TASK_KINDS = [(each.value, each.label) for each in (Disposition.FIX_DATA, Disposition.MERGE)]


class DataTask(Stamped):
    """Sales sent a lead back because of its data; marketing mends it, and the lead is offered again."""

    handoff = models.OneToOneField(
        Handoff, on_delete=models.CASCADE, related_name="data_task", verbose_name=_("handoff")
    )
    kind = models.CharField(
        _("what to do"),
        max_length=16,
        choices=TASK_KINDS,
    )
    asked = models.TextField(_("what sales said"), blank=True)
    opened_at = models.DateTimeField(_("opened at"))
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("done by"),
    )
    result = models.CharField(_("what was done"), max_length=200, blank=True)

    objects = DataTaskQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("data task"), _("data tasks")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["fix_data", "merge"]), name="data_task_kind_known"),
            models.CheckConstraint(
                condition=Q(done_at=None, done_by=None) | Q(done_at__isnull=False, done_by__isnull=False),
                name="data_task_done_complete",
            ),
            sane_moments("opened_at", "done_at", name="data_task_moments_sane"),
        ]
        # marketing's list of what is still to be mended
        indexes = [models.Index(fields=["opened_at"], condition=Q(done_at=None), name="data_task_open")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.handoff}"
