"""What the reports keep: questions about scoring that take seconds to answer."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models.base import sane_moments
from crm.states import one_of
from leads.models import ScoringModel
from sla.models.runs import Run, RunStatus, cancelled_has_moment, done_has_result
from sla.querysets import RunQuerySet


class ScoringQuestion(models.TextChoices):
    INSIGHT = "insight", _("What leads to it")
    PROPOSAL = "proposal", _("Proposed points")


class ScoringRun(Run):
    """What leads to an outcome, or points proposed from it, over the handoffs an address asks for.

    `query` holds the address, `result` figures and ids, never names. A proposal makes a draft and activates nothing.
    """

    question = models.CharField(_("question"), max_length=16, choices=ScoringQuestion)
    version = models.ForeignKey(
        ScoringModel, on_delete=models.CASCADE, related_name="+", verbose_name=_("version")
    )
    outcome = models.CharField(_("outcome"), max_length=16)
    bar = models.FloatField(_("threshold"))
    query = models.JSONField(_("handoffs asked for"), default=dict)
    draft = models.ForeignKey(
        ScoringModel, on_delete=models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("draft made of it"),
    )  # fmt: skip

    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("question about scoring"), _("questions about scoring")
        constraints = [
            one_of("status", RunStatus, name="scoring_run_status_known"),
            one_of("question", ScoringQuestion, name="scoring_run_question_known"),
            models.CheckConstraint(condition=models.Q(bar__gt=0), name="scoring_run_bar_above_nothing"),
            done_has_result("scoring_run_done_has_result"),
            cancelled_has_moment("scoring_run_cancelled_at_iff_cancelled"),
            sane_moments("asked_at", "started_at", "cancelled_at", name="scoring_run_moments_sane"),
        ]
        indexes = [
            # my questions, newest first
            models.Index(fields=["user", "-id"], name="scoring_run_mine"),
            # the sweep: what waits, and what broke off
            models.Index(
                fields=["id"],
                condition=models.Q(status__in=["waiting", "running"]),
                name="scoring_run_unfinished",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_question_display()}, {self.version}"

    @property
    def asked(self) -> dict[str, Any]:
        """How an address asks for the same again."""
        return {
            **self.query,
            "version": self.version.version,
            "outcome": self.outcome,
            "bar": f"{self.bar:g}",
        }
