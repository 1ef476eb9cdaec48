"""What leads to an outcome, and proposed points: asked, how far it has come, and the answer."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from crm import access
from crm.models import Role
from crm.pages import go, is_htmx, person
from reports import exporting, links
from reports.models import ScoringQuestion, ScoringRun
from reports.scoring import run_tables, runs
from reports.scoring.samples import OUTCOMES
from reports.views.scoring import asked
from sla.models import RunStatus
from sla.views.runs import cancelled


@login_required
@require_POST
def ask(request: HttpRequest, question: str) -> HttpResponse:
    """The address holds what is asked about, as it does on the report."""
    if question not in ScoringQuestion.values:
        raise Http404
    wish, about = asked(request)
    row = runs.ask(question, wish.scope, about, by=person(request), at=wish.at)
    return redirect("reports:scoring-run", pk=row.pk)


def _find(request: HttpRequest, pk: int) -> ScoringRun:
    access.require_role(person(request), Role.MARKETER, Role.MANAGER)
    rows = ScoringRun.objects.visible_to(person(request)).select_related("user", "version", "draft")
    return get_object_or_404(rows, pk=pk)


@login_required
@require_safe
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """The answer, or how far it has come; htmx asks again until it is there, then the page is loaded anew."""
    row = _find(request, pk)
    if is_htmx(request):
        if not row.is_unfinished:
            return go(request, request.path)
        return render(request, "reports/_scoring_progress.html", {"run": row})
    scope, _wish = runs.asked_of(row)
    context = {
        "title": row.get_question_display(),
        "lede": _("Handoffs of %(period)s; outcome: %(outcome)s.")
        % {"period": scope.period.label, "outcome": OUTCOMES[row.outcome]},
        "run": row,
        "report_url": links.address(reverse("reports:scoring"), row.asked),
        **(_answer(row) if row.status == RunStatus.DONE else {}),
    }
    return render(request, "reports/scoring_run.html", context)


def _answer(row: ScoringRun) -> dict[str, Any]:
    if row.question == ScoringQuestion.INSIGHT:
        return run_tables.insight(row)
    found = run_tables.proposal(row)
    if row.draft:
        compared = {**row.asked, "version": [row.draft.version, row.version.version]}
        found["backtest_url"] = links.address(reverse("reports:scoring"), compared)
    return found


@login_required
@require_safe
def export(request: HttpRequest, pk: int) -> HttpResponseBase:
    row = _find(request, pk)
    if row.status != RunStatus.DONE:
        raise Http404
    return exporting.table(
        f"scoring-{row.question}",
        exporting.figures_header(),
        exporting.of_table(_answer(row)["table"]),
        request.GET,
    )


@login_required
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    return cancelled(request, _find(request, pk), reverse("reports:scoring-run", args=[pk]))
