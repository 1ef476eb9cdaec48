"""Leads to look at and send on by deeds; what they did; scoring models and programmes to keep up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
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
from leads import lifecycle
from leads.capture.admin import (
    CaptureFormAdmin,
    ConsentTextAdmin,
    FormSubmissionAdmin,
    SiteAdmin,
    TouchAdmin,
    TouchInline,
)
from leads.events import withdrawing
from leads.events.mappings.admin import EventMappingAdmin
from leads.forms import DisqualifierForm, DisqualifyForm, FitRuleForm, RecycleForm, WithdrawForm
from leads.models import (
    BehaviourEvent,
    BehaviourRule,
    CaptureForm,
    ConsentText,
    Disqualifier,
    Enrolment,
    FitGrade,
    FitRule,
    FormSubmission,
    Lead,
    Programme,
    ScoringModel,
    Site,
    Touch,
    WaitingEvent,
)
from leads.scoring import versions

admin.site.register(CaptureForm, CaptureFormAdmin)
admin.site.register(ConsentText, ConsentTextAdmin)
admin.site.register(FormSubmission, FormSubmissionAdmin)
admin.site.register(Site, SiteAdmin)
admin.site.register(Touch, TouchAdmin)

__all__ = ["EventMappingAdmin"]


@admin.register(Lead)
class LeadAdmin(LookOnlyAdmin):
    fieldsets = (
        (None, {"fields": ("contact", "account", "owner", "stage", "stage_at", "points", "grade")}),
        (
            gettext_lazy("Where it came from"),
            {"fields": ("source", "medium", "campaign", "external_id", "captured_at")},
        ),
        (gettext_lazy("Its way so far"), {"fields": ("qualified_at", "rounds", "waits_until")}),
    )
    list_display = (
        "contact",
        "account",
        "stage",
        "points",
        "grade",
        "source",
        "campaign",
        "owner",
        "stage_at",
    )
    list_filter = (
        "stage",
        ("source", TextValues),
        ("campaign", TextValues),
        ("touches__form", admin.RelatedOnlyFieldListFilter),
        "owner",
        "captured_at",
    )
    inlines = (TouchInline,)
    list_select_related = ("contact", "account", "owner", "score")
    search_fields = ("contact__last_name", "contact__first_name", "contact__email", "account__name")
    actions = ("recycle", "disqualify")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Lead]:
        weight = lifecycle.current_decay().weight(present.now())
        return super().get_queryset(request).with_score(1 / weight)  # type: ignore[attr-defined, no-any-return]

    @admin.display(description=gettext_lazy("score"))
    def points(self, lead: Any) -> str:
        return f"{lead.points_now:.1f}"

    @admin.display(description=gettext_lazy("fit grade"), ordering="score__grade")
    def grade(self, lead: Lead) -> str:
        return lead.score.grade if hasattr(lead, "score") else ""

    def has_recycle_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "recycle")

    def has_disqualify_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "disqualify")

    @admin.action(description=gettext_lazy("Back to nurture"), permissions=["recycle"])
    def recycle(self, request: HttpRequest, queryset: QuerySet[Lead]) -> HttpResponse | None:
        def deed(said: Mapping[str, Any]) -> str:
            at = present.now()
            moved = lifecycle.recycle(
                list(queryset.values_list("pk", flat=True)),
                by=request.user,  # type: ignore[arg-type]
                at=at,
                reason=said["reason"],
                waits_until=at + timedelta(days=said["wait_days"]),
                programme=said["programme"],
                fresh_behaviour_only=said["fresh_behaviour_only"],
            )
            return _moved(len(moved))

        return ask(self, request, queryset, title=_("Back to nurture"), form_class=RecycleForm, deed=deed)

    @admin.action(description=gettext_lazy("Disqualify"), permissions=["disqualify"])
    def disqualify(self, request: HttpRequest, queryset: QuerySet[Lead]) -> HttpResponse | None:
        def deed(said: Mapping[str, Any]) -> str:
            ids = list(queryset.values_list("pk", flat=True))
            by: Any = request.user
            return _moved(len(lifecycle.disqualify(ids, by=by, at=present.now(), reason=said["reason"])))

        return ask(self, request, queryset, title=_("Disqualify"), form_class=DisqualifyForm, deed=deed)


def _moved(count: int) -> str:
    return ngettext("%(count)s lead moved.", "%(count)s leads moved.", count) % {"count": count}


class Sources(admin.SimpleListFilter):
    """Which tool told it."""

    title, parameter_name = gettext_lazy("source"), "source"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in model_admin.model._default_manager.all().sources()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(source=self.value()) if self.value() else queryset


class Counting(admin.SimpleListFilter):
    """Whether it counts, or was taken back."""

    title, parameter_name = gettext_lazy("in the score"), "counts"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", _("Counts")), ("no", _("Taken back")), ("scanner", _("Taken back: a scanner"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        conditions: dict[str, dict[str, Any]] = {
            "yes": {"withdrawn_at": None},
            "no": {"withdrawn_at__isnull": False},
            "scanner": {"withdrawn_at__isnull": False, "properties__has_key": "scanner"},
        }
        return queryset.filter(**conditions.get(self.value() or "", {}))


@admin.register(BehaviourEvent)
class BehaviourEventAdmin(LookOnlyAdmin):
    list_display = ("occurred_at", "lead", "kind", "asset", "points", "source", "withdrawn_at")
    list_filter = ("kind", Sources, "asset", "occurred_at", Counting)
    list_select_related = ("lead__contact", "asset")
    search_fields = ("=external_id", "lead__contact__email")
    actions = ("withdraw", "restore")

    def get_queryset(self, request: HttpRequest) -> QuerySet[BehaviourEvent]:
        return super().get_queryset(request).with_points()  # type: ignore[attr-defined, no-any-return]

    @admin.display(description=gettext_lazy("points"))
    def points(self, event: Any) -> float:
        return float(event.points)

    def has_withdraw_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "withdraw")

    def has_restore_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "restore")

    @admin.action(description=gettext_lazy("Withdraw"), permissions=["withdraw"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet[BehaviourEvent]) -> HttpResponse | None:
        def deed(said: Mapping[str, Any]) -> str:
            by: Any = request.user
            count = withdrawing.withdraw(queryset, reason=said["reason"], by=by, at=present.now())
            return ngettext("%(count)s event withdrawn.", "%(count)s events withdrawn.", count) % {
                "count": count
            }

        return ask(self, request, queryset, title=_("Withdraw"), form_class=WithdrawForm, deed=deed)

    @admin.action(description=gettext_lazy("Count again"), permissions=["restore"])
    def restore(self, request: HttpRequest, queryset: QuerySet[BehaviourEvent]) -> None:
        def deed() -> str:
            by: Any = request.user
            count = withdrawing.restore(queryset, by=by, at=present.now())
            return ngettext("%(count)s event counts again.", "%(count)s events count again.", count) % {
                "count": count
            }

        tell(request, deed)


class Ways(admin.SimpleListFilter):
    """What has to appear before it counts."""

    title, parameter_name = gettext_lazy("waits for"), "way"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(way, str(words)) for way, words in WAYS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        rows: Any = queryset
        return rows.waiting_for(self.value() or "")  # type: ignore[no-any-return]


WAYS = {
    "email": gettext_lazy("a person with this address"),
    "external": gettext_lazy("a lead with this external id"),
    "contact": gettext_lazy("the contact's first lead"),
}


@admin.register(WaitingEvent)
class WaitingEventAdmin(LookOnlyAdmin):
    change_list_template = "admin/leads/waitingevent/change_list.html"
    list_display = ("received_at", "occurred_at", "kind", "asset", "source", "external_id", "is_withheld")
    list_filter = ("kind", "is_withheld", Sources, "asset", Ways, "occurred_at", "received_at")
    list_select_related = ("asset",)
    search_fields = ("=external_id",)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        rows: Any = self.get_queryset(request)
        summary = [
            {"source": source, "way": way, "reason": WAYS[way], "count": count}
            for source, way, count in rows.tallied()
        ]
        return super().changelist_view(request, {"summary": summary, **(extra_context or {})})


class BehaviourRuleInline(DraftInline):
    model = BehaviourRule


class FitRuleInline(DraftInline):
    model = FitRule
    form = FitRuleForm


class FitGradeInline(DraftInline):
    model = FitGrade


class DisqualifierInline(DraftInline):
    model = Disqualifier
    form = DisqualifierForm


@admin.register(ScoringModel)
class ScoringModelAdmin(VersionAdmin):
    list_display = ("version", "status", "rate", "period_days", "activated_at", "author", "note")
    list_select_related = ("author",)
    readonly_fields = ("status", "activated_at")
    fields = ("version", "status", "rate", "period_days", "note", "author", "activated_at")
    inlines = (BehaviourRuleInline, FitRuleInline, FitGradeInline, DisqualifierInline)
    actions = ("draft", "activate")
    ordering = ("-version",)
    desk_page = "scoring-compare"

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"version": versions.next_version(), "author": request.user.pk}

    @admin.action(description=gettext_lazy("Draft the next version from this"), permissions=["change"])
    def draft(self, request: HttpRequest, queryset: QuerySet[ScoringModel]) -> None:
        by: Any = request.user
        if row := the_one(request, queryset):
            said = _("Version %(version)s is drafted.")
            tell(
                request,
                lambda: said % {"version": versions.draft_from(row, by=by, at=present.now()).version},
            )

    @admin.action(description=gettext_lazy("Compare and activate"), permissions=["change"])
    def activate(self, request: HttpRequest, queryset: QuerySet[ScoringModel]) -> HttpResponse | None:
        """On the desk it is shown what would change, and asked why."""
        row = the_one(request, queryset)
        return HttpResponseRedirect(self.get_view_on_site_url(row) or ".") if row else None


@admin.register(Programme)
class ProgrammeAdmin(BatonAdmin):
    list_display = ("name", "name_ja", "code")
    search_fields = ("name", "code")
    ordering = ("name", "pk")


@admin.register(Enrolment)
class EnrolmentAdmin(LookOnlyAdmin):
    list_display = ("entered_at", "lead", "programme", "cause", "entered_by", "ended_at")
    list_filter = ("programme", "entered_at")
    list_select_related = ("lead__contact", "programme", "entered_by")
