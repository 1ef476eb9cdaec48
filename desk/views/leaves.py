"""Days off, as a manager notes them for the team."""

from __future__ import annotations

from types import SimpleNamespace

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from crm import leaves, present
from crm.components import formats
from crm.models import Leave
from crm.states import Refused
from desk.forms_team import LeaveForm
from desk.views.answers import explain, go, is_htmx
from desk.views.deeds import data_of
from desk.views.team import leader


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """GET asks who and when; POST notes it."""
    user, at = leader(request), present.now()
    whose, here = request.GET.get("person", ""), formats.local(at).date()
    form = LeaveForm(data_of(request), viewer=user, today=here, person=whose)
    if request.method != "POST":
        return _ask(request, form)
    if not form.is_valid():
        return _ask(request, form, status=422)
    told = form.cleaned_data
    try:
        leave = leaves.add(told.pop("person"), by=user, at=at, **told)
    except Refused as refused:
        explain(form, refused)
        return _ask(request, form, status=422)
    undo = reverse("desk:leave-remove", args=[leave.pk])
    messages.success(request, _("%(person)s gets no new leads then.") % {"person": leave.user}, undo)
    return go(request, reverse("desk:team"))


def _ask(request: HttpRequest, form: LeaveForm, status: int = 200) -> HttpResponse:
    context = {
        "title": _("Days off"),
        "deed": SimpleNamespace(button=_("Note"), is_grave=False, template="desk/_deed_leave.html"),
        "form": form,
        "whom": _("Who is away gets no new leads."),
        "action": reverse("desk:leave-add"),
        "back": reverse("desk:team"),
        "in_dialog": is_htmx(request),
        "now": present.now(),
    }
    template = "desk/_deed_leave.html" if is_htmx(request) else "desk/deed.html"
    return render(request, template, context, status=status)


@login_required
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    user = leader(request)
    leave = get_object_or_404(Leave.objects.visible_to(user).select_related("user"), pk=pk)
    entry = leaves.remove(leave, by=user, at=present.now())
    undo = reverse("desk:leave-restore", args=[entry]) if entry else ""
    messages.success(request, _("%(person)s is there then.") % {"person": leave.user}, undo)
    return redirect("desk:team")


@login_required
@require_POST
def restore(request: HttpRequest, entry: int) -> HttpResponse:
    """The days off that were just taken back hold again."""
    user = leader(request)
    gone = get_object_or_404(leaves.removed(seen_by=user), pk=entry)
    leave = leaves.restore(gone, by=user, at=present.now())
    messages.success(request, _("%(person)s gets no new leads then.") % {"person": leave.user})
    return redirect("desk:team")
