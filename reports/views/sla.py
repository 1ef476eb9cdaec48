"""Both sides of the agreement, measured."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from reports import answers, attainment, filters, links, pictures, tables
from reports.attainment import Sales
from reports.figures import CLOCKS
from reports.marketing import Marketing, marketing
from reports.views import frame
from reports.views.frame import Asked


@login_required
@require_safe
def sla(request: HttpRequest) -> HttpResponse:
    wish = frame.asked(request)
    sold, passed_on = attainment.sales(wish.scope, wish.lens), marketing(wish.scope, wish.lens)
    context = frame.context(
        request,
        wish,
        title=_("How both sides kept the agreement"),
        lede=_("Handoffs by the day they were offered, as they stand now."),
        filters=filters.of_report(wish.scope, [source.name for source in passed_on.sources]),
        handoffs_url=links.handoffs(wish.scope),
        sales=sold,
        **_sales(wish, sold),
        **_over_time(wish),
        **_marketing(wish, passed_on),
        **_answers(wish),
    )
    return render(request, "reports/sla.html", context)


def _sales(wish: Asked, sold: Sales) -> dict[str, Any]:
    scope, total, before = wish.scope, sold.total, sold.before
    people, teams, queue = _("By person in sales"), _("By team"), _("Nobody: the open queue")
    return {
        "kept": [(tables.KEPT_LABELS[c], tables.kept(scope, total, c, before)) for c in CLOCKS],
        "offered": tables.counted(scope, total, "offered"),
        "measured": tables.counted(scope, total, "measured"),
        "paused": tables.counted(scope, total, "paused"),
        "reassigned": tables.counted(scope, total, "reassigned"),
        "promises": tables.promises(scope, total, before),
        "became": pictures.became(scope, total),
        "before": scope.period.before(wish.at),
        "people": tables.lines(
            scope, sold.people, wish="assignee", title=people, head=_("Person in sales"), nobody=queue
        ),
        "teams": tables.lines(
            scope, sold.teams, wish="team", title=teams, head=_("Team"), nobody=_("Without a team")
        ),
    }  # fmt: skip


def _over_time(wish: Asked) -> dict[str, Any]:
    unit, points = wish.scope.period.bucket, attainment.trend(wish.scope, wish.lens)
    return {
        "trend": pictures.kept_over_time(points, unit),
        "speed_trend": pictures.hours_over_time(points, unit),
        "heat": pictures.heat(wish.scope, attainment.heat(wish.scope, wish.lens)),
    }


def _marketing(wish: Asked, found: Marketing) -> dict[str, Any]:
    both = links.handoffs(wish.scope, said=("accepted", "rejected"))
    return {
        "marketing": found,
        "mqls_url": links.figure(wish.scope, "mqls"),
        "answered_url": both if found.acceptance.share.whole else "",
        "incomplete_url": links.figure(wish.scope, "incomplete"),
        "months": tables.months(wish.scope, found.months),
        "sources": tables.sources(wish.scope, found.sources),
        "acceptance_range": tables.interval(found.acceptance.share),
        "completeness_range": tables.interval(found.completeness.share),
    }


def _answers(wish: Asked) -> dict[str, Any]:
    said = answers.answers(wish.scope, wish.lens)
    return {
        "answers": said,
        "reasons": tables.reasons(wish.scope, said.reasons),
        "found_out": [
            pictures.found_out(wish.scope, each) for each in answers.found_out(wish.scope, wish.lens)
        ],
    }
