"""Which part of the market a lead belongs to: an agreement or a territory is made for one."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from crm.models.base import Stamped
from crm.querysets import BatonQuerySet


def _words(label: Any) -> ArrayField:
    return ArrayField(models.CharField(max_length=120), default=list, blank=True, verbose_name=label)


class Segment(Stamped):
    """Leads that meet every condition given; of several segments the one with the lower position counts."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    name_ja = models.CharField(_("name in Japanese"), max_length=120, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    industries = _words(_("industries"))
    countries = _words(_("countries"))
    sources = _words(_("sources"))
    min_employees = models.PositiveIntegerField(_("employees from"), null=True, blank=True)
    max_employees = models.PositiveIntegerField(_("employees to"), null=True, blank=True)

    objects = BatonQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("segment"), _("segments")
        constraints = [
            models.CheckConstraint(
                condition=Q(min_employees=None)
                | Q(max_employees=None)
                | Q(max_employees__gte=F("min_employees")),
                name="segment_sizes_in_order",
                violation_error_message=_("The largest size comes before the smallest. Swap them."),
            ),
        ]

    def __str__(self) -> str:
        in_japanese = (get_language() or "").startswith("ja")
        return self.name_ja if in_japanese and self.name_ja else self.name
