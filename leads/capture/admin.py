"""Forms to build, posts to look at, consent texts by version, ways by which leads came, and web sites."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import display_for_value
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm import present
from crm.admin_base import BatonAdmin, LookOnly, LookOnlyAdmin, TextValues, tell, the_one
from leads.capture import consents, forms_embedding, submissions
from leads.capture.forms import LABELS
from leads.capture.spam import Doubt
from leads.models import FormField, PathRule, Touch

COPIED = '<textarea readonly rows="{}" cols="90" class="vLargeTextField" aria-label="{}">{}</textarea>'


def to_copy(text: str, label: str) -> SafeString:
    return format_html(COPIED, min(text.count("\n") + 2, 18), label, text)


class BuilderForm(forms.ModelForm):  # type: ignore[type-arg]
    """What each setting does, for who builds a form without having read anything."""

    class Meta:
        help_texts = {
            "slug": gettext_lazy("The end of its address, /f/…. Links to it break when it changes."),
            "is_active": gettext_lazy("Until then only you and your colleagues see the page, as a preview."),
            "button": gettext_lazy("Without words: “Send”."),
            "kind": gettext_lazy(
                "What a post is for the score: the scoring model in force gives the points."
            ),
            "consent": gettext_lazy("The words beside the box to tick. Without one nothing is asked."),
            "asset": gettext_lazy("What the visitor gets, by a link on the page of thanks."),
            "link_days": gettext_lazy("So long that link works."),
            "source": gettext_lazy(
                "Kept with the lead, unless the visitor's link says another (utm_source)."
            ),
            "thanks": gettext_lazy("Without words, Baton's own thanks are said."),
        }


class QuestionInline(admin.TabularInline):
    model = FormField
    ordering = ("position", "pk")
    verbose_name_plural = gettext_lazy("Questions (the e-mail address is always asked)")

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        """Rows to begin with, on a new form only; what is left empty is not kept."""
        return 0 if obj else 3


class CaptureFormAdmin(BatonAdmin):
    list_display = ("title", "slug", "language", "kind", "asset", "is_active", "campaign")
    list_filter = ("is_active", "language", "kind")
    list_select_related = ("asset",)
    search_fields = ("slug", "title")
    ordering = ("title", "pk")
    form = BuilderForm
    prepopulated_fields = {"slug": ("title",)}
    inlines = (QuestionInline,)
    readonly_fields = ("opened", "snippet", "frame")
    fieldsets = (
        (None, {"fields": ("title", "slug", "language", "is_active", "opened", "intro", "button")}),
        (
            gettext_lazy("What it asks and gives"),
            {"fields": ("kind", "most_fields", "consent", "consent_required", "asset", "link_days")},
        ),
        (gettext_lazy("Where it came from"), {"fields": ("source", "medium", "campaign")}),
        (gettext_lazy("Afterwards"), {"fields": ("thanks", "next_form", "next_asset")}),
        (gettext_lazy("On other sites"), {"fields": ("origins", "snippet", "frame")}),
    )

    @admin.display(description=gettext_lazy("page"))
    def opened(self, form: Any) -> str | SafeString:
        if form.pk is None:
            return "–"
        address = forms_embedding.address(form)
        return format_html('<a href="{}">{}</a>', address, address)

    @admin.display(description=gettext_lazy("as plain HTML"))
    def snippet(self, form: Any) -> str | SafeString:
        if form.pk is None:
            return _("Save the form first.")
        return format_html(
            "{}<div class='help'>{}</div>",
            to_copy(forms_embedding.as_html(form, at=present.now()), _("as plain HTML")),
            _("Paste it as it is. Where the page also has the script of a web site (see Web sites), the campaign and"
              " the referring page are kept, and what the visitor read before. Paste it anew when other questions are"
              " to be asked; until then it works as it is."),
        )  # fmt: skip

    @admin.display(description=gettext_lazy("in a frame"))
    def frame(self, form: Any) -> str | SafeString:
        return "–" if form.pk is None else to_copy(forms_embedding.as_frame(form), _("in a frame"))


class ConsentTextAdmin(BatonAdmin):
    list_display = ("name", "language", "version", "used_at")
    list_filter = ("language",)
    search_fields = ("name", "text")
    ordering = ("name", "language", "-version")
    readonly_fields = ("used_at",)
    actions = ("draft",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or not consents.is_fixed(obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or not consents.is_fixed(obj))

    @admin.action(description=gettext_lazy("Draft the next version from this"), permissions=["add"])
    def draft(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        by: Any = request.user
        if row := the_one(request, queryset):
            tell(request, lambda: _("%(text)s is drafted.") % {"text": consents.draft_next(row, by=by)})


class FormSubmissionAdmin(LookOnlyAdmin):
    list_display = ("received_at", "form", "status", "kept_until", "said_doubts", "lead", "consent")
    list_filter = ("status", "form", "received_at")
    list_select_related = ("form", "lead__contact", "consent")
    fields = (
        "form",
        "received_at",
        "status",
        "thrown_away",
        "said_doubts",
        "said",
        "consent",
        "lead",
        "decided_at",
        "decided_by",
    )
    actions = ("accept", "discard")
    change_form_template = "admin/leads/formsubmission/change_form.html"

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        told = {"may_judge": self.has_judge_permission(request), **(extra_context or {})}
        return super().change_view(request, object_id, form_url, told)

    def has_judge_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "judge")

    @admin.display(description=gettext_lazy("thrown away on"))
    def kept_until(self, row: Any) -> datetime | None:
        return submissions.kept_until(row)

    @admin.display(description=gettext_lazy("thrown away on"))
    def thrown_away(self, row: Any) -> str:
        """The same on the page of a post, where Django would show a moment as the database has it."""
        return str(display_for_value(submissions.kept_until(row), "–"))

    @admin.display(description=gettext_lazy("doubts"))
    def said_doubts(self, row: Any) -> str:
        return "; ".join(str(Doubt(doubt).label) for doubt in row.doubts)

    @admin.display(description=gettext_lazy("answers"))
    def said(self, row: Any) -> SafeString:
        told = row.answers.get("answers", {}).items()
        return format_html_join("", "{}: {}<br>", ((LABELS.get(name, name), value) for name, value in told))

    @admin.action(description=gettext_lazy("Take in: it was a person"), permissions=["judge"])
    def accept(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._judge(request, queryset, submissions.accept)

    @admin.action(description=gettext_lazy("Throw away"), permissions=["judge"])
    def discard(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._judge(request, queryset, submissions.discard)

    def _judge(self, request: HttpRequest, queryset: QuerySet[Any], deed: Callable[..., int]) -> None:
        def done() -> str:
            count = deed(queryset.order_by("pk"), by=request.user, at=present.now())
            return ngettext("%(count)s post decided.", "%(count)s posts decided.", count) % {"count": count}

        tell(request, done)


class TouchInline(LookOnly, admin.TabularInline):
    model = Touch
    extra = 0
    fields = ("occurred_at", "source", "medium", "campaign", "referrer", "landing_page", "form")
    readonly_fields = fields
    ordering = ("-occurred_at", "-pk")


class TouchAdmin(LookOnlyAdmin):
    list_display = ("occurred_at", "lead", "source", "medium", "campaign", "referrer", "landing_page", "form")
    list_filter = (
        ("source", TextValues),
        ("medium", TextValues),
        ("campaign", TextValues),
        "form",
        "occurred_at",
    )
    list_select_related = ("lead__contact", "form")
    search_fields = ("lead__contact__email", "referrer", "landing_page", "term", "content")


class PathRuleInline(admin.TabularInline):
    model = PathRule
    extra = 0
    ordering = ("position", "pk")


class SiteAdmin(BatonAdmin):
    list_display = ("name", "code", "origins", "is_active")
    search_fields = ("name", "code")
    ordering = ("name", "pk")
    inlines = (PathRuleInline,)
    readonly_fields = ("snippet",)

    @admin.display(description=gettext_lazy("for each page"))
    def snippet(self, site: Any) -> str | SafeString:
        if site.pk is None:
            return "–"
        return format_html(
            "{}<div class='help'>{}</div>", to_copy(forms_embedding.beacon(site), _("for each page")),
            _("It is silent until each page calls baton.consent(), or the script carries data-consent=\"given\"."
              " Links with data-baton=\"slug of an asset\" count as its download. A site that changes its pages"
              " without loading them calls baton.view() each time."),
        )  # fmt: skip
