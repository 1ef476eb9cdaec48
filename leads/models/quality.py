"""What the audit of the data remembers: what was confirmed to be right, and how many were wrong when."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm import access
from crm.models import User
from crm.models.base import sane_days, sane_moments
from crm.querysets import BatonQuerySet


class QualityFigureQuerySet(BatonQuerySet):
    def visible_to(self, user: User) -> QualityFigureQuerySet:
        """They count every lead, so they are shown to who sees every lead."""
        return self.all() if access.sees_everything(user) else self.none()


class Confirmation(models.Model):
    """Somebody says that a record is right as it is, whatever a rule of the audit finds."""

    rule = models.CharField(_("rule"), max_length=40)
    record_id = models.BigIntegerField(_("record"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, verbose_name=_("by"), related_name="+"
    )
    at = models.DateTimeField(_("at"))

    objects = BatonQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("confirmation"), _("confirmations")
        constraints = [
            # also the look-up of every figure: the records of a rule that are right
            models.UniqueConstraint(fields=["rule", "record_id"], name="confirmation_once"),
            sane_moments("at", name="confirmation_at_sane"),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.record_id}"


class QualityFigure(models.Model):
    """How many leads of a source a rule (or group of rules) found on a day; without a rule, how many there were."""

    on = models.DateField(_("day"))
    source = models.CharField(_("source"), max_length=80, blank=True)
    rule = models.CharField(_("rule"), max_length=40, blank=True)
    count = models.PositiveIntegerField(_("leads"))

    objects = QualityFigureQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("figure of data quality"), _("figures of data quality")
        constraints = [
            # also the trend: the figures of a rule over some weeks
            models.UniqueConstraint(fields=["on", "source", "rule"], name="quality_figure_once"),
            sane_days("on", name="quality_figure_day_sane"),
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.source} {self.rule}: {self.count}"
