"""Every list of the admin as a CSV: the rows its filters leave, in the columns it shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import label_for_field, lookup_field
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import FieldDoesNotExist, ObjectDoesNotExist, PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.text import capfirst

from crm import downloads

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

BOX = "action_checkbox"


def export(admin: ModelAdmin, request: HttpRequest) -> HttpResponseBase:
    """The whole filtered list, read as the database hands it out."""
    if not admin.has_view_or_change_permission(request):
        raise PermissionDenied
    try:
        listed: ChangeList = admin.get_changelist_instance(request)
    except IncorrectLookupParameters:
        return redirect(f"{_list_of(admin)}?e=1")  # the list says what is wrong with the question
    columns = [name for name in listed.list_display if name != BOX]
    header = [capfirst(str(label_for_field(name, admin.model, admin))) for name in columns]
    rows = downloads.all_of(listed.get_queryset(request))
    return downloads.table(str(admin.opts.model_name), header, _lines(rows, columns, admin))


def _list_of(admin: ModelAdmin) -> str:
    return reverse(f"admin:{admin.opts.app_label}_{admin.opts.model_name}_changelist")


def _lines(rows: Iterator[Any], columns: Sequence[Any], admin: ModelAdmin) -> Iterator[list[object]]:
    for row in rows:
        yield [_cell(name, row, admin) for name in columns]


def _cell(name: Any, row: Any, admin: ModelAdmin) -> object:
    """A choice in words, a moment and a number as they are, and what is drawn as its text."""
    try:
        field, _attribute, value = lookup_field(name, row, admin)
    except (ObjectDoesNotExist, FieldDoesNotExist):
        return ""
    if field is not None and field.choices:
        return getattr(row, f"get_{field.name}_display")()
    return strip_tags(value) if hasattr(value, "__html__") else value
