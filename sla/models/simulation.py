"""A question asked of the past, and its answer: kept for whoever asked."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm.models.base import Stamped, sane_moments
from crm.states import Moves, one_of
from sla.models.agreement import Agreement
from sla.querysets import SimulationQuerySet


class RunStatus(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


RUN_MOVES: Moves = {
    RunStatus.WAITING: frozenset({RunStatus.RUNNING, RunStatus.CANCELLED}),
    RunStatus.RUNNING: frozenset({RunStatus.DONE, RunStatus.FAILED, RunStatus.CANCELLED}),
    RunStatus.DONE: frozenset(),
    RunStatus.FAILED: frozenset(),
    RunStatus.CANCELLED: frozenset(),
}


class SimulationRun(Stamped):
    """A what-if run: which agreement with which changes over which period, how far it has come, and what came of it.

    `result` holds figures and ids, never names: whoever reads it sees the leads they may see.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("by")
    )
    agreement = models.ForeignKey(
        Agreement, on_delete=models.CASCADE, related_name="+", verbose_name=_("agreement")
    )
    changes = models.JSONField(_("changes"), default=dict)
    since = models.DateTimeField(_("from"))
    until = models.DateTimeField(_("until"))
    status = models.CharField(
        _("status"), max_length=16, choices=RunStatus, default=RunStatus.WAITING, editable=False
    )
    done = models.PositiveIntegerField(_("events done"), default=0)
    total = models.PositiveIntegerField(_("events in all"), default=0)
    result = models.JSONField(_("result"), null=True, blank=True)
    error = models.CharField(_("error"), max_length=300, blank=True)
    asked_at = models.DateTimeField(_("asked at"))
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, blank=True)
    draft = models.ForeignKey(
        Agreement, on_delete=models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("draft made of it"),
    )  # fmt: skip

    objects = SimulationQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("what-if run"), _("what-if runs")
        constraints = [
            one_of("status", RunStatus, name="simulation_status_known"),
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="simulation_period_in_order"),
            models.CheckConstraint(
                condition=Q(status="done", result__isnull=False) | ~Q(status="done"), name="simulation_done_has_result"
            ),
            models.CheckConstraint(
                condition=Q(status="cancelled", cancelled_at__isnull=False)
                | (~Q(status="cancelled") & Q(cancelled_at=None)),
                name="simulation_cancelled_at_iff_cancelled",
            ),
            sane_moments("since", "until", "asked_at", "started_at", "cancelled_at", name="simulation_moments_sane"),
        ]  # fmt: skip
        indexes = [
            # my runs, newest first
            models.Index(fields=["user", "-id"], name="simulation_mine"),
            # the sweep: what waits, and what broke off
            models.Index(
                fields=["id"], condition=Q(status__in=["waiting", "running"]), name="simulation_unfinished"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement} {self.since:%Y-%m-%d}–{self.until:%Y-%m-%d}"

    @property
    def is_unfinished(self) -> bool:
        return self.status in (RunStatus.WAITING, RunStatus.RUNNING)
