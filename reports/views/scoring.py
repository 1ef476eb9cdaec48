"""How well scoring versions tell who buys, what leads there, and points proposed from it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from crm import access
from crm.components.tables import Filter, Option
from crm.models import Role
from crm.pages import go, person
from crm.states import Refused
from leads.models import ScoringModel
from reports import filters, links
from reports.scoring import proposing, regression
from reports.scoring import tables as tables
from reports.scoring.backtest import BackTest
from reports.scoring.samples import OUTCOMES, WON
from reports.scoring.wish import USUAL_PERIOD, ScoringWish, read_wish
from reports.views import frame
from reports.views.frame import Asked

MOST_OFFERED = 12


@login_required
@require_safe
def scoring(request: HttpRequest) -> HttpResponse:
    wish, about = asked(request)
    tests = about.backtests(wish.scope)
    here = links.address(request.path, {**wish.scope.query, **about.query()})
    context = frame.context(
        request,
        wish,
        title=_("How well scores tell who buys"),
        lede=_("What each version would have said when a lead was handed over, and what came of it."),
        filters=[_version_filter(), _outcome_filter(), *_filters(wish)],
        test=tests[0],
        missing="" if tests[0].is_enough else tables.missing(tests[0]),
        bar=about.bar,
        insight_url=f"{here}&insight=yes#insight",
        propose_url=links.address(reverse("reports:scoring-propose"), {**wish.scope.query, **about.query()}),
        may_propose=person(request).role in (Role.MARKETER, Role.ADMIN),
        undecided_url=links.handoffs(wish.scope),
        **_figures(wish, about, tests),
        **(_insight(wish, about, tests[0]) if request.GET.get("insight") == "yes" else {}),
    )
    return render(request, "reports/scoring.html", context)


def asked(request: HttpRequest) -> tuple[Asked, ScoringWish]:
    """For marketers, sales managers and administrators."""
    access.require_role(person(request), Role.MARKETER, Role.MANAGER)
    wish = frame.asked(request, default=USUAL_PERIOD)
    about = read_wish(request.GET, wish.scope)
    return Asked(wish.scope, wish.lens, [*wish.complaints, *about.complaints.values()]), about


def _filters(wish: Asked) -> list[Filter]:
    told = wish.scope.handoffs().order_by("lead__source").values_list("lead__source", flat=True)
    return filters.of_report(wish.scope, list(told.distinct()[: filters.MOST]), default=USUAL_PERIOD)


def _version_filter() -> Filter:
    rows = ScoringModel.objects.order_by("-version")[:MOST_OFFERED]
    options = [Option(str(row.version), f"{row} ({row.get_status_display()})") for row in rows]
    return Filter("version", _("Version"), options, many=True)


def _outcome_filter() -> Filter:
    options = [Option(code, label) for code, label in OUTCOMES.items()]
    return Filter("outcome", _("Outcome"), options, default=WON)


def _figures(wish: Asked, about: ScoringWish, tests: list[BackTest]) -> dict[str, Any]:
    ask, first = tables.Asked(wish.scope, about), tests[0]
    return {
        "versions": tables.versions(ask, tests),
        "remarks": [(test.model, test.model.note) for test in tests if test.model.note],
        "headlines": tables.headlines(ask, first),
        "pictures": [(tables.lift(ask, test), tables.calibrated(test)) for test in tests if test.tenths],
        "calibrations": [table for test in tests if (table := tables.calibration(ask, test))],
        "segments": tables.segments(ask, first),
        "months": tables.months(ask, first),
        "over_time": tables.over_time(tests),
    }


def _insight(wish: Asked, about: ScoringWish, test: BackTest) -> dict[str, Any]:
    found = regression.insight(about.read(wish.scope, about.first).samples)
    quality = found.quality
    return {
        "insight": found,
        "insight_missing": "" if found.is_enough else tables.too_few(found),
        "effects": tables.effects(tables.Asked(wish.scope, about), test, found),
        "left_out": tables.left_out(found),
        "fit_auc": tables.figure(quality.auc.value if quality and quality.auc else None),
        "fit_range": tables.auc_range(quality.auc if quality else None),
        "fit_brier": tables.figure(quality.brier if quality else None),
    }


@login_required
@require_POST
def propose(request: HttpRequest) -> HttpResponse:
    """The address holds the question, as it does on the page."""
    wish, about = asked(request)
    query = {**wish.scope.query, **about.query()}
    try:
        draft = proposing.draft(wish.scope, about.outcome, bar=about.bar, by=person(request), at=wish.at)
    except Refused as refused:
        messages.error(request, str(refused))
        return go(request, links.address(reverse("reports:scoring"), query))
    said = _("%(version)s is drafted with proposed points. Nothing is activated; compare it here first.")
    messages.success(request, said % {"version": draft})
    compared = {**query, "version": [draft.version, about.first.version]}
    return go(request, links.address(reverse("reports:scoring"), compared))
