"""Records that may be one: what was found, what people said of it, and what was merged and can be taken back."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm.matching import rules
from crm.models.base import sane_moments
from crm.querysets import BatonQuerySet, SystemQuerySet
from crm.querysets_duplicates import DuplicatePairQuerySet, MergeRecordQuerySet
from crm.states import one_of


class RecordKind(models.TextChoices):
    CONTACT = "contact", _("People")
    ACCOUNT = "account", _("Companies")


class PairStatus(models.TextChoices):
    OPEN = "open", _("To be decided")
    MERGED = "merged", _("Merged")
    APART = "apart", _("Not the same")


class Fingerprint(models.Model):
    """That a record was searched as it was at its last change; its blocks are beside it."""

    kind = models.CharField(max_length=8, choices=RecordKind)
    record = models.BigIntegerField()
    of = models.DateTimeField()

    objects = SystemQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "record"], name="fingerprint_once"),
            one_of("kind", RecordKind, name="fingerprint_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.record}"


class Block(models.Model):
    """A record stands under a key (a hash of kind and block): who shares one is compared."""

    kind = models.CharField(max_length=8, choices=RecordKind)
    record = models.BigIntegerField()
    key = models.BigIntegerField()

    objects = SystemQuerySet.as_manager()

    class Meta:
        constraints = [one_of("kind", RecordKind, name="block_kind_known")]
        indexes = [
            # the search: who shares a block with what changed
            models.Index(fields=["key", "record"], name="block_key"),
            # the blocks of what changed, to be written anew
            models.Index(fields=["kind", "record"], name="block_of_record"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.record}"


class DuplicatePair(models.Model):
    """Two records that may be one. What a person decided is remembered and never asked again."""

    kind = models.CharField(_("kind"), max_length=8, choices=RecordKind)
    low = models.BigIntegerField(_("one record"))
    high = models.BigIntegerField(_("the other record"))
    score = models.PositiveSmallIntegerField(_("likeness"))
    reasons = ArrayField(models.CharField(max_length=32), verbose_name=_("reasons"))
    certain = ArrayField(models.CharField(max_length=32), default=list, verbose_name=_("exact rules"))
    status = models.CharField(_("status"), max_length=8, choices=PairStatus, default=PairStatus.OPEN)
    found_at = models.DateTimeField(_("found at"))
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )

    objects = DuplicatePairQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("possible duplicate"), _("possible duplicates")
        constraints = [
            models.UniqueConstraint(fields=["kind", "low", "high"], name="duplicate_pair_once"),
            models.CheckConstraint(condition=Q(low__lt=F("high")), name="duplicate_pair_in_order"),
            models.CheckConstraint(condition=Q(score__lte=100), name="duplicate_pair_score_percent"),
            one_of("kind", RecordKind, name="duplicate_pair_kind_known"),
            one_of("status", PairStatus, name="duplicate_pair_status_known"),
            sane_moments("found_at", "decided_at", name="duplicate_pair_moments_sane"),
        ]
        indexes = [
            # the list of what waits for a decision, the likeliest first
            models.Index(
                fields=["kind", "-score", "id"], condition=Q(status="open"), name="duplicate_pair_open"
            ),
            # the note on a record, and what a merge settles: pairs with this record on the other side
            models.Index(fields=["kind", "high"], name="duplicate_pair_high"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.low} = {self.high}"


class MergeRecord(models.Model):
    """One merge, with everything it moved and overwrote, so that it can be taken back."""

    kind = models.CharField(_("kind"), max_length=8, choices=RecordKind)
    loser = models.BigIntegerField(_("merged record"))
    winner = models.BigIntegerField(_("record that stayed"))
    rule = models.CharField(_("by rule"), max_length=32, blank=True)
    merged_at = models.DateTimeField(_("merged at"))
    merged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("merged by"),
    )
    # {"changed": {"app.Model": {id: {column: [before, after]}}}, "dropped": {"app.Model": [row, …]}}
    journal = models.JSONField(_("what moved"), default=dict)
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("undone by"),
    )

    objects = MergeRecordQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("merge"), _("merges")
        constraints = [
            models.CheckConstraint(condition=~Q(loser=F("winner")), name="merge_of_two"),
            one_of("kind", RecordKind, name="merge_kind_known"),
            sane_moments("merged_at", "undone_at", name="merge_moments_sane"),
        ]
        indexes = [
            # recently merged, newest first
            models.Index(fields=["kind", "-merged_at", "-id"], name="merge_recent"),
            # undoing: what later merges touched one of the two
            models.Index(fields=["kind", "winner"], name="merge_winner"),
            models.Index(fields=["kind", "loser"], name="merge_loser"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.loser} → {self.winner}"


class AutomaticMerge(models.Model):
    """An exact rule an administrator switched on: what it finds is merged without asking. None is on at first."""

    rule = models.CharField(
        _("rule"),
        max_length=40,
        unique=True,
        choices=[
            *((f"contact:{code}", rules.CERTAIN_WORDS[code]) for code in rules.CERTAIN_PEOPLE if code in rules.OFFERED),
            *((f"account:{code}", rules.CERTAIN_WORDS[code]) for code in rules.CERTAIN_COMPANIES),
        ],
    )  # fmt: skip

    objects = BatonQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("automatic merge"), _("automatic merges")

    def __str__(self) -> str:
        return str(self.get_rule_display())
