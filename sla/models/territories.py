"""Which team works which part of the market."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models import Team
from crm.models.base import Stamped
from crm.querysets import BatonQuerySet
from leads.models import Segment


class Territory(Stamped):
    """Leads of a segment go to a team, or, without one, wait in the open queue. The lowest position counts."""

    position = models.PositiveSmallIntegerField(_("position"), default=0)
    segment = models.OneToOneField(
        Segment, on_delete=models.PROTECT, related_name="territory", verbose_name=_("segment")
    )
    team = models.ForeignKey(
        Team, on_delete=models.PROTECT, null=True, blank=True, related_name="territories", verbose_name=_("team"),
        help_text=_("Empty: the open queue."),
    )  # fmt: skip

    objects = BatonQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("territory"), _("territories")

    def __str__(self) -> str:
        return f"{self.segment} → {self.team or '—'}"
