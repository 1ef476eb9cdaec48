"""What sales sent back because of its data: marketing mends it, and the lead is offered again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm import present
from crm.admin_base import LookOnlyAdmin, ask
from crm.pages import url_of
from sla import data_tasks
from sla.forms import FinishForm
from sla.models import DataTask


class StateFilter(admin.SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", _("Still to do")), ("done", _("Done"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[DataTask]) -> QuerySet[DataTask]:
        if self.value() not in ("open", "done"):
            return queryset
        return queryset.filter(done_at__isnull=self.value() == "open")


@admin.register(DataTask)
class DataTaskAdmin(LookOnlyAdmin):
    list_display = (
        "opened_at",
        "said",
        "missing",
        "lead",
        "contact",
        "account",
        "kind",
        "rep",
        "done_at",
        "result",
    )
    list_filter = (StateFilter, "kind", ("handoff__assignee", admin.RelatedOnlyFieldListFilter), "opened_at")
    list_select_related = (
        "handoff__contact", "handoff__lead__contact", "handoff__lead__account", "handoff__assignee",
        "handoff__agreement__definition",
    )  # fmt: skip
    search_fields = ("handoff__contact__last_name", "handoff__account__name", "asked", "result")
    ordering = (F("done_at").asc(nulls_first=True), "opened_at", "pk")
    actions = ("offer_again", "back_to_nurture")

    @admin.display(description=gettext_lazy("what sales said"))
    def said(self, row: DataTask) -> str:
        return Truncator(row.asked).chars(120) or "–"

    @admin.display(description=gettext_lazy("still missing"))
    def missing(self, row: DataTask) -> str:
        return ", ".join(str(field.label) for field in data_tasks.missing(row)) or "–"

    @admin.display(description=gettext_lazy("lead"))
    def lead(self, row: DataTask) -> str:
        return _link(url_of("desk:lead-detail", row.handoff.lead_id), row.handoff.lead.get_stage_display())

    @admin.display(description=gettext_lazy("contact"))
    def contact(self, row: DataTask) -> str:
        contact = row.handoff.lead.contact
        return _link(reverse("admin:crm_contact_change", args=[contact.pk]), str(contact))

    @admin.display(description=gettext_lazy("account"))
    def account(self, row: DataTask) -> str:
        account = row.handoff.lead.account
        return _link(url_of("desk:account-detail", account.pk), str(account)) if account else "–"

    @admin.display(description=gettext_lazy("rep"), ordering="handoff__assignee")
    def rep(self, row: DataTask) -> str:
        return str(row.handoff.assignee or "–")

    def has_finish_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "finish")

    @admin.action(description=gettext_lazy("Done: offer again"), permissions=["finish"])
    def offer_again(self, request: HttpRequest, queryset: QuerySet[DataTask]) -> HttpResponse | None:
        return self._finish(request, queryset, title=_("Done: offer again"), offer_again=True)

    @admin.action(description=gettext_lazy("Done: back to nurture"), permissions=["finish"])
    def back_to_nurture(self, request: HttpRequest, queryset: QuerySet[DataTask]) -> HttpResponse | None:
        return self._finish(request, queryset, title=_("Done: back to nurture"), offer_again=False)

    def _finish(
        self, request: HttpRequest, queryset: QuerySet[DataTask], *, title: str, offer_again: bool
    ) -> HttpResponse | None:
        by: Any = request.user

        def deed(said: Mapping[str, Any]) -> str:
            tasks, at = list(queryset.open()), present.now()
            for task in tasks:
                data_tasks.finish(task, result=said["result"], by=by, at=at, offer_again=offer_again)
            return ngettext("%(count)s task done.", "%(count)s tasks done.", len(tasks)) % {
                "count": len(tasks)
            }

        return ask(self, request, queryset, title=title, form_class=FinishForm, deed=deed)


def _link(url: str, words: str) -> str:
    return format_html('<a href="{}">{}</a>', url, words) if url else words
