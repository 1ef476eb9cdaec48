"""Nurture programmes and who is in them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from crm.models.base import Stamped
from crm.querysets import BatonQuerySet
from leads.models.lead import Lead
from leads.querysets import EnrolmentQuerySet


class Programme(Stamped):
    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    name_ja = models.CharField(_("name in Japanese"), max_length=120, blank=True)
    purpose = models.TextField(_("purpose"), blank=True)

    objects = BatonQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("nurture programme"), _("nurture programmes")

    def __str__(self) -> str:
        in_japanese = (get_language() or "").startswith("ja")
        return self.name_ja if in_japanese and self.name_ja else self.name


class Enrolment(models.Model):
    """A lead's stay in a programme."""

    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, related_name="enrolments", verbose_name=_("programme")
    )
    lead = models.ForeignKey(
        Lead, on_delete=models.PROTECT, related_name="enrolments", verbose_name=_("lead")
    )
    entered_at = models.DateTimeField(_("entered at"))
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("by")
    )
    cause = models.CharField(_("cause"), max_length=120, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("enrolment"), _("enrolments")
        constraints = [
            models.UniqueConstraint(
                fields=["lead", "programme"], condition=Q(ended_at=None), name="enrolment_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lead} → {self.programme}"
