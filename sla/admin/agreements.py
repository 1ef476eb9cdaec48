"""Agreements, version by version: a draft is edited here too, everything after it is history."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import present
from crm.admin_base import DraftInline, VersionAdmin, tell, the_one
from sla import agreements
from sla.models import Agreement, EscalationStep, ReasonRule


class ReasonRuleInline(DraftInline):
    model = ReasonRule


class EscalationStepInline(DraftInline):
    model = EscalationStep


@admin.register(Agreement)
class AgreementAdmin(VersionAdmin):
    list_display = (
        "version",
        "title",
        "segment",
        "status",
        "definition",
        "response_hours",
        "feedback_hours",
        "effective_from",
        "contract",
    )
    list_filter = ("status", "segment")
    list_select_related = ("definition", "segment")
    readonly_fields = ("status", "contract", "effective_from", "effective_until", "activated_by")
    inlines = (EscalationStepInline, ReasonRuleInline)
    ordering = ("-version",)
    actions = ("draft", "propose", "sign", "return_to_draft")

    @admin.display(description=gettext_lazy("contract"))
    def contract(self, row: Agreement) -> str:
        """The text both sides read, where it is signed and printed as well."""
        if row.pk is None:
            return "–"
        return format_html('<a href="{}">{}</a>', reverse("sla:agreement", args=[row.pk]), _("Read it"))

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"version": agreements.next_version()}

    @admin.action(description=gettext_lazy("Draft the next version from this"), permissions=["change"])
    def draft(self, request: HttpRequest, queryset: QuerySet[Agreement]) -> None:
        by: Any = request.user

        def deed() -> str:
            drafted = agreements.draft_from(row, by=by, at=present.now())
            return _("Version %(version)s is drafted.") % {"version": drafted.version}

        if row := the_one(request, queryset):
            tell(request, deed)

    @admin.action(description=gettext_lazy("Propose to both sides"), permissions=["change"])
    def propose(self, request: HttpRequest, queryset: QuerySet[Agreement]) -> None:
        said = _("%(agreement)s is proposed. Both sides can sign it now.")
        self._do(request, queryset, agreements.propose, said)

    @admin.action(description=gettext_lazy("Sign for my side"), permissions=["change"])
    def sign(self, request: HttpRequest, queryset: QuerySet[Agreement]) -> None:
        self._do(request, queryset, agreements.sign, _("You have signed %(agreement)s."))

    @admin.action(description=gettext_lazy("Take back to be changed"), permissions=["change"])
    def return_to_draft(self, request: HttpRequest, queryset: QuerySet[Agreement]) -> None:
        said = _("%(agreement)s is a draft again; signatures on it are void.")
        self._do(request, queryset, agreements.return_to_draft, said)

    def _do(self, request: HttpRequest, queryset: QuerySet[Agreement], deed: Any, said: str) -> None:
        by: Any = request.user
        if row := the_one(request, queryset):
            tell(request, lambda: said % {"agreement": deed(row, by=by, at=present.now())})
