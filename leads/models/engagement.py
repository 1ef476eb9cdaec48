"""What a lead did, as any tool tells it."""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from content.models import Asset
from crm.models.base import sane_moments
from crm.states import one_of
from leads.models.lead import Lead
from leads.querysets import EventQuerySet


class EventKind(models.TextChoices):
    PAGE_VIEW = "page_view", _("Page visit")
    DOWNLOAD = "download", _("Document download")
    WEBINAR_REGISTERED = "webinar_registered", _("Webinar registration")
    WEBINAR = "webinar", _("Webinar attendance")
    EMAIL_OPEN = "email_open", _("E-mail opened")
    EMAIL_CLICK = "email_click", _("Link in an e-mail clicked")
    FORM = "form", _("Form sent")
    INQUIRY = "inquiry", _("Inquiry")
    DEMO_REQUEST = "demo_request", _("Demo request")
    PRICING_VIEW = "pricing_view", _("Price page visit")
    ROOM_VIEW = "room_view", _("Sales room visit")
    EVENT_VISIT = "event_visit", _("Visit at a fair")


class Beyond(models.TextChoices):
    """Which limit of its rule an event went beyond."""

    DAY = "day", _("most a day")
    ASSET = "asset", _("most per asset")
    INTERVAL = "interval", _("minutes between")


class BehaviourEvent(models.Model):
    """One event, counted once by (source, external_id). Its points follow from the rules in force.

    One beyond a limit of its rule gives none, and says which.
    """

    lead = models.ForeignKey(
        Lead, on_delete=models.PROTECT, related_name="events", db_index=False, verbose_name=_("lead")
    )
    kind = models.CharField(_("kind"), max_length=24, choices=EventKind)
    asset = models.ForeignKey(
        Asset, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        verbose_name=_("asset"),
    )  # fmt: skip
    occurred_at = models.DateTimeField(_("occurred at"))
    received_at = models.DateTimeField(_("received at"), db_default=Now())
    source = models.CharField(_("source"), max_length=80)
    external_id = models.CharField(_("external id"), max_length=200)
    beyond = models.CharField(_("beyond the limit"), max_length=8, choices=Beyond, blank=True, db_default="")
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)
    properties = models.JSONField(_("properties"), default=dict, blank=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("behaviour event"), _("behaviour events")
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id"], name="event_once"),
            one_of("kind", EventKind, name="event_kind_known"),
            sane_moments("occurred_at", "withdrawn_at", name="event_moments_sane"),
            models.CheckConstraint(condition=Q(beyond__in=["", *Beyond.values]), name="event_beyond_known"),
        ]
        indexes = [
            # a lead's events, newest first: timeline, explanation, re-summing
            models.Index(fields=["lead", "-occurred_at"], name="event_of_lead"),
            # what was done with an asset; most behaviour is with none, and pays nothing for it
            models.Index(fields=["asset"], condition=~Q(asset=None), name="event_of_asset"),
            # what was counted in a period, for a replay: rows lie in this order, so a summary of blocks is enough
            BrinIndex(fields=["received_at"], name="event_received", pages_per_range=32, autosummarize=True),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.occurred_at:%Y-%m-%d}"
