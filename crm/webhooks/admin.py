"""Webhooks in the admin: who listens, what was sent, and how each attempt went."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm import present
from crm.admin_base import Fate, LookOnly, LookOnlyAdmin, ask, tell, the_one
from crm.models import Webhook, WebhookAttempt, WebhookDelivery
from crm.webhooks import registry
from crm.webhooks.forms import NewWebhookForm, NothingToSay, WebhookForm


class WebhookAdmin(LookOnlyAdmin):
    list_display = ("called", "owner", "listens_to", "is_on", "disabled_reason", "failing_since", "sent")
    list_select_related = ("owner",)
    search_fields = ("name", "url")
    fields = (
        "name", "url", "listens_to", "owner", "is_on", "disabled_at", "disabled_reason", "failures", "failing_since",
        "resume_at", "previous_until", "created_at",
    )  # fmt: skip
    actions = ("change_it", "rotate", "switch_off", "switch_on")

    @admin.display(description=gettext_lazy("webhook"), ordering="url")
    def called(self, row: Webhook) -> str:
        return f"{row.name} · {row.url}" if row.name else row.url

    @admin.display(description=gettext_lazy("topics"))
    def listens_to(self, row: Webhook) -> str:
        return " ".join(row.topics)

    @admin.display(description=gettext_lazy("on"), boolean=True)
    def is_on(self, row: Webhook) -> bool:
        return row.is_active

    @admin.display(description=gettext_lazy("deliveries"))
    def sent(self, row: Webhook) -> str:
        address = reverse("admin:crm_webhookdelivery_changelist")
        return format_html('<a href="{}?webhook__id__exact={}">{}</a>', address, row.pk, _("Show"))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "add")

    def has_work_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "change")

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        made: list[str] = []

        def deed(said: Mapping[str, Any]) -> str:
            webhook, secret = registry.register(by=request.user, at=present.now(), **said)
            made.append(secret)
            return _("%(webhook)s is told what happens from here on.") % {"webhook": webhook}

        nothing = Webhook.objects.none()
        asked = ask(self, request, nothing, title=_("Add a webhook"), form_class=NewWebhookForm, deed=deed)
        return asked or self._shown_once(request, made[0])

    def _shown_once(self, request: HttpRequest, secret: str) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("The secret of this webhook"),
            "opts": self.opts,
            "secret": secret,
        }
        return TemplateResponse(request, "admin/secret.html", context)

    @admin.action(description=gettext_lazy("Change"), permissions=["work"])
    def change_it(self, request: HttpRequest, queryset: QuerySet[Webhook]) -> HttpResponse | None:
        def deed(said: Mapping[str, Any]) -> str:
            return _("%(webhook)s is changed.") % {
                "webhook": registry.change(row, by=request.user, at=present.now(), **said)
            }

        if not (row := the_one(request, queryset)):
            return None
        known = {"name": row.name, "url": row.url, "topics": " ".join(row.topics)}
        form = partial(WebhookForm, initial=known)
        return ask(self, request, queryset, title=_("Change"), form_class=form, deed=deed)

    @admin.action(description=gettext_lazy("Make a new secret"), permissions=["work"])
    def rotate(self, request: HttpRequest, queryset: QuerySet[Webhook]) -> HttpResponse | None:
        made: list[str] = []

        def deed(_said: Mapping[str, Any]) -> str:
            made.append(registry.rotate(row, by=request.user, at=present.now()))
            return _("For a day messages are signed by the old secret too.")

        if not (row := the_one(request, queryset)):
            return None
        asked = ask(self, request, queryset, title=_("Make a new secret"), form_class=NothingToSay, deed=deed)
        return asked or self._shown_once(request, made[0])

    @admin.action(description=gettext_lazy("Switch off"), permissions=["work"])
    def switch_off(self, request: HttpRequest, queryset: QuerySet[Webhook]) -> None:
        def deed() -> str:
            for row in queryset:
                registry.switch_off(row, by=request.user, at=present.now())
            return _("Switched off. What waited is given up; it can be tried again later.")

        tell(request, deed)

    @admin.action(description=gettext_lazy("Switch on"), permissions=["work"])
    def switch_on(self, request: HttpRequest, queryset: QuerySet[Webhook]) -> None:
        def deed() -> str:
            for row in queryset:
                registry.switch_on(row, by=request.user, at=present.now())
            return _("Switched on. It is told what happens from here on.")

        tell(request, deed)


class AttemptInline(LookOnly, admin.TabularInline):
    model = WebhookAttempt
    extra = 0
    ordering = ("pk",)
    fields = ("at", "status_code", "milliseconds", "trouble")


class WebhookDeliveryAdmin(LookOnlyAdmin):
    list_display = (
        "queued_at",
        "webhook",
        "kind",
        "tries",
        "next_try",
        "delivered_at",
        "failed_at",
        "trouble",
    )
    list_filter = (Fate, "trouble", "webhook")
    list_select_related = ("webhook", "entry")
    search_fields = ("=entry__kind",)
    fields = (
        "message_id", "webhook", "kind", "queued_at", "tries", "next_try", "delivered_at", "failed_at", "trouble",
    )  # fmt: skip
    inlines = (AttemptInline,)
    actions = ("retry",)

    @admin.display(description=gettext_lazy("next attempt"), ordering="due_at")
    def next_try(self, row: WebhookDelivery) -> Any:
        return row.due_at if row.is_waiting else None

    @admin.display(description=gettext_lazy("topic"), ordering="entry__kind")
    def kind(self, row: WebhookDelivery) -> str:
        return row.entry.kind

    @admin.display(description="webhook-id")
    def message_id(self, row: WebhookDelivery) -> str:
        return row.message_id

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "retry")

    @admin.action(description=gettext_lazy("Try again now"), permissions=["retry"])
    def retry(self, request: HttpRequest, queryset: QuerySet[WebhookDelivery]) -> None:
        def deed() -> str:
            count = registry.retry(queryset.select_related("webhook"), by=request.user, at=present.now())
            return ngettext(
                "%(count)s message is tried again.", "%(count)s messages are tried again.", count
            ) % {"count": count}

        tell(request, deed)
