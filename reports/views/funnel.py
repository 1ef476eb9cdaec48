"""The funnel: how far leads came, what is lost on the way, and where it leaks most."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from deals.models import Deal
from reports import filters, funnel_tables, hints, journey, links
from reports import funnel as figures
from reports.views import frame


@login_required
@require_safe
def funnel(request: HttpRequest) -> HttpResponse:
    wish = frame.asked(request)
    scope, steps = wish.scope, journey.steps(wish.scope)
    sources, worst = journey.by_source(scope), journey.bottleneck(steps)
    won = Deal.objects.visible_to(scope.user).filter(lead__in=scope.leads())
    context = frame.context(
        request,
        wish,
        title=_("How far leads came"),
        lede=_("Leads by the day they were captured, and what they have reached by now."),
        filters=filters.of_report(scope, [one.name for one in sources]),
        is_empty=not steps[0].count,
        picture=funnel_tables.picture(scope, steps),
        losses=funnel_tables.losses(scope, steps),
        inside=funnel_tables.inside(scope),
        sources=funnel_tables.sources(scope, sources),
        is_leaking=worst is not None,
        bottleneck=funnel_tables.bottleneck(worst, steps),
        causes=[
            (cause, links.page(cause.page, scope) if cause.page else "") for cause in hints.causes(worst)
        ],
        measures=hints.measures(worst),
        spread=figures.days_to_win(won, zone=scope.period.zone),
    )
    return render(request, "reports/funnel.html", context)
