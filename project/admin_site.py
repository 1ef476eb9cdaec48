"""The admin as marketing's workplace: grouped by the work, with what waits on top."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib.admin import AdminSite
from django.db.models import Model
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from crm.components.faces import Words
from leads.models import FormSubmission
from sla.models import Feedback

# What belongs together in the work, whatever app keeps it. What is named nowhere stands in the last group.
GROUPS: tuple[tuple[Words, tuple[str, ...]], ...] = (
    (
        _("Feedback and SLA"),
        ("sla.Feedback", "sla.Agreement", "sla.RejectionReason", "leads.MqlDefinition", "sla.Handoff"),
    ),
    (
        _("Leads and scoring"),
        (
            "leads.Lead",
            "leads.BehaviourEvent",
            "leads.WaitingEvent",
            "leads.EventMapping",
            "leads.ScoringModel",
            "leads.Segment",
        ),
    ),
    (
        _("Forms and web sites"),
        ("leads.CaptureForm", "leads.FormSubmission", "leads.ConsentText", "leads.Touch", "leads.Site"),
    ),
    (_("Content and nurture"), ("content.Asset", "leads.Programme", "leads.Enrolment")),
    (_("Pipeline"), ("deals.Deal", "deals.DealStage", "deals.LossReason", "deals.Product")),
    (
        _("Companies and people"),
        ("crm.Account", "crm.Contact", "crm.Activity", "crm.MergeRecord", "crm.AutomaticMerge"),
    ),
    (_("Team"), ("crm.User", "crm.Team", "crm.Leave", "crm.Calendar", "sla.Territory")),
    (
        _("Schedules"),
        tuple(
            f"django_celery_beat.{name}"
            for name in (
                "PeriodicTask",
                "IntervalSchedule",
                "CrontabSchedule",
                "ClockedSchedule",
                "SolarSchedule",
            )
        ),
    ),
    (_("System"), ()),
)
# The ones that are always in reach, in the head of every page.
IN_HEAD = (
    "sla.Feedback",
    "sla.Agreement",
    "leads.Lead",
    "leads.ScoringModel",
    "leads.CaptureForm",
    "content.Asset",
    "leads.Programme",
)

Entry = dict[str, Any]


class BatonAdminSite(AdminSite):
    site_title = "Baton"
    site_header = "Baton"
    index_title = _("Admin")
    site_url = None
    enable_nav_sidebar = False

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Entry]:
        """Every page carries the whole list, and the first one shows it: it is made when it is looked at."""
        if app_label:
            return super().get_app_list(request, app_label)
        whole = super().get_app_list
        return SimpleLazyObject(lambda: grouped(whole(request)))  # type: ignore[return-value]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        links = [self._link(model) for model in map(apps.get_model, IN_HEAD) if self._shows(model, request)]
        current = next((link for link in links if request.path.startswith(link["admin_url"])), None)
        return {**super().each_context(request), "head_links": links, "head_current": current}

    def _shows(self, model: type[Model], request: HttpRequest) -> bool:
        return self.get_model_admin(model).has_view_permission(request)

    def _link(self, model: type[Model]) -> dict[str, str]:
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        return {"name": capfirst(str(model._meta.verbose_name_plural)), "admin_url": address}

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        return super().index(request, {"waiting": _waiting(request), **(extra_context or {})})


def grouped(apps: list[Entry]) -> list[Entry]:
    """Django's list of apps as groups of the work; empty ones are left out."""
    entries = {_label(entry): entry for app in apps for entry in app["models"] if entry["admin_url"]}
    groups = [
        _group(place, name, [entries.pop(label) for label in labels if label in entries])
        for place, (name, labels) in enumerate(GROUPS)
    ]
    groups[-1]["models"] += entries.values()
    return [group for group in groups if group["models"]]


def _group(place: int, name: Words, models: list[Entry]) -> Entry:
    return {"name": name, "app_label": f"group-{place}", "app_url": "", "models": models}


def _label(entry: Entry) -> str:
    label: str = entry["model"]._meta.label
    return label


def _waiting(request: HttpRequest) -> list[tuple[str, str]]:
    """Sentences about what waits for this person, each with the rows it speaks of."""
    user: Any = request.user
    unread = Feedback.objects.visible_to(user).unreviewed().count()
    held = FormSubmission.objects.visible_to(user).held().count()
    answers = ngettext(
        "%(count)d answer from sales waits to be reviewed.",
        "%(count)d answers from sales wait to be reviewed.",
        unread,
    )
    posts = ngettext(
        "%(count)d form post was held back and waits for a look.",
        "%(count)d form posts were held back and wait for a look.",
        held,
    )
    found = (
        (unread, answers, reverse("admin:sla_feedback_changelist") + "?reviewed=no"),
        (held, posts, reverse("admin:leads_formsubmission_changelist") + "?status__exact=held"),
    )
    return [(said % {"count": count}, url) for count, said, url in found if count]
