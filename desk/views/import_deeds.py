"""Bringing a file in, step by step: send it, choose its columns, let it come in, stop it, throw it away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from crm import imports, present
from crm.importing import importer_of
from crm.imports import Plan
from crm.models import ImportRun, ImportStatus, SavedMapping
from crm.states import Refused, UnableToMove
from crm.tabular import Table
from desk.forms_imports import ColumnsForm, FileForm, ReadingForm, initial_of, reading_of
from desk.import_pages import KINDS, Sample, context_of, how_read, kind_label, sample_of
from desk.views.answers import explain, go, is_htmx, person
from desk.views.imports import detail_page, mine

DISCARDING = SimpleNamespace(
    button=gettext_lazy("Discard"), is_grave=True, template="desk/_deed_discard.html"
)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def receive(request: HttpRequest) -> HttpResponse:
    user = person(request)
    imports.require_right(user)
    asked = request.GET.get("kind", "")
    form = FileForm(
        request.POST if request.method == "POST" else None,
        request.FILES or None,
        initial={"kind": asked} if asked in KINDS else None,
    )
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            run = imports.receive(
                form.cleaned_data["kind"], file.read(), by=user, at=present.now(), file_name=file.name
            )
        except Refused as refused:
            explain(form, refused)
        else:
            return redirect("desk:import-columns", run.pk)
    context = {"title": _("Bring in a file"), "form": form, "notes": form.notes(), "now": present.now()}
    return render(request, "desk/import_new.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Which column is what. The same address takes another encoding or delimiter."""
    run = mine(request, pk)
    if request.method != "POST" and run.status not in (ImportStatus.DRAFT, ImportStatus.PREVIEW):
        return redirect("desk:import-detail", pk)
    try:
        return _read_again(request, run) if "again" in request.POST else _choose(request, run)
    except (UnableToMove, Refused) as refused:  # Refused here: the file is no longer kept
        return _too_late(request, pk, refused)


@dataclass(frozen=True, slots=True)
class _Opened:
    """A file as it is read now, opened once for the page."""

    plan: Plan
    table: Table
    sample: Sample


def _open(run: ImportRun) -> _Opened:
    plan = Plan.of(run)
    table = plan.table(imports.content_of(run))
    return _Opened(plan, table, sample_of(table))


def _read_again(request: HttpRequest, run: ImportRun) -> HttpResponse:
    reading = ReadingForm(request.POST)
    if reading.is_valid():
        try:
            imports.read_as(run, **reading.chosen(), by=person(request), at=present.now())
            return redirect("desk:import-columns", run.pk)
        except Refused as refused:
            reading.add_error(None, str(refused))
    file = _open(run)
    return _columns_page(request, run, file, _blank_form(request, run, file), reading)


def _choose(request: HttpRequest, run: ImportRun) -> HttpResponse:
    file = _open(run)
    reading = ReadingForm(initial=reading_of(file.plan))
    if request.method != "POST":
        return _columns_page(request, run, file, _blank_form(request, run, file), reading)
    form = ColumnsForm(request.POST, importer=importer_of(run.kind), examples=file.sample.examples)
    if form.is_valid():
        try:
            imports.check(run, form.plan(file.plan), by=person(request), at=present.now())
            return redirect("desk:import-detail", run.pk)
        except Refused as refused:
            form.add_error(form.name_of(refused.field), str(refused))
    return _columns_page(request, run, file, form, reading)


def _blank_form(request: HttpRequest, run: ImportRun, file: _Opened) -> ColumnsForm:
    """Prefilled: as chosen before, else as in the person's last such file, else by the headings."""
    importer, plan = importer_of(run.kind), file.plan
    if (saved := _asked_for(request, run)) is not None:
        read = replace(imports.saving.plan_of(saved), encoding=plan.encoding, delimiter=plan.delimiter)
        return ColumnsForm(importer=importer, examples=file.sample.examples, initial=initial_of(read))
    if not plan.mapping:
        known = imports.remembered(run, by=person(request))
        plan = known or Plan(imports.guess_mapping(importer, file.table.header), zone=plan.zone)
    return ColumnsForm(importer=importer, examples=file.sample.examples, initial=initial_of(plan))


def _asked_for(request: HttpRequest, run: ImportRun) -> SavedMapping | None:
    """The saved columns that were chosen; else, on a file that is new, those that fit best."""
    fitting = imports.saving.fitting(run, by=person(request))
    asked = request.GET.get("saved")
    chosen = next((one for one in fitting if str(one.pk) == asked), None)
    return chosen or (fitting[0] if fitting and not run.mapping else None)


def _columns_page(
    request: HttpRequest, run: ImportRun, file: _Opened, form: ColumnsForm, reading: ReadingForm
) -> HttpResponse:
    context: dict[str, Any] = {
        **context_of(run),
        "title": _("Which column is what?"),
        "form": form,
        "reading": reading,
        "table": file.table,
        "how_read": how_read(file.table),
        "sample": file.sample,
        "saved": imports.saving.fitting(run, by=person(request)),
        "chosen": _asked_for(request, run),
        "earlier": imports.same_file(run, by=person(request)),
        "now": present.now(),
    }
    wrong = form.errors or reading.errors
    return render(request, "desk/import_columns.html", context, status=422 if wrong else 200)


@login_required
@require_POST
def start(request: HttpRequest, pk: int) -> HttpResponse:
    return _do(request, pk, imports.bring_in) or redirect("desk:import-detail", pk)


@login_required
@require_POST
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    return _do(request, pk, imports.stop) or redirect("desk:import-detail", pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """GET asks, for the file is gone then; POST throws it away."""
    if request.method != "POST":
        return _ask_whether_to_discard(request, mine(request, pk))
    if answer := _do(request, pk, imports.discard):
        return answer
    messages.success(request, _("Discarded. Nothing of the file was kept."))
    return go(request, reverse("desk:import-list"))


def _ask_whether_to_discard(request: HttpRequest, run: ImportRun) -> HttpResponse:
    context = {
        "title": _("Discard this file?"),
        "deed": DISCARDING,
        "form": Form(),
        "whom": run.file_name or kind_label(run.kind),
        "action": reverse("desk:import-discard", args=[run.pk]),
        "back": reverse("desk:import-detail", args=[run.pk]),
        "in_dialog": is_htmx(request),
        "now": present.now(),
    }
    return render(request, DISCARDING.template if is_htmx(request) else "desk/deed.html", context)


def _do(request: HttpRequest, pk: int, deed: Callable[..., object]) -> HttpResponse | None:
    """Do it to one of the person's own imports; the answer is the page as it is now where it came too late."""
    try:
        deed(mine(request, pk), by=person(request), at=present.now())
    except (UnableToMove, Refused) as refused:
        return _too_late(request, pk, refused)
    return None


def _too_late(request: HttpRequest, pk: int, refused: Exception) -> HttpResponse:
    messages.error(request, str(refused))
    if is_htmx(request):
        return go(request, reverse("desk:import-detail", args=[pk]))
    return detail_page(request, mine(request, pk), status=409)
