"""People, calendars, and the system's own records in the admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy, ngettext

from crm import outbox, present
from crm.admin_base import BatonAdmin, Fate, LookOnlyAdmin, tell
from crm.models import (
    Account,
    Activity,
    AutomaticMerge,
    Calendar,
    Closure,
    Contact,
    ImportRun,
    Leave,
    LedgerEntry,
    MergeRecord,
    OutboxMessage,
    Team,
    User,
    Webhook,
    WebhookDelivery,
)
from crm.webhooks.admin import WebhookAdmin, WebhookDeliveryAdmin

# Roles decide what people may do; Django's groups would be a second answer to the same question.
admin.site.unregister(Group)


class NewUserForm(AdminUserCreationForm):
    class Meta(AdminUserCreationForm.Meta):
        model = User


class UserForm(UserChangeForm):
    class Meta(UserChangeForm.Meta):
        model = User


@admin.register(User)
class UserAdmin(BatonAdmin, DjangoUserAdmin):
    form, add_form = UserForm, NewUserForm
    list_display = ("username", "full_name", "email", "role", "team", "is_active", "last_login")
    list_filter = ("role", "team", "is_active")
    list_select_related = ("team",)
    search_fields = ("username", "first_name", "last_name", "email")
    ordering = ("username",)
    filter_horizontal = ()
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("username", "password", "is_active")}),
        (gettext_lazy("Person"), {"fields": ("last_name", "first_name", "email", "language", "time_zone")}),
        (gettext_lazy("Work"), {"fields": ("role", "team", "capacity")}),
        (gettext_lazy("Access"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"classes": ("wide",), "fields": ("username", "usable_password", "password1", "password2")}),
        (gettext_lazy("Work"), {"classes": ("wide",), "fields": ("role", "team")}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who may not change a person is not shown how the password is kept either."""
        if self.has_change_permission(request, obj):
            return super().get_fieldsets(request, obj)
        shown = tuple(field for field in self.fieldsets[0][1]["fields"] if field != "password")
        return ((None, {"fields": shown}), *self.fieldsets[1:])

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """People are made inactive; what they did keeps their name."""
        return False


@admin.register(Team)
class TeamAdmin(BatonAdmin):
    list_display = ("name", "calendar")
    list_select_related = ("calendar",)
    search_fields = ("name",)
    ordering = ("name",)


@admin.register(Leave)
class LeaveAdmin(BatonAdmin):
    list_display = ("user", "starts_on", "ends_on")
    list_select_related = ("user",)
    list_filter = ("user__team", "starts_on")
    search_fields = ("user__last_name", "user__username")
    ordering = ("-starts_on", "-pk")
    fieldsets = (
        (
            None,
            {
                "fields": ("user", "starts_on", "ends_on"),
                "description": gettext_lazy(
                    "On these days the person gets no new leads; both days are included. Where the agreement says so,"
                    " the clocks of their leads stand still as well."
                ),
            },
        ),
    )


class ClosureInline(admin.TabularInline):
    model = Closure
    extra = 0
    ordering = ("day",)


@admin.register(Calendar)
class CalendarAdmin(BatonAdmin):
    list_display = ("name", "time_zone", "holiday_country", "always_open")
    inlines = (ClosureInline,)
    ordering = ("name",)


@admin.register(Account)
class AccountAdmin(LookOnlyAdmin):
    list_display = ("name", "domain", "industry", "employee_count", "country", "owner")
    list_filter = ("industry", "country")
    list_select_related = ("owner",)
    search_fields = ("name", "domain", "external_id", "address")


@admin.register(Contact)
class ContactAdmin(LookOnlyAdmin):
    list_display = ("full_name", "account", "job_title", "email", "consent", "owner")
    list_filter = ("consent", "stakeholder_role")
    list_select_related = ("account", "owner")
    search_fields = ("last_name", "first_name", "email", "account__name", "external_id")


_AUTOMATIC_MERGES = gettext_lazy(
    "What agrees in one of these rules is merged without asking, and can be undone for 30 days under "
    "Duplicates. Without a rule people decide about every pair."
)


@admin.register(AutomaticMerge)
class AutomaticMergeAdmin(BatonAdmin):
    change_list_template = "admin/crm/automaticmerge/change_list.html"
    list_display = ("rule",)
    fieldsets = ((None, {"fields": ("rule",), "description": _AUTOMATIC_MERGES}),)
    ordering = ("rule",)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(request, {"about": _AUTOMATIC_MERGES, **(extra_context or {})})


@admin.register(MergeRecord)
class MergeRecordAdmin(LookOnlyAdmin):
    list_display = ("merged_at", "kind", "loser", "winner", "rule", "merged_by", "undone_at", "undone_by")
    list_filter = ("kind", "rule", "merged_at")
    list_select_related = ("merged_by", "undone_by")
    ordering = ("-merged_at", "-pk")


@admin.register(Activity)
class ActivityAdmin(LookOnlyAdmin):
    list_display = ("occurred_at", "contact", "channel", "direction", "outcome", "by")
    list_filter = ("channel", "outcome", "occurred_at")
    list_select_related = ("contact", "by")
    ordering = ("-occurred_at", "-pk")


@admin.register(LedgerEntry)
class LedgerEntryAdmin(LookOnlyAdmin):
    list_display = ("at", "kind", "subject_type", "subject_id", "from_state", "to_state", "actor", "reason")
    list_filter = ("subject_type", "at")
    list_select_related = ("actor",)
    search_fields = ("=kind", "reason")


@admin.register(ImportRun)
class ImportRunAdmin(LookOnlyAdmin):
    list_display = (
        "started_at",
        "kind",
        "file_name",
        "status",
        "created",
        "updated",
        "unchanged",
        "rejected",
    )
    list_filter = ("kind", "status")
    search_fields = ("file_name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImportRun]:
        return super().get_queryset(request).light()


@admin.register(OutboxMessage)
class OutboxMessageAdmin(LookOnlyAdmin):
    list_display = ("created_at", "kind", "topic", "attempts", "due_at", "delivered_at", "failed_at", "error")
    list_filter = (Fate, "kind", "topic")
    search_fields = ("key", "topic", "error")
    actions = ("retry",)

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "retry")

    @admin.action(description=gettext_lazy("Try again now"), permissions=["retry"])
    def retry(self, request: HttpRequest, queryset: QuerySet[OutboxMessage]) -> None:
        def deed() -> str:
            count = outbox.retry(queryset, at=present.now())
            return ngettext(
                "%(count)s message is tried again.", "%(count)s messages are tried again.", count
            ) % {"count": count}

        tell(request, deed)


admin.site.register(Webhook, WebhookAdmin)
admin.site.register(WebhookDelivery, WebhookDeliveryAdmin)
