"""Marketing's desk: feedback to review, agreements version by version, reasons, handoffs to look at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm import present
from crm.admin_base import (
    BatonAdmin,
    DraftInline,
    LookOnlyAdmin,
    TextValues,
    VersionAdmin,
    ask,
    tell,
    the_one,
)
from leads.models import MqlDefinition
from sla import agreements, feedback
from sla.feedback_summary import summarise
from sla.forms import ReviewForm
from sla.models import Agreement, EscalationStep, Feedback, Handoff, ReasonRule, RejectionReason


class Reviewed(admin.SimpleListFilter):
    title, parameter_name = gettext_lazy("review"), "reviewed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", _("Still to review")), ("yes", _("Reviewed"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Feedback]) -> QuerySet[Feedback]:
        if self.value() not in ("no", "yes"):
            return queryset
        return queryset.filter(reviewed_at__isnull=self.value() == "no")


@admin.register(Feedback)
class FeedbackAdmin(LookOnlyAdmin):
    change_list_template = "admin/sla/feedback/change_list.html"
    list_display = (
        "given_at", "person", "company", "verdict", "reason", "said", "source", "campaign", "rep", "reviewed",
    )  # fmt: skip
    list_filter = (
        Reviewed,
        "verdict",
        "reason",
        "given_at",
        ("handoff__lead__source", TextValues),
        ("handoff__lead__campaign", TextValues),
        ("handoff__assignee", admin.RelatedOnlyFieldListFilter),
        ("handoff__assets", admin.RelatedOnlyFieldListFilter),
    )
    list_select_related = (
        "reason", "reviewed_by", "handoff__contact", "handoff__account", "handoff__lead", "handoff__assignee",
    )  # fmt: skip
    search_fields = ("handoff__contact__last_name", "handoff__account__name", "comment", "conclusion")
    ordering = ("-given_at", "-pk")
    actions = ("review",)

    @admin.display(description=gettext_lazy("contact"))
    def person(self, row: Feedback) -> str:
        return str(row.handoff.contact)

    @admin.display(description=gettext_lazy("account"))
    def company(self, row: Feedback) -> str:
        return str(row.handoff.account or "")

    @admin.display(description=gettext_lazy("comment"))
    def said(self, row: Feedback) -> str:
        return Truncator(row.comment).chars(80)

    @admin.display(description=gettext_lazy("source"), ordering="handoff__lead__source")
    def source(self, row: Feedback) -> str:
        return row.handoff.lead.source

    @admin.display(description=gettext_lazy("campaign"), ordering="handoff__lead__campaign")
    def campaign(self, row: Feedback) -> str:
        return row.handoff.lead.campaign

    @admin.display(description=gettext_lazy("rep"), ordering="handoff__assignee")
    def rep(self, row: Feedback) -> str:
        return str(row.handoff.assignee or "")

    @admin.display(description=gettext_lazy("reviewed"), boolean=True, ordering="reviewed_at")
    def reviewed(self, row: Feedback) -> bool:
        return row.reviewed_at is not None

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list, with accepted beside rejected for the rows the filters leave."""
        response = super().changelist_view(request, extra_context)
        context = getattr(response, "context_data", None)
        if context and "cl" in context:
            context["summary"] = summarise(context["cl"].queryset)
        return response

    def has_review_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "review")

    @admin.action(description=gettext_lazy("Mark as reviewed with a conclusion"), permissions=["review"])
    def review(self, request: HttpRequest, queryset: QuerySet[Feedback]) -> HttpResponse | None:
        def deed(said: Mapping[str, Any]) -> str:
            by: Any = request.user
            count = feedback.review(list(queryset), conclusion=said["conclusion"], by=by, at=present.now())
            return ngettext("%(count)s answer reviewed.", "%(count)s answers reviewed.", count) % {
                "count": count
            }

        return ask(self, request, queryset, title=_("Mark as reviewed"), form_class=ReviewForm, deed=deed)


@admin.register(Handoff)
class HandoffAdmin(LookOnlyAdmin):
    list_display = (
        "offered_at",
        "contact",
        "account",
        "assignee",
        "status",
        "round",
        "respond_by",
        "decided_at",
    )
    list_filter = (
        "status",
        ("assignee", admin.RelatedOnlyFieldListFilter),
        "team",
        "offered_at",
        "responded_in_time",
    )
    list_select_related = ("contact", "account", "assignee")
    search_fields = ("contact__last_name", "contact__email", "account__name")


class ReasonRuleInline(DraftInline):
    model = ReasonRule


class EscalationStepInline(DraftInline):
    model = EscalationStep


@admin.register(Agreement)
class AgreementAdmin(VersionAdmin):
    list_display = (
        "version",
        "title",
        "status",
        "definition",
        "response_hours",
        "feedback_hours",
        "effective_from",
    )
    list_select_related = ("definition",)
    readonly_fields = ("status", "effective_from", "effective_until", "activated_by")
    inlines = (EscalationStepInline, ReasonRuleInline)
    ordering = ("-version",)
    actions = ("draft", "propose", "sign", "return_to_draft")

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


@admin.register(RejectionReason)
class RejectionReasonAdmin(BatonAdmin):
    list_display = ("name", "name_ja", "code", "position")
    ordering = ("position", "pk")


@admin.register(MqlDefinition)
class MqlDefinitionAdmin(BatonAdmin):
    """Edited as long as only drafts name it: what was in force is history."""

    list_display = ("threshold", "minimum_grade", "required_fields", "hand_raises", "in_force")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and _only_drafted(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and _only_drafted(obj)


def _only_drafted(definition: MqlDefinition | None) -> bool:
    if definition is None:
        return True
    used = Agreement.objects.filter(definition=definition).exclude(status="draft")
    return not definition.in_force and not used.exists()
