"""What the audit of the data remembers: what is right as it is, what was found, and how many were wrong when."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import CharField, Count, F, Func, Sum
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext_lazy as _

from crm import access
from crm.models import User
from crm.models.base import sane_days, sane_moments
from crm.querysets import BatonQuerySet
from leads.models.lead import Lead


class QualityFigureQuerySet(BatonQuerySet):
    def visible_to(self, user: User) -> QualityFigureQuerySet:
        """They count every lead, so they are shown to who sees every lead."""
        return self.all() if access.sees_everything(user) else self.none()


class CountedQuerySet(BatonQuerySet):
    """Rows that tell of a source, of the day of capture and of marks, and how many leads have each."""

    KEYS: ClassVar[dict[str, Any]] = {"source": F("source"), "month": TruncMonth("captured_on")}

    def counted_by(self, key: str) -> Any:
        """(source or month, mark, leads); without a mark all leads count."""
        rows = self.order_by().annotate(key=self.KEYS[key], counted_mark=self.mark())
        return (
            rows.values("key", "counted_mark")
            .annotate(n=self.leads())
            .values_list("key", "counted_mark", "n")
        )

    def mark(self) -> Any:
        raise NotImplementedError

    def leads(self) -> Any:
        raise NotImplementedError


class FindingsQuerySet(CountedQuerySet):
    def mark(self) -> Any:
        return Func("marks", template="unnest(array_append(%(expressions)s, ''))", output_field=CharField())

    def leads(self) -> Any:
        return Count("pk")

    def visible_to(self, user: User) -> FindingsQuerySet:
        return self.filter(lead__in=Lead.objects.visible_to(user))


class QualityTallyQuerySet(CountedQuerySet):
    def mark(self) -> Any:
        return F("mark")

    def leads(self) -> Any:
        return Sum("count")

    def visible_to(self, user: User) -> QualityTallyQuerySet:
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


class Findings(models.Model):
    """What the rules found in a lead when it was last looked at, by name; no row for a lead nobody works.

    `marks` are those of `leads.quality.marks`: rules, their kinds, and what follows. The day is the company's.
    """

    lead = models.OneToOneField(Lead, on_delete=models.CASCADE, primary_key=True, related_name="findings")
    captured_on = models.DateField(_("captured on"))
    source = models.CharField(_("source"), max_length=80, blank=True)
    segment = models.CharField(_("segment"), max_length=40, blank=True)
    marks = ArrayField(models.CharField(max_length=40), verbose_name=_("found"))

    objects = FindingsQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("findings"), _("findings")
        indexes = [
            # the leads behind a figure of the audit
            GinIndex(fields=["marks"], name="findings_marks"),
        ]

    def __str__(self) -> str:
        return f"{self.lead_id}: {', '.join(self.marks)}"


class QualityTally(models.Model):
    """How many findings of a day, source and segment (its code) hold a mark; without a mark, how many there are."""

    captured_on = models.DateField(_("captured on"))
    source = models.CharField(_("source"), max_length=80, blank=True)
    segment = models.CharField(_("segment"), max_length=40, blank=True)
    mark = models.CharField(_("found"), max_length=40, blank=True)
    count = models.PositiveIntegerField(_("leads"))

    objects = QualityTallyQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("tally of data quality"), _("tallies of data quality")
        constraints = [
            # also the figures of a period: a range of days
            models.UniqueConstraint(
                fields=["captured_on", "source", "segment", "mark"],
                include=["count"],
                name="quality_tally_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.captured_on} {self.source} {self.mark}: {self.count}"


class AuditWalk(models.Model):
    """How far the audit has looked: one row.

    Changes up to an entry of the ledger (`xid`, `entry`) are seen, as of `seen_at`. A walk looks at every lead in the
    order of their keys, and goes on with `next_lead`; none is under way where that is empty. The last whole one began
    `since` then.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    xid = models.BigIntegerField()
    entry = models.BigIntegerField()
    seen_at = models.DateTimeField()
    began_at = models.DateTimeField()
    next_lead = models.BigIntegerField(null=True, default=0)
    since = models.DateTimeField(null=True)

    objects = BatonQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("walk of the audit"), _("walks of the audit")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="audit_walk_is_one")]

    def __str__(self) -> str:
        return str(self.seen_at)
