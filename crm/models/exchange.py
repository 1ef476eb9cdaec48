"""Dealings with other systems: imports, and answers kept for API retries."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from crm.querysets import MineQuerySet
from crm.states import one_of


class ImportStatus(models.TextChoices):
    PREVIEW = "preview", _("Preview")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class ImportRun(models.Model):
    """One file brought in, or about to be: its columns, its counts and its bad rows."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, verbose_name=_("by")
    )
    kind = models.CharField(_("kind"), max_length=24)
    file_name = models.CharField(_("file"), max_length=200)
    content = models.BinaryField(default=bytes)
    mapping = models.JSONField(_("columns"), default=dict)
    options = models.JSONField(_("options"), default=dict)
    status = models.CharField(_("status"), max_length=16, choices=ImportStatus, default=ImportStatus.PREVIEW)
    created = models.PositiveIntegerField(_("created"), default=0)
    updated = models.PositiveIntegerField(_("updated"), default=0)
    unchanged = models.PositiveIntegerField(_("unchanged"), default=0)
    rejected = models.PositiveIntegerField(_("rejected"), default=0)
    notes = models.JSONField(_("notes"), default=list)
    errors = models.JSONField(_("bad rows"), default=list)
    started_at = models.DateTimeField(_("started at"), db_default=Now())
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    objects = MineQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("import"), _("imports")
        constraints = [one_of("status", ImportStatus, name="import_status_known")]

    def __str__(self) -> str:
        return f"{self.kind} {self.file_name}"


class IdempotencyRecord(models.Model):
    """The first answer to a request with an Idempotency-Key, kept for its repeats."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    status_code = models.PositiveSmallIntegerField(null=True)
    answer = models.BinaryField(default=bytes)
    content_type = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    objects = MineQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("kept answer"), _("kept answers")
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_once")]
        # the sweep that forgets answers after a day
        indexes = [models.Index(fields=["created_at"], name="idempotency_created")]
