"""Why sales may refuse a lead, and what an agreement says follows from each reason."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from crm.querysets import BatonQuerySet
from crm.states import one_of
from leads.models import Programme
from sla.models.agreement import Agreement


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
    max_times = models.PositiveSmallIntegerField(
        _("at most so often"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(20)],
        help_text=_("After this many rejections for this reason the lead is disqualified. Empty: no limit of its own."),
    )  # fmt: skip

    objects = BatonQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("reason's rule"), _("reasons' rules")
        constraints = [
            models.UniqueConstraint(fields=["agreement", "reason"], name="reason_rule_once"),
            one_of("disposition", Disposition, name="reason_disposition_known"),
            models.CheckConstraint(condition=Q(wait_days__lte=3650), name="reason_wait_sane"),
            models.CheckConstraint(
                condition=Q(max_times=None) | Q(max_times__gte=1, max_times__lte=20), name="reason_times_sane"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reason} → {self.get_disposition_display()}"
