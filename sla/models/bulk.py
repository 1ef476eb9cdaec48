"""One deed for many leads at once, done in batches."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm.models.base import Stamped, sane_moments
from crm.querysets import MineQuerySet
from crm.states import one_of
from leads.models import Programme


class BulkKind(models.TextChoices):
    ENROL = "enrol", _("Into a programme")
    HAND_OVER = "hand_over", _("Handed over to sales")


class BulkRunQuerySet(MineQuerySet):
    def due(self) -> BulkRunQuerySet:
        return self.filter(finished_at=None)


class BulkRun(Stamped):
    """Leads somebody chose for one deed: `place` of them were looked at, `done` of these it was done to."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="bulk_runs", verbose_name=_("by")
    )
    kind = models.CharField(_("deed"), max_length=16, choices=BulkKind)
    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("programme")
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("to whom"),
    )
    note = models.CharField(_("note"), max_length=200, blank=True)
    leads = ArrayField(models.BigIntegerField(), verbose_name=_("leads"))
    place = models.PositiveIntegerField(_("looked at"), default=0)
    done = models.PositiveIntegerField(_("done"), default=0)
    started_at = models.DateTimeField(_("started at"))
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    undone_at = models.DateTimeField(_("taken back at"), null=True, blank=True)
    error = models.TextField(_("error"), blank=True)

    objects = BulkRunQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("bulk deed"), _("bulk deeds")
        constraints = [
            one_of("kind", BulkKind, name="bulk_kind_known"),
            models.CheckConstraint(
                condition=Q(kind="enrol", programme__isnull=False) | Q(kind="hand_over", programme=None),
                name="bulk_programme_of_enrolment",
                violation_error_message=_("Choose a programme."),
            ),
            models.CheckConstraint(
                condition=Q(place__lte=F("leads__len")) & Q(done__lte=F("place")), name="bulk_counts_in_order"
            ),
            models.CheckConstraint(
                condition=Q(undone_at=None) | Q(kind="enrol", finished_at__isnull=False),
                name="bulk_only_enrolments_taken_back",
            ),
            sane_moments("started_at", "finished_at", "undone_at", name="bulk_moments_sane"),
        ]
        indexes = [
            # the sweep: what is not done yet
            models.Index(fields=["id"], condition=Q(finished_at=None), name="bulk_due"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.place}/{len(self.leads)}"

    @property
    def is_due(self) -> bool:
        return self.finished_at is None

    @property
    def may_be_undone(self) -> bool:
        return self.kind == BulkKind.ENROL and not self.is_due and self.undone_at is None and self.done > 0
