"""How well scoring versions tell who buys, what leads there, and points proposed from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from crm import access
from crm.components.tables import Filter, Option
from crm.models import Role
from crm.pages import person
from leads.models import ScoringModel
from reports import exporting, filters, links
from reports.models import ScoringQuestion, ScoringRun
from reports.scoring import tables as tables
from reports.scoring.backtest import BackTest
from reports.scoring.samples import OUTCOMES, WON
from reports.scoring.wish import USUAL_PERIOD, ScoringWish, read_wish
from reports.views import frame
from reports.views.frame import Asked

MOST_OFFERED, EARLIER = 12, 6


@login_required
@require_safe
def scoring(request: HttpRequest) -> HttpResponse:
    wish, about = asked(request)
    tests = about.backtests(wish.scope)
    context = frame.context(
        request,
        wish,
        title=_("How well scores tell who buys"),
        lede=_("What each version would have said when a lead was handed over, and what came of it."),
        filters=[_version_filter(), _outcome_filter(), *_filters(wish)],
        test=tests[0],
        missing="" if tests[0].is_enough else tables.missing(tests[0]),
        bar=about.bar,
        export_url=links.page("reports:scoring-export", wish.scope, **about.query()),
        insight_url=_ask_url(ScoringQuestion.INSIGHT, wish, about),
        propose_url=_ask_url(ScoringQuestion.PROPOSAL, wish, about),
        may_propose=person(request).role in (Role.MARKETER, Role.ADMIN),
        runs=ScoringRun.objects.visible_to(person(request))
        .select_related("version")
        .newest_first()[:EARLIER],
        undecided_url=links.handoffs(wish.scope),
        **_figures(wish, about, tests),
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


@login_required
@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    """Every figure of the page."""
    wish, about = asked(request)
    found = _figures(wish, about, about.backtests(wish.scope))
    return exporting.table("scoring-figures", exporting.figures_header(), _lines(found), request.GET)


def _lines(found: Mapping[str, Any]) -> list[list[object]]:
    """In the order of the page; months over time are drawn from the table of months."""
    shown = [found["versions"], *found["calibrations"], found["months"], found["segments"]]
    lifts = [line for lift, _calibrated in found["pictures"] for line in exporting.of_picture(lift)]
    first, *others = [exporting.of_table(table) for table in shown]
    return [*first, *lifts, *(line for each in others for line in each)]


def _ask_url(question: ScoringQuestion, wish: Asked, about: ScoringWish) -> str:
    address = reverse("reports:scoring-ask", args=[question])
    return links.address(address, {**wish.scope.query, **about.query()})
