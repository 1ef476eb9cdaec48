"""The way into the reports: the headline of each."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from reports import attainment, filters, funnel_tables, journey, links, tables
from reports.figures import CLOCKS
from reports.marketing import marketing
from reports.views import frame


@login_required
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    wish = frame.asked(request)
    scope = wish.scope
    total = attainment.totals(scope, wish.lens)
    before = attainment.totals(scope.during(scope.period.before(wish.at)), wish.lens)
    passed_on, steps = marketing(scope, wish.lens), journey.steps(scope)
    context = frame.context(
        request,
        wish,
        title=_("Reports"),
        lede=_("How the hand-over goes, and where leads are lost."),
        filters=filters.of_report(scope, [source.name for source in passed_on.sources]),
        kept=[(tables.KEPT_LABELS[clock], tables.kept(scope, total, clock, before)) for clock in CLOCKS],
        offered=tables.counted(scope, total, "offered"),
        total=total,
        marketing=passed_on,
        mqls_url=links.figure(scope, "mqls"),
        answered_url=links.handoffs(scope, said=("accepted", "rejected"))
        if passed_on.acceptance.share.whole
        else "",
        sla_url=links.page("reports:sla", scope),
        funnel_url=links.page("reports:funnel", scope),
        picture=funnel_tables.picture(scope, steps),
        bottleneck=funnel_tables.bottleneck(journey.bottleneck(steps), steps),
    )
    return render(request, "reports/overview.html", context)
