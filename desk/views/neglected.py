"""Leads nobody touches: listed by value, and put into a programme or handed over, some or all that match."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from crm import access, present
from crm.models import Role, User
from crm.states import Refused
from desk import neglected_lists
from desk.neglected_lists import COLUMNS, DEFAULT, TendForm
from desk.record_lists import export, page_of
from desk.views.answers import is_htmx, own_path, person
from sla import bulk
from sla.models import BulkKind, BulkRun

LIST = "desk:neglected"


def tender(request: HttpRequest) -> User:
    """The signed-in marketer, manager or administrator; others may not."""
    user = person(request)
    access.require_role(user, Role.MARKETER, Role.MANAGER)
    return user


@login_required
@require_safe
def neglected(request: HttpRequest) -> HttpResponse:
    user, at = tender(request), present.now()
    page = page_of(neglected_lists.listed(user, request.GET, at), request.GET)
    days = neglected_lists.days_of(request.GET)
    context = {
        "title": _("Neglected leads"),
        "lede": _(
            "Nobody reached out for %(n)s days, and nothing is under way. The most valuable come first."
        )
        % {"n": days},
        "columns": COLUMNS,
        "default": DEFAULT,
        "filters": neglected_lists.filters(user),
        "page": page,
        "total": page.total,
        "form": TendForm(user=user),
        "runs": BulkRun.objects.visible_to(user).defer("leads").order_by("-pk")[:3],
        "now": at,
    }
    return render(request, "desk/neglected.html", context)


@login_required
@require_safe
def neglected_export(request: HttpRequest) -> HttpResponseBase:
    header = [
        _("Name"), _("E-mail"), _("Company"), _("Employees"), _("Score"), _("Grade"), _("Stage"), _("Source"),
        _("Owner"), _("Last touch"), _("Captured"),
    ]  # fmt: skip
    rows = neglected_lists.listed(tender(request), request.GET, present.now())
    return export("neglected", header, rows, neglected_lists.cells)


@login_required
@require_safe
def ask_all(request: HttpRequest) -> HttpResponse:
    """How many match, before something is done to all of them."""
    user, at = tender(request), present.now()
    return _asked(
        request, {deed: TendForm(user=user, deed=deed) for deed in BulkKind.values}, request.GET, at
    )


def _asked(
    request: HttpRequest, forms: dict[str, TendForm], query: QueryDict, at: datetime, status: int = 200
) -> HttpResponse:
    count = neglected_lists.matching(person(request), query, at).count()
    said = ngettext("%(n)s lead matches.", "%(n)s leads match.", count) % {"n": f"{count:,}"}
    context = {
        "title": _("All that match"),
        "lede": said,
        "count": count,
        "most": bulk.MOST,
        "enrol": forms[BulkKind.ENROL],
        "hand_over": forms[BulkKind.HAND_OVER],
        "query": query.urlencode(),
        "back": f"{reverse(LIST)}?{query.urlencode()}",
        "now": at,
    }
    return render(request, "desk/neglected_all.html", context, status=status)


@login_required
@require_POST
def tend(request: HttpRequest) -> HttpResponse:
    """Enrol or hand over: the leads that are chosen, or with `all` those that match the list's question now."""
    user, at = tender(request), present.now()
    query, deed = QueryDict(request.POST.get("query", "")), request.POST.get("deed", "")
    deed = deed if deed in BulkKind.values else str(BulkKind.ENROL)
    form = TendForm(request.POST, user=user, deed=deed)
    is_all = bool(request.POST.get("all"))
    try:
        run = _begin(
            request, form, _leads(request, query, user, at) if is_all else _chosen(request), user, at
        )
    except Refused as refused:
        messages.error(request, str(refused))
        if is_all:
            blank = {each: TendForm(user=user, deed=each) for each in BulkKind.values}
            return _asked(request, blank | {deed: form}, query, at, status=422)
        return redirect(own_path(request, request.POST.get("next"), reverse(LIST)))
    if run.is_due or is_all:
        return redirect("desk:bulk-run", run.pk)
    _say(request, run)
    return redirect(own_path(request, request.POST.get("next"), reverse(LIST)))


def _begin(request: HttpRequest, form: TendForm, leads: list[int], user: User, at: datetime) -> BulkRun:
    if not form.is_valid():
        raise Refused(" ".join(str(said[0]) for said in form.errors.values()))
    told = form.cleaned_data
    if request.POST.get("deed") == BulkKind.HAND_OVER:
        return bulk.hand_over(leads, assignee=told["assignee"], note=told["note"], by=user, at=at)
    return bulk.enrol(leads, told["programme"], note=told["note"], by=user, at=at)


def _chosen(request: HttpRequest) -> list[int]:
    asked = request.POST.getlist("leads")
    return [int(pk) for pk in asked if pk.isascii() and pk.isdigit() and len(pk) < 19]


def _leads(request: HttpRequest, query: QueryDict, user: User, at: datetime) -> list[int]:
    rows = neglected_lists.matching(user, query, at).order_by("pk")
    return list(rows.values_list("pk", flat=True)[: bulk.MOST + 1])


def _say(request: HttpRequest, run: BulkRun) -> None:
    undo = reverse("desk:bulk-undo", args=[run.pk]) if run.may_be_undone else ""
    messages.success(request, words(run), extra_tags=undo)
    if left := run.place - run.done:
        said = ngettext(
            "%(n)d was left out: with sales by now, in the programme already, or opted out.",
            "%(n)d were left out: with sales by now, in the programme already, or opted out.",
            left,
        )
        messages.warning(request, said % {"n": left})


def words(run: BulkRun) -> str:
    if run.kind == BulkKind.ENROL:
        said = ngettext(
            "%(n)d lead is in “%(programme)s” now.", "%(n)d leads are in “%(programme)s” now.", run.done
        )
        return said % {"n": run.done, "programme": run.programme}
    said = ngettext("%(n)d lead is handed over to sales.", "%(n)d leads are handed over to sales.", run.done)
    return said % {"n": run.done}


# -- a run ----------------------------------------------------------------------------------------


def _mine(request: HttpRequest, pk: int) -> BulkRun:
    seen = BulkRun.objects.visible_to(tender(request)).select_related("programme", "assignee")
    found: BulkRun = get_object_or_404(seen, pk=pk)
    return found


@login_required
@require_safe
def bulk_run(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it is, or what came of it. While it works the page asks by itself for the part that changes."""
    run = _mine(request, pk)
    if is_htmx(request) and not run.is_due:
        return HttpResponseClientRefresh()
    context = {
        "title": run.get_kind_display(),
        "lede": str(run.programme or run.assignee or ""),
        "run": run,
        "total": len(run.leads),
        "left_out": run.place - run.done,
        "said": words(run),
        "now": present.now(),
    }
    return render(request, "desk/_bulk_beat.html" if is_htmx(request) else "desk/bulk_run.html", context)


@login_required
@require_POST
def bulk_stop(request: HttpRequest, pk: int) -> HttpResponse:
    run = _mine(request, pk)
    bulk.stop(run, at=present.now())
    return redirect("desk:bulk-run", run.pk)


@login_required
@require_POST
def bulk_undo(request: HttpRequest, pk: int) -> HttpResponse:
    run = _mine(request, pk)
    try:
        left = bulk.undo(run, by=person(request), at=present.now())
        said = ngettext("%(n)d lead is out of it again.", "%(n)d leads are out of it again.", left)
        messages.success(request, said % {"n": left})
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("desk:bulk-run", run.pk)
