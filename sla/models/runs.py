"""A question that takes seconds: who asked it, and how far the answer has come."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.models.base import Stamped
from crm.states import Moves


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


class Run(Stamped):
    """What every such question has; `sla.runs` moves its status."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("by")
    )
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

    class Meta:
        abstract = True

    @property
    def is_unfinished(self) -> bool:
        return self.status in (RunStatus.WAITING, RunStatus.RUNNING)


def done_has_result(name: str) -> models.CheckConstraint:
    """What is done has an answer."""
    return models.CheckConstraint(
        condition=Q(status="done", result__isnull=False) | ~Q(status="done"), name=name
    )


def cancelled_has_moment(name: str) -> models.CheckConstraint:
    """What was cancelled says when, and nothing else does."""
    cancelled = Q(status="cancelled", cancelled_at__isnull=False)
    return models.CheckConstraint(
        condition=cancelled | (~Q(status="cancelled") & Q(cancelled_at=None)), name=name
    )
