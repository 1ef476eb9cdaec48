"""What the admin pages of every app share: rows by visibility, looking only, and deeds behind actions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.admin.views.main import ChangeList
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import PermissionDenied
from django.db.models import DateField, DateTimeField, Field, QuerySet, URLField
from django.forms import CheckboxSelectMultiple, TypedMultipleChoiceField
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import admin_export
from crm.models.base import FIRST_DAY, LAST_DAY
from crm.states import Refused, UnableToMove

Deed = Callable[[Mapping[str, Any]], str]
REFUSALS = (Refused, UnableToMove, PermissionDenied)


class Rows(ChangeList):
    """Dates outside the calendar's bounds in an address are a wrong filter, not a fault."""

    def get_queryset(self, *args: Any, **kwargs: Any) -> QuerySet[Any]:
        try:
            return super().get_queryset(*args, **kwargs)
        except (OverflowError, ValueError) as error:
            raise IncorrectLookupParameters from error


class BatonAdmin(admin.ModelAdmin):
    is_exported = True
    show_full_result_count = False
    list_per_page = 50
    ordering: Any = ("-pk",)
    desk_page = ""  # the name of a record's page on the desk, where it is not the record's own

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).visible_to(request.user)  # type: ignore[no-any-return, attr-defined]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Under the name of what is listed, rather than “Select … to view”."""
        title = capfirst(str(self.opts.verbose_name_plural))
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def get_urls(self) -> list[Any]:
        """The list as a CSV, under the list's own address and with its filters."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_export"
        return [path("export.csv", self.admin_site.admin_view(self.export), name=name), *super().get_urls()]

    def export(self, request: HttpRequest) -> HttpResponseBase:
        return admin_export.export(self, request)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], **kwargs: Any
    ) -> HttpResponse:
        """Under the record's own name, with its kind above it."""
        if record := kwargs.get("obj"):
            context = {**context, "title": str(record), "subtitle": capfirst(str(self.opts.verbose_name))}
        return super().render_change_form(request, context, **kwargs)

    def get_view_on_site_url(self, obj: Any = None) -> str | None:
        """Its page outside the admin, where this installation has one."""
        own = self.opts.model_name
        for name in (self.desk_page or f"{own}-detail", own):
            with suppress(NoReverseMatch):
                return reverse(f"desk:{name}", args=[obj.pk]) if obj is not None else None
        return None

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return Rows

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """No parts of a date in an address: Django computes their bounds when it is too late to refuse them."""
        parts_of_dates = {"year", "iso_year"} & set(lookup.split("__"))
        return not parts_of_dates and super().lookup_allowed(lookup, value, request)

    def formfield_for_dbfield(self, db_field: Field[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        """Arrays over choices are boxes to tick."""
        base = getattr(db_field, "base_field", None)
        if isinstance(db_field, ArrayField) and base is not None and base.choices:
            return TypedMultipleChoiceField(
                choices=base.choices,
                widget=CheckboxSelectMultiple,
                required=not db_field.blank,
                label=db_field.verbose_name,
                help_text=db_field.help_text,
            )
        if isinstance(db_field, URLField):
            kwargs["assume_scheme"] = "https"
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def may(self, request: HttpRequest, deed: str) -> bool:
        """Whether the person's role holds a deed on this model, such as `review`."""
        return request.user.has_perm(f"{self.opts.app_label}.{deed}_{self.opts.model_name}")


class LookOnly:
    """Rows to look at: nothing is added, changed or deleted here."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class LookOnlyAdmin(LookOnly, BatonAdmin):
    """Shows everything a row holds, what no form edits as well: states, and when they were reached."""

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Sequence[Any]:
        return self.fields or [field.name for field in self.opts.fields if not field.primary_key]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Sequence[Any]:
        return flatten_fieldsets(self.get_fieldsets(request, obj))


class VersionAdmin(BatonAdmin):
    """Versions of a rule book: a draft is edited, everything after it is history."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and is_draft(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and is_draft(obj)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """A form that is sent locks its draft, so that saving cannot undo a simultaneous activation."""
        found = super().get_object(request, object_id, from_field)
        if found is None or request.method != "POST":
            return found
        return self.model._default_manager.select_for_update().filter(pk=found.pk).first()


class DraftInline(admin.TabularInline):
    """The rules of a version: editable as long as it is a draft."""

    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_add_permission(request, obj) and is_draft(obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and is_draft(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and is_draft(obj)


def is_draft(obj: Any) -> bool:
    return obj is None or obj.status == "draft"


class Days(admin.DateFieldListFilter):
    """Periods; a date typed into the address is read in the person's time zone, a wild one refused."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        for name, values in self.used_parameters.items():
            several = values if isinstance(values, list) else [values]
            self.used_parameters[name] = [self._sane(value) for value in several]
        return super().queryset(request, queryset)

    def _sane(self, value: Any) -> Any:
        if isinstance(value, bool):
            return value
        try:
            moment = parse_datetime(str(value))
        except ValueError as error:
            raise IncorrectLookupParameters from error
        if moment is None or not FIRST_DAY.year <= moment.year < LAST_DAY.year:
            raise IncorrectLookupParameters
        if not isinstance(self.field, DateTimeField):
            return moment.date()
        return moment if timezone.is_aware(moment) else timezone.make_aware(moment)


# For every list of dates, those of other people's admin pages as well.
admin.FieldListFilter.register(lambda field: isinstance(field, DateField), Days, take_priority=True)


class TextValues(admin.AllValuesFieldListFilter):
    """Filter by the values a text column holds; an empty one is shown as a dash."""

    def choices(self, changelist: Any) -> Any:
        for choice in super().choices(changelist):
            yield {**choice, "display": choice["display"] or "—"}


class Fate(admin.SimpleListFilter):
    """Rows on their way out of the house, by what became of them."""

    title, parameter_name = gettext_lazy("delivery"), "fate"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("waiting", _("Waiting")), ("gave_up", _("Gave up")), ("delivered", _("Delivered"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        conditions = {
            "waiting": {"delivered_at": None, "failed_at": None},
            "gave_up": {"failed_at__isnull": False},
            "delivered": {"delivered_at__isnull": False},
        }
        return queryset.filter(**conditions.get(self.value() or "", {}))


# -- deeds behind actions -------------------------------------------------------------------------


def tell(request: HttpRequest, deed: Callable[[], str]) -> None:
    """Do a deed; say what it did, or why it was refused."""
    try:
        messages.success(request, deed())
    except REFUSALS as refusal:
        messages.error(request, str(refusal))


def the_one(request: HttpRequest, queryset: QuerySet[Any]) -> Any:
    """The single chosen row; otherwise says so and gives None."""
    rows = list(queryset[:2])
    if len(rows) == 1:
        return rows[0]
    messages.error(request, _("Choose exactly one row for this."))
    return None


def ask(
    model_admin: admin.ModelAdmin,
    request: HttpRequest,
    rows: QuerySet[Any],
    *,
    title: str,
    form_class: type[forms.Form],
    deed: Deed,
) -> TemplateResponse | None:
    """A page between choosing rows and the deed; None once the deed is done, back to the list."""
    sent = "apply" in request.POST
    form = form_class(request.POST if sent else None)
    if sent and form.is_valid() and _done(request, form, deed):
        return None
    context = {
        **model_admin.admin_site.each_context(request),
        "title": title,
        "opts": model_admin.opts,
        "form": form,
        "rows": rows[:20],
        "count": rows.count(),
        "chosen": request.POST.getlist("_selected_action"),
        "across": request.POST.get("select_across", "0"),
        "action": request.POST.get("action", ""),
    }
    return TemplateResponse(request, "admin/ask.html", context)


def _done(request: HttpRequest, form: forms.Form, deed: Deed) -> bool:
    try:
        messages.success(request, deed(form.cleaned_data))
    except REFUSALS as refusal:
        field = getattr(refusal, "field", "")
        form.add_error(field if field in form.fields else None, str(refusal))
        return False
    return True
