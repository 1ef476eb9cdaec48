"""Files brought in: my list of them, and one with what became of its rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRefresh

from crm import access, imports, present
from crm.components.faces import IMPORT
from crm.components.tables import Column, Filter, Option
from crm.models import BadRow, ImportRun, ImportStatus, User
from desk.forms_imports import SaveForm
from desk.import_pages import KINDS, OTHERS, bad_table, context_of, kind_label, problems_of
from desk.record_lists import Order, export, ordered, page_of
from desk.views.answers import is_htmx, person

COLUMNS = [
    Column("file", gettext_lazy("File"), "file"),
    Column("kind", gettext_lazy("What"), "kind"),
    Column("status", gettext_lazy("State"), "status"),
    Column("rows", gettext_lazy("Rows")),
    Column("when", gettext_lazy("When"), "when", numeric=True, falls_first=True),
]
ORDERS = {
    "file": Order("file_name"),
    "kind": Order("kind"),
    "status": Order("status"),
    "when": Order("started_at"),
}
DEFAULT = "-when"
PATIENCE = timedelta(minutes=1)  # a worker looks every few seconds


def mine(request: HttpRequest, pk: int) -> ImportRun:
    """One of the person's own imports, without its file; whoever may not import is told so first."""
    user = person(request)
    imports.require_right(user)
    run: ImportRun = get_object_or_404(ImportRun.objects.visible_to(user).light(), pk=pk)
    return run


@login_required
@require_safe
def import_list(request: HttpRequest) -> HttpResponse:
    user = person(request)
    imports.require_right(user)
    page = page_of(_found(user, request.GET), request.GET)
    context = {
        "title": _("Imports"),
        "lede": _("Files you have brought in, and what became of their rows."),
        "columns": COLUMNS,
        "default": DEFAULT,
        "filters": _filters(),
        "page": page,
        "rows": [(run, kind_label(run.kind)) for run in page.rows],
        "now": present.now(),
    }
    return render(request, "desk/import_list.html", context)


@login_required
@require_safe
def import_export(request: HttpRequest) -> HttpResponseBase:
    user = person(request)
    imports.require_right(user)
    counts = [_("New"), _("Changed"), _("Unchanged"), _("Bad")]
    header = [_("File"), _("What"), _("State"), _("Rows"), *counts, _("When")]
    return export("imports", header, _found(user, request.GET), _cells, request.GET)


def _cells(run: ImportRun) -> Iterable[object]:
    yield from (run.file_name, kind_label(run.kind), str(run.get_status_display()), run.rows)
    yield from (run.created, run.updated, run.unchanged, run.rejected, run.started_at)


def _found(user: User, query: QueryDict) -> Any:
    rows = ImportRun.objects.visible_to(user).light()
    if (kind := query.get("kind")) in {*KINDS, *OTHERS}:
        rows = rows.filter(kind=kind)
    if states := [state for state in query.getlist("status") if state in ImportStatus.values]:
        rows = rows.filter(status__in=states)
    if text := query.get("q", "").replace("\0", "").strip():
        rows = rows.filter(file_name__icontains=text)
    return ordered(rows, query, ORDERS, DEFAULT)


def _filters() -> list[Filter]:
    kinds = [Option(name, kind.label) for name, kind in KINDS.items()]
    states = [Option(state, face.label) for state, face in IMPORT.items()]
    return [Filter("kind", _("What"), kinds), Filter("status", _("State"), states, many=True)]


@login_required
@require_safe
def import_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it is, or what became of it. While it works the page asks by itself for the part that changes."""
    run = mine(request, pk)
    if is_htmx(request):
        return _beat(request, run)
    if run.status == ImportStatus.DRAFT:
        return redirect("desk:import-columns", pk)
    return detail_page(request, run)


def _beat(request: HttpRequest, run: ImportRun) -> HttpResponse:
    if not run.is_due or run.status != request.GET.get("was"):
        return HttpResponseClientRefresh()
    here = reverse("desk:import-detail", args=[run.pk])
    return render(request, "desk/_import_beat.html", {"run": run, "here": here})


def detail_page(request: HttpRequest, run: ImportRun, status: int = 200) -> HttpResponse:
    return render(request, "desk/import_detail.html", detail_of(request, run), status=status)


def detail_of(request: HttpRequest, run: ImportRun) -> dict[str, Any]:
    page, at = page_of(BadRow.objects.filter(run=run).order_by("line"), request.GET), present.now()
    return {
        **context_of(run),
        "title": run.file_name or kind_label(run.kind),
        "page": page,
        "problems": problems_of(page.rows, run.kind),
        "most_bad": imports.MOST_BAD_ROWS,
        "kept_days": imports.KEPT_BAD_ROWS.days,
        "is_known": run.unchanged > 0 and not (run.created or run.updated),
        "sees_less": not access.sees_everything(request.user),
        "is_forgotten": run.is_due and not run.in_hand and not run.done and at - run.started_at > PATIENCE,
        "save_form": SaveForm(auto_id="id_save_%s") if run.mapping and not run.is_due else None,
        "now": at,
    }


@login_required
@require_safe
def bad_rows(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The rows that were not taken in, as they stand in the file, with the reason behind them."""
    run = mine(request, pk)
    header, rows = bad_table(run, BadRow.objects.filter(run=run).order_by("line"))
    return export(f"bad-rows-{run.pk}", header, rows, list, request.GET)
