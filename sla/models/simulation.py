"""A question asked of the past, and its answer: kept for whoever asked."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm.models.base import sane_moments
from crm.states import one_of
from sla.models.agreement import Agreement
from sla.models.runs import Run, RunStatus, cancelled_has_moment, done_has_result
from sla.querysets import RunQuerySet


class SimulationRun(Run):
    """A what-if run: which agreement with which changes over which period, how far it has come, and what came of it.

    `result` holds figures and ids, never names: whoever reads it sees the leads they may see.
    """

    agreement = models.ForeignKey(
        Agreement, on_delete=models.CASCADE, related_name="+", verbose_name=_("agreement")
    )
    changes = models.JSONField(_("changes"), default=dict)
    since = models.DateTimeField(_("from"))
    until = models.DateTimeField(_("until"))
    draft = models.ForeignKey(
        Agreement, on_delete=models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("draft made of it"),
    )  # fmt: skip

    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("what-if run"), _("what-if runs")
        constraints = [
            one_of("status", RunStatus, name="simulation_status_known"),
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="simulation_period_in_order"),
            done_has_result("simulation_done_has_result"),
            cancelled_has_moment("simulation_cancelled_at_iff_cancelled"),
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
