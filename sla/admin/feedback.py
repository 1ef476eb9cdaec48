"""What sales said about the leads it was given, for marketing to review; and the handoffs themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm import present
from crm.admin_base import LookOnlyAdmin, TextValues, ask
from sla import feedback
from sla.feedback_summary import summarise
from sla.forms import ReviewForm
from sla.handoffs.bant import CHOICES
from sla.models import Feedback, Handoff

UNKNOWN = "-"


def _quality(name: str, words: Any) -> type[admin.SimpleListFilter]:
    """A filter by what sales confirmed: the quality of what was passed. `-` is what nobody found out."""
    column = f"handoff__bant__{name}"

    class Confirmed(admin.SimpleListFilter):
        title, parameter_name = words, name

        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
            return [*CHOICES[name].choices, (UNKNOWN, _("not known"))]

        def queryset(self, request: HttpRequest, queryset: QuerySet[Feedback]) -> QuerySet[Feedback]:
            if self.value() == UNKNOWN:
                return queryset.filter(Q(**{column: ""}) | Q(handoff__bant=None))
            return queryset.filter(**{column: self.value()}) if self.value() else queryset

    return Confirmed


def _confirmed(row: Feedback, name: str) -> str:
    value = getattr(getattr(row.handoff, "bant", None), name, "")
    return str(CHOICES[name](value).label) if value else "–"


@admin.register(Feedback)
class FeedbackAdmin(LookOnlyAdmin):
    change_list_template = "admin/sla/feedback/change_list.html"
    list_display = (
        "given_at", "person", "company", "verdict", "reason", "said", "budget", "authority", "need", "timing", "source",
        "campaign", "rep", "reviewed",
    )  # fmt: skip
    list_filter = (
        ("reviewed_at", admin.EmptyFieldListFilter),
        "verdict",
        "reason",
        "given_at",
        _quality("budget", gettext_lazy("budget")),
        _quality("authority", gettext_lazy("decision power")),
        _quality("need", gettext_lazy("need")),
        _quality("timing", gettext_lazy("timing")),
        ("handoff__lead__source", TextValues),
        ("handoff__lead__campaign", TextValues),
        ("handoff__assignee", admin.RelatedOnlyFieldListFilter),
        ("handoff__assets", admin.RelatedOnlyFieldListFilter),
    )
    list_select_related = (
        "reason", "reviewed_by", "handoff__contact", "handoff__account", "handoff__lead", "handoff__assignee",
        "handoff__bant",
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

    @admin.display(description=gettext_lazy("budget"), ordering="handoff__bant__budget")
    def budget(self, row: Feedback) -> str:
        return _confirmed(row, "budget")

    @admin.display(description=gettext_lazy("decision power"), ordering="handoff__bant__authority")
    def authority(self, row: Feedback) -> str:
        return _confirmed(row, "authority")

    @admin.display(description=gettext_lazy("need"), ordering="handoff__bant__need")
    def need(self, row: Feedback) -> str:
        return _confirmed(row, "need")

    @admin.display(description=gettext_lazy("timing"), ordering="handoff__bant__timing")
    def timing(self, row: Feedback) -> str:
        return _confirmed(row, "timing")

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
