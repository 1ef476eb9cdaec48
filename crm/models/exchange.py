"""Dealings with other systems: imports, and answers kept for API retries."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from crm.models.base import sane_moments
from crm.querysets import BadRowQuerySet, ImportQuerySet, MineQuerySet, SavedMappingQuerySet
from crm.states import Moves, one_of


class ImportStatus(models.TextChoices):
    DRAFT = "draft", _("Columns to choose")
    CHECKING = "checking", _("Being checked")
    PREVIEW = "preview", _("Checked")
    RUNNING = "running", _("Coming in")
    DONE = "done", _("Done")
    STOPPED = "stopped", _("Stopped")
    FAILED = "failed", _("Broke off")


# A check that breaks off for good leaves a draft; a run that does can be taken up by a person.
IMPORT_MOVES: Moves = {
    ImportStatus.DRAFT: frozenset({ImportStatus.DRAFT, ImportStatus.CHECKING}),
    ImportStatus.CHECKING: frozenset({ImportStatus.CHECKING, ImportStatus.PREVIEW, ImportStatus.DRAFT}),
    ImportStatus.PREVIEW: frozenset({ImportStatus.DRAFT, ImportStatus.CHECKING, ImportStatus.RUNNING}),
    ImportStatus.RUNNING: frozenset({ImportStatus.DONE, ImportStatus.STOPPED, ImportStatus.FAILED}),
    ImportStatus.FAILED: frozenset({ImportStatus.RUNNING}),
    ImportStatus.DONE: frozenset(),
    ImportStatus.STOPPED: frozenset(),
}
ENDED = (ImportStatus.DONE, ImportStatus.STOPPED, ImportStatus.FAILED)
DUE = (ImportStatus.CHECKING, ImportStatus.RUNNING)


class ImportRun(models.Model):
    """One file brought in, or about to be: its columns, its counts, and how far it is.

    The file itself is kept only as long as it is needed.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, verbose_name=_("by")
    )
    kind = models.CharField(_("kind"), max_length=24)
    file_name = models.CharField(_("file"), max_length=200)
    content = models.BinaryField(default=bytes)
    digest = models.CharField(max_length=64, blank=True)
    header = models.JSONField(default=list)
    rows = models.PositiveIntegerField(_("rows"), default=0)
    mapping = models.JSONField(_("columns"), default=dict)
    options = models.JSONField(_("options"), default=dict)
    status = models.CharField(_("status"), max_length=16, choices=ImportStatus, default=ImportStatus.DRAFT)
    done = models.PositiveIntegerField(_("rows done"), default=0)
    created = models.PositiveIntegerField(_("created"), default=0)
    updated = models.PositiveIntegerField(_("updated"), default=0)
    unchanged = models.PositiveIntegerField(_("unchanged"), default=0)
    rejected = models.PositiveIntegerField(_("rejected"), default=0)
    notes = models.JSONField(_("notes"), default=list)
    in_hand = models.BooleanField(default=False)
    broke_off = models.PositiveSmallIntegerField(_("times broken off"), default=0)
    error = models.TextField(_("error"), blank=True)
    started_at = models.DateTimeField(_("started at"), db_default=Now())
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("import"), _("imports")
        constraints = [
            one_of("status", ImportStatus, name="import_status_known"),
            models.CheckConstraint(
                condition=Q(done=F("created") + F("updated") + F("unchanged") + F("rejected")),
                name="import_counts_add_up",
                violation_error_message=_("The counts of an import have to add up to its rows."),
            ),
            models.CheckConstraint(
                condition=(Q(finished_at=None) & ~Q(status__in=ENDED))
                | Q(finished_at__isnull=False, status__in=ENDED),
                name="import_finished_when_it_says",
                violation_error_message=_("An import that is over has the time of its end."),
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[ImportStatus.DONE, ImportStatus.STOPPED]) | Q(content=b""),
                name="import_keeps_no_file",
                violation_error_message=_("An import that is over keeps no file."),
            ),
            sane_moments("started_at", "finished_at", name="import_times_sane"),
        ]
        indexes = [
            # the list of a person's imports, newest first; the earlier one of the same file
            models.Index(fields=["user", "-id"], name="import_of_user"),
            # the sweep: what waits for its turn or broke off
            models.Index(fields=["started_at"], condition=Q(status__in=DUE), name="import_due"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.file_name}"

    @property
    def is_due(self) -> bool:
        return self.status in DUE


class SavedMapping(models.Model):
    """How a kind of file is read, kept under a name: its columns, and everything else of its plan."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, verbose_name=_("by"))
    kind = models.CharField(_("kind"), max_length=24)
    name = models.CharField(_("name"), max_length=80)
    header = models.JSONField(_("headings"), default=list)
    mapping = models.JSONField(_("columns"), default=dict)
    options = models.JSONField(_("options"), default=dict)
    is_shared = models.BooleanField(_("shared"), default=False)
    updated_at = models.DateTimeField(_("changed at"), db_default=Now())

    objects = SavedMappingQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("saved mapping"), _("saved mappings")
        constraints = [
            # also the look-up of a person's mappings of a kind
            models.UniqueConstraint(
                fields=["user", "kind", "name"],
                name="saved_mapping_name_once",
                violation_error_message=_("You have saved columns under this name already."),
            ),
            models.CheckConstraint(
                condition=~Q(name=""),
                name="saved_mapping_named",
                violation_error_message=_("Give the columns a name."),
            ),
            sane_moments("updated_at", name="saved_mapping_times_sane"),
        ]
        # what everybody shares for a kind
        indexes = [models.Index(fields=["kind"], condition=Q(is_shared=True), name="saved_mapping_shared")]

    def __str__(self) -> str:
        return self.name


class BadRow(models.Model):
    """A row of an import that was not taken in: what it says, and what is wrong with it."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="bad_rows")
    line = models.PositiveIntegerField(_("line"))
    cells = models.JSONField(default=list)
    is_cut = models.BooleanField(default=False)
    problems = models.JSONField(_("problems"), default=list)

    objects = BadRowQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("bad row"), _("bad rows")
        # the bad rows of a run, in the order of the file
        constraints = [models.UniqueConstraint(fields=["run", "line"], name="bad_row_once")]

    def __str__(self) -> str:
        return f"{self.line}"


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
