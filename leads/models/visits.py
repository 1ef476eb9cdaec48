"""Where people came from, and what they did on our web sites before and after we knew them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from content.models import Asset
from crm.models import Contact
from crm.models.base import Stamped, sane_moments
from crm.querysets import BatonQuerySet
from crm.states import one_of
from leads.models.capturing import CaptureForm, origins_field
from leads.models.engagement import EventKind
from leads.models.lead import Lead
from leads.querysets import EventQuerySet


class Touch(models.Model):
    """One time a lead came to us, and by which way. Only added to; the first one stays on the lead as well."""

    lead = models.ForeignKey(
        Lead, on_delete=models.PROTECT, db_index=False, related_name="touches", verbose_name=_("lead")
    )
    occurred_at = models.DateTimeField(_("occurred at"))
    source = models.CharField(_("source"), max_length=80, blank=True)
    medium = models.CharField(_("medium"), max_length=80, blank=True)
    campaign = models.CharField(_("campaign"), max_length=120, blank=True)
    term = models.CharField(_("search term"), max_length=120, blank=True)
    content = models.CharField(_("advertisement"), max_length=120, blank=True)
    referrer = models.CharField(_("referring page"), max_length=300, blank=True)
    landing_page = models.CharField(_("landing page"), max_length=300, blank=True)
    form = models.ForeignKey(
        CaptureForm, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("form")
    )

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("touch"), _("touches")
        constraints = [sane_moments("occurred_at", name="touch_moment_sane")]
        indexes = [
            # a lead's touches, newest first: timeline, and whether a row is sent once more
            models.Index(fields=["lead", "-occurred_at"], name="touch_of_lead"),
        ]

    def __str__(self) -> str:
        return " / ".join(filter(None, (self.source, self.medium, self.campaign))) or self.referrer or "–"


class Site(Stamped):
    """A web site of ours that may tell what its visitors do."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    origins = origins_field(_("origins"), _("Web addresses without a path, such as https://www.example.com."))
    is_active = models.BooleanField(_("listened to"), default=True)

    objects = BatonQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("web site"), _("web sites")

    def __str__(self) -> str:
        return self.name


class PathRule(models.Model):
    """What a page stands for: the first rule whose path fits counts; without one it is a page visit."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="rules")
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    path = models.CharField(
        _("path"), max_length=200, help_text=_("Such as /pricing or /blog/*, where * is anything.")
    )
    kind = models.CharField(_("counts as"), max_length=24, choices=EventKind, default=EventKind.PAGE_VIEW)
    asset = models.ForeignKey(
        Asset, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("asset")
    )

    objects = BatonQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("page rule"), _("page rules")
        constraints = [one_of("kind", EventKind, name="path_rule_kind_known")]

    def __str__(self) -> str:
        return f"{self.path} → {self.get_kind_display()}"


class Visitor(models.Model):
    """A browser that agreed to be known again. Of its random id only a hash is kept.

    `told` is what this browser itself has filled in; `is_proven` says that it came with a link we mailed, which
    is the only way to be asked by what we know rather than by what was told here.
    """

    key = models.CharField(max_length=64, unique=True, editable=False)
    contact = models.ForeignKey(
        Contact, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("contact")
    )
    told = ArrayField(models.CharField(max_length=32), default=list, blank=True)
    is_proven = models.BooleanField(default=False)
    seen_at = models.DateTimeField(_("last seen at"))

    objects = BatonQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("visitor"), _("visitors")
        # the task that forgets who did not come back
        indexes = [models.Index(fields=["seen_at"], name="visitor_seen")]


class Visit(models.Model):
    """What an unknown visitor did. It becomes behaviour when they tell who they are, or is forgotten."""

    visitor = models.ForeignKey(Visitor, on_delete=models.CASCADE, related_name="visits")
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="+")
    # Tells one visit from the next: the same page within half an hour is the same visit.
    mark = models.CharField(max_length=64)
    kind = models.CharField(_("kind"), max_length=24, choices=EventKind)
    path = models.CharField(_("path"), max_length=300)
    asset = models.ForeignKey(Asset, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    occurred_at = models.DateTimeField(_("occurred at"))

    objects = BatonQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("visit"), _("visits")
        constraints = [
            models.UniqueConstraint(fields=["visitor", "mark"], name="visit_once"),
            one_of("kind", EventKind, name="visit_kind_known"),
        ]
        # the task that forgets old visits
        indexes = [models.Index(fields=["occurred_at"], name="visit_occurred")]


class Tally(models.Model):
    """How often something happened in a period: the counter behind the limits of public pages."""

    key = models.CharField(max_length=64)
    starts_at = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    objects = BatonQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("tally"), _("tallies")
        constraints = [models.UniqueConstraint(fields=["key", "starts_at"], name="tally_once")]
        # the task that forgets past periods
        indexes = [models.Index(fields=["starts_at"], name="tally_starts")]
