"""What a person is told by mail together with other things."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.models.base import sane_moments
from crm.querysets import DigestLineQuerySet


class DigestLine(models.Model):
    """One letter that goes out as a line of a mail with others; the key makes it once."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="digest_lines",
        verbose_name=_("person"),
    )
    key = models.CharField(_("key"), max_length=120, unique=True)
    kind = models.CharField(_("kind"), max_length=40)
    subject = models.CharField(_("subject"), max_length=400)
    link = models.CharField(_("link"), max_length=500, blank=True)
    told_at = models.DateTimeField(_("told at"))
    due_at = models.DateTimeField(_("due at"))
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)

    objects = DigestLineQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("digest line"), _("digest lines")
        constraints = [sane_moments("told_at", "due_at", "sent_at", name="digest_line_moments_sane")]
        indexes = [
            # the digest task: whose lines are due
            models.Index(fields=["due_at", "user"], condition=Q(sent_at=None), name="digest_line_due"),
            # tidying up: what was sent long ago
            models.Index(fields=["sent_at"], condition=Q(sent_at__isnull=False), name="digest_line_sent"),
        ]

    def __str__(self) -> str:
        return self.subject
