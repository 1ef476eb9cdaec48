"""Mappings as marketing keeps them up: edited, tried on what a tool really sends, and used on a file."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from crm import present
from crm.admin_base import BatonAdmin
from crm.states import Refused
from leads.events import mappings
from leads.events.mappings import ready
from leads.events.mappings.forms import MappingForm, TryForm
from leads.models import EventMapping

WHO_AND_WHEN = ("email_at", "person_at", "time_at", "time_format", "zone", "id_at", "keeps")


@admin.register(EventMapping)
class EventMappingAdmin(BatonAdmin):
    form = MappingForm
    change_form_template = "admin/leads/eventmapping/change_form.html"
    list_display = ("name", "code", "source", "refuses_scanners", "signer", "updated_at")
    search_fields = ("name", "code", "source")
    ordering = ("name", "pk")
    save_as = True
    readonly_fields = ("address",)
    fieldsets = (
        (None, {"fields": ("name", "code", "source", "rows_at", "address")}),
        (gettext_lazy("What was done"), {"fields": ("kind_at", "kinds", "kind_otherwise", "asset_at", "assets")}),
        (gettext_lazy("Who, when, and under which id"), {"fields": WHO_AND_WHEN}),
        (
            gettext_lazy("Mail scanners"),
            {"fields": ("refuses_scanners", "agent_at", "machine_at", "delivered_at", "scanner_seconds")},
        ),
        (gettext_lazy("Signed calls"), {"fields": ("signer", "signing_key")}),
    )  # fmt: skip

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who may only look would be shown the key."""
        found = super().get_fieldsets(request, obj)
        return found if self.has_change_permission(request, obj) else found[:-1]

    @admin.display(description=gettext_lazy("address for webhooks"))
    def address(self, mapping: EventMapping) -> str | SafeString:
        if mapping.pk is None:
            return "–"
        return format_html(
            "{}<div class='help'>{}</div>",
            settings.BASE_URL + reverse("api-events-from", args=[mapping.code]),
            _("The tool needs a token with events:write, or signs its calls (below) and needs none."),
        )

    def get_urls(self) -> list[Any]:
        try_it = self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(self.try_view))
        add = self.admin_site.admin_view(require_POST(self.add_ready))
        return [
            path("<path:object_id>/try/", try_it, name="leads_eventmapping_try"),
            path("add-ready/", add, name="leads_eventmapping_add_ready"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        lacking = len(ready.missing()) if self.has_add_permission(request) else 0
        return super().changelist_view(request, {"lacking": lacking, **(extra_context or {})})

    def add_ready(self, request: HttpRequest) -> HttpResponse:
        """Those of ours that came with an update, and those somebody deleted; no other is touched."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        added = ", ".join(ready.found())
        messages.success(request, _("Added: %(codes)s.") % {"codes": added} if added else _("All are there."))
        return HttpResponseRedirect(reverse("admin:leads_eventmapping_changelist"))

    def try_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Shows what would come of a payload; a second button brings it in."""
        pk = int(object_id) if object_id.isdecimal() else 0
        mapping = get_object_or_404(self.get_queryset(request), pk=pk)
        form = TryForm(request.POST or None, request.FILES or None)
        found: dict[str, Any] = {}
        if request.method == "POST" and form.is_valid():
            try:
                payload = mappings.rows_of(form.content())
                if "bring_in" in request.POST and self._bring_in(request, mapping, payload):
                    events = reverse("admin:leads_behaviourevent_changelist")
                    return HttpResponseRedirect(f"{events}?source={mapping.source}")
                found = _shown(mapping, payload, request)
            except Refused as refusal:
                form.add_error("payload", str(refusal))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Try “%(name)s”") % {"name": mapping},
            "opts": self.opts,
            "mapping": mapping,
            "form": form,
            **found,
        }
        return TemplateResponse(request, "admin/leads/eventmapping/try.html", context)

    def _bring_in(self, request: HttpRequest, mapping: EventMapping, payload: Any) -> bool:
        """Whether all of it came in; otherwise the page goes on to show which rows were refused, and why."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        by: Any = request.user
        outcome = mappings.bring_in(mapping, payload, by=by, at=present.now())
        tell = messages.warning if outcome.refused else messages.success
        tell(request, said(outcome))
        return not outcome.refused


def _shown(mapping: EventMapping, payload: Any, request: HttpRequest) -> dict[str, Any]:
    by: Any = request.user
    trials = mappings.try_out(mapping, payload, by=by, at=present.now())
    good = [trial for trial in trials if trial.told.event and not trial.fault]
    bad = [trial for trial in trials if trial.fault]
    return {
        "trials": trials,
        "good": len(good),
        "bad": len(bad),
        "passed": len(trials) - len(good) - len(bad),
    }


def said(outcome: mappings.Outcome) -> str:
    told = {
        "rows": outcome.rows,
        "accepted": outcome.accepted,
        "duplicates": outcome.duplicates,
        "waiting": outcome.waiting,
        "scanners": outcome.scanners,
        "ignored": outcome.ignored,
        "refused": len(outcome.refused),
    }
    return (
        _(
            "%(rows)s rows: %(accepted)s counted, %(duplicates)s known already, %(waiting)s wait for their person, "
            "%(scanners)s by scanners, %(ignored)s passed over, %(refused)s refused."
        )
        % told
    )
