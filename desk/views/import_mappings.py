"""Columns kept under a name: saved from an import, shared, renamed, dropped."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from crm import access, imports, present
from crm.imports import saving
from crm.models import SavedMapping
from crm.states import Refused
from desk.forms_imports import SaveForm
from desk.import_pages import kind_label
from desk.views.answers import person
from desk.views.imports import mine


@login_required
@require_POST
def save(request: HttpRequest, pk: int) -> HttpResponse:
    run, form = mine(request, pk), SaveForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Give the columns a name."))
        return redirect("desk:import-detail", pk)
    try:
        kept = saving.keep(run, **form.cleaned_data, by=person(request), at=present.now())
        messages.success(
            request, _("Saved as “%s”. The next file with these headings is read like this one.") % kept
        )
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("desk:import-detail", pk)


@login_required
@require_safe
def mappings(request: HttpRequest) -> HttpResponse:
    """Their own and those that others share; who owns one may change it."""
    user = person(request)
    imports.require_right(user)
    shown = SavedMapping.objects.visible_to(user).select_related("user").order_by("kind", "name", "pk")
    rows = [(row, kind_label(row.kind), _form_of(row), _is_own(row, user)) for row in shown]
    context = {"title": _("Saved columns"), "rows": rows, "now": present.now()}
    return render(request, "desk/import_mappings.html", context)


def _form_of(row: SavedMapping) -> SaveForm:
    return SaveForm(initial={"name": row.name, "is_shared": row.is_shared}, auto_id=f"id_{row.pk}_%s")


def _is_own(row: SavedMapping, user: object) -> bool:
    return row.user == user or access.is_admin(user)


@login_required
@require_POST
def change(request: HttpRequest, pk: int) -> HttpResponse:
    saved, form = _saved(request, pk), SaveForm(request.POST)
    try:
        if form.is_valid():
            saving.change(saved, **form.cleaned_data, by=person(request), at=present.now())
        else:
            messages.error(request, _("Give the columns a name."))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("desk:import-mappings")


@login_required
@require_POST
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    saved = _saved(request, pk)
    saving.drop(saved, by=person(request), at=present.now())
    messages.success(request, _("“%s” is no longer saved. Imports that used it stay as they are.") % saved)
    return redirect("desk:import-mappings")


def _saved(request: HttpRequest, pk: int) -> SavedMapping:
    user = person(request)
    imports.require_right(user)
    return get_object_or_404(SavedMapping.objects.visible_to(user), pk=pk)
