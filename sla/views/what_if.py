"""What if: a question about the past, how far it has come, and the answer."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm import access, present
from crm.models import Role, Team, User
from crm.pages import explain, go, is_htmx, person
from crm.states import Refused
from sla import simulate
from sla.forms_what_if import WhatIfForm
from sla.models import Agreement, AgreementStatus, ReasonRule, RunStatus, SimulationRun
from sla.replay.contracts import Changes
from sla.views.runs import cancelled
from sla.what_if import pictures, words

ASKED_OF = (AgreementStatus.DRAFT, AgreementStatus.PROPOSED, AgreementStatus.SIGNED, AgreementStatus.IN_FORCE)
EARLIER = 8


def insider(request: HttpRequest) -> User:
    """Marketers, sales managers and administrators ask what if."""
    user = person(request)
    access.require_role(user, Role.MARKETER, Role.MANAGER)
    return user


def find(request: HttpRequest, pk: int) -> SimulationRun:
    runs = SimulationRun.objects.visible_to(insider(request))
    return get_object_or_404(runs.select_related("agreement__segment", "agreement__calendar", "draft"), pk=pk)


# -- asking ---------------------------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    user = insider(request)
    agreements = _agreements(user)
    if not agreements:
        return _ask(request, user, agreements, None, None)
    agreement = _chosen(request, agreements)
    form = _form(request, user, agreement)
    if request.method != "POST":
        return _ask(request, user, agreements, agreement, form)
    if form.is_valid():
        try:
            weeks, changes = form.cleaned_data["weeks"], form.changes()
            run = simulate.ask(agreement, changes, weeks=weeks, by=user, at=present.now())
            return redirect("sla:what-if-run", pk=run.pk)
        except Refused as refused:
            explain(form, refused)
    return _ask(request, user, agreements, agreement, form, status=422)


def _agreements(user: User) -> list[Agreement]:
    """Drafts first, then what is in force; nothing can be asked before anything is."""
    rows = Agreement.objects.visible_to(user).filter(status__in=ASKED_OF)
    found = list(rows.select_related("segment", "definition", "calendar").order_by("-version"))
    if not any(row.status == AgreementStatus.IN_FORCE for row in found):
        return []
    return sorted(found, key=lambda row: ASKED_OF.index(AgreementStatus(row.status)))


def _chosen(request: HttpRequest, agreements: list[Agreement]) -> Agreement:
    asked = request.POST.get("agreement") or request.GET.get("agreement") or ""
    return next((row for row in agreements if str(row.pk) == asked), agreements[0])


def _form(request: HttpRequest, user: User, agreement: Agreement) -> WhatIfForm:
    rules = ReasonRule.objects.filter(agreement=agreement).select_related("reason")
    sellers = User.objects.visible_to(user).active().filter(role=Role.REP).order_by("team", "last_name", "pk")
    return WhatIfForm(
        request.POST if request.method == "POST" else None,
        agreement=agreement,
        rules=list(rules.order_by("reason__position", "reason__code")),
        sellers=sellers,
        teams=Team.objects.visible_to(user).order_by("name", "pk"),
        before=_before(request, user, agreement),
    )


def _before(request: HttpRequest, user: User, agreement: Agreement) -> Changes | None:
    """The changes of an earlier run, to be changed further."""
    again = request.GET.get("again", "")
    if not (again.isascii() and again.isdigit() and len(again) < 10):
        return None
    run = SimulationRun.objects.visible_to(user).filter(pk=again, agreement=agreement).first()
    return Changes.from_json(run.changes) if run else None


def _ask(
    request: HttpRequest,
    user: User,
    agreements: list[Agreement],
    agreement: Agreement | None,
    form: WhatIfForm | None,
    status: int = 200,
) -> HttpResponse:
    runs = SimulationRun.objects.visible_to(user).select_related("agreement__calendar").defer("result")
    context = {
        "title": _("What if"),
        "lede": _("Play the last weeks again under other terms. Nothing is changed, and nobody is told."),
        "agreements": agreements,
        "agreement": agreement,
        "form": form,
        "runs": [(one, words.span(one)) for one in runs.newest_first()[:EARLIER]],
        "now": present.now(),
    }
    return render(request, "sla/what_if.html", context, status=status)


# -- the answer -----------------------------------------------------------------------------------


@login_required
@require_safe
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """The answer, or how far it has come; htmx asks again until it is there, then the page is loaded anew."""
    row = find(request, pk)
    if is_htmx(request):
        if not row.is_unfinished:
            return go(request, request.path)
        return render(request, "sla/_what_if_progress.html", {"run": row})
    context = {
        "title": _("What if: %(agreement)s") % {"agreement": row.agreement},
        "span": words.span(row),
        "run": row,
        "now": present.now(),
    }
    if row.status == RunStatus.DONE:
        context |= answer(row, person(request))
    return render(request, "sla/what_if_run.html", context)


def answer(row: SimulationRun, user: User) -> dict[str, Any]:
    """Everything the page says about a finished run."""
    result: dict[str, Any] = row.result or {}
    names = names_for(result, user)
    changes = Changes.from_json(row.changes)
    return {
        "result": result,
        "sentences": words.summary(result, names),
        "certainty": words.certainty(result),
        "causes": pictures.causes(result),
        "differing": pictures.differing_terms(result, names),
        "kinds": [(kind, (label, result["counts"].get(kind, 0))) for kind, label in pictures.KINDS.items()],
        "weekly": pictures.weekly(result),
        "loads": [
            pictures.load(result["changed"], _("With the changes"), names),
            pictures.load(result["present"], _("As agreed now"), names),
        ],
        "acceptance": pictures.acceptance(result),
        "bands": pictures.bands(result),
        "promises": pictures.promises(result),
        "months": pictures.months(result),
        "can_be_drafted": changes.touches_agreement,
    }


def names_for(result: dict[str, Any], user: User) -> dict[int, str]:
    """The names of the reps the reader may see."""
    ids = {rep["user"] for side in ("present", "changed") for rep in result[side]["reps"]}
    return {one.pk: str(one) for one in User.objects.visible_to(user).filter(pk__in=ids)}


# -- deeds ----------------------------------------------------------------------------------------


@login_required
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    return cancelled(request, find(request, pk), reverse("sla:what-if-run", args=[pk]))


@login_required
@require_POST
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    row = find(request, pk)
    try:
        made = simulate.make_draft(row, by=person(request), at=present.now())
    except Refused as refused:
        messages.error(request, str(refused))
        return go(request, reverse("sla:what-if-run", args=[pk]))
    messages.success(
        request, _("Version %(version)s is drafted with these changes.") % {"version": made.version}
    )
    return go(request, reverse("sla:agreement", args=[made.pk]))
