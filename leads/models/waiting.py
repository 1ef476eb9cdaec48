"""Behaviour of people nobody knows yet: kept without their names until they appear."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from content.models import Asset
from crm.models import Contact
from crm.models.base import sane_moments
from crm.states import one_of
from leads.models.engagement import EventKind
from leads.querysets import WaitingQuerySet


class WaitingEvent(models.Model):
    """One event whose person has no lead yet, once by (source, external_id).

    The person is told by keyed hashes of what the tool called them by, or is a contact without a lead: nobody
    can read from this table who did what.
    """

    source = models.CharField(_("source"), max_length=80)
    external_id = models.CharField(_("external id"), max_length=200)
    kind = models.CharField(_("kind"), max_length=24, choices=EventKind)
    occurred_at = models.DateTimeField(_("occurred at"))
    received_at = models.DateTimeField(_("received at"))
    asset = models.ForeignKey(
        Asset, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("asset")
    )
    email_mark = models.CharField(_("mark of the e-mail address"), max_length=64, blank=True)
    external_mark = models.CharField(_("mark of the external id"), max_length=64, blank=True)
    contact = models.ForeignKey(
        Contact, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("contact")
    )
    is_withheld = models.BooleanField(_("does not count"), default=False)  # a mail scanner did it
    properties = models.JSONField(_("properties"), default=dict, blank=True)

    objects = WaitingQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("waiting event"), _("waiting events")
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id"], name="waiting_once"),
            one_of("kind", EventKind, name="waiting_kind_known"),
            sane_moments("occurred_at", "received_at", name="waiting_moments_sane"),
            models.CheckConstraint(
                condition=~Q(email_mark="") | ~Q(external_mark="") | Q(contact__isnull=False),
                name="waiting_for_somebody",
                violation_error_message=_("A waiting event has to say whom it waits for."),
            ),
        ]
        indexes = [
            # whoever appears, by their address or by their id elsewhere: what waits for them
            models.Index(fields=["email_mark"], condition=~Q(email_mark=""), name="waiting_email"),
            models.Index(fields=["external_mark"], condition=~Q(external_mark=""), name="waiting_external"),
            # what has waited too long
            models.Index(fields=["received_at"], name="waiting_received"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.occurred_at:%Y-%m-%d}"
