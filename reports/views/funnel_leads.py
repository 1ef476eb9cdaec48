"""The leads behind a figure of the funnel."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from crm import keyset
from crm.components.links import CURSOR, changed
from crm.components.tables import SORT, Column
from leads.models import Lead
from reports import exporting, hints, journey, links
from reports.scopes import Scope
from reports.views import frame

PAGE = 50
COLUMNS = [
    Column("name", gettext_lazy("Person"), "name"),
    Column("company", gettext_lazy("Company"), "company"),
    Column("stage", gettext_lazy("Stage")),
    Column("source", gettext_lazy("Source"), "source"),
    Column("owner", gettext_lazy("Owner")),
    Column("captured", gettext_lazy("Captured"), "captured", numeric=True, falls_first=True),
]
ORDERS = {
    "name": "contact__last_name",
    "company": "account__name",
    "source": "source",
    "captured": "captured_at",
}
DEFAULT = "-captured"


@login_required
@require_safe
def leads(request: HttpRequest) -> HttpResponse:
    wish, query = frame.asked(request), request.GET
    rows = _asked(wish.scope, query)
    page = keyset.page(rows.with_people(), _order(query), query.get(CURSOR, ""), size=PAGE)
    context = frame.context(
        request,
        wish,
        title=_("Leads of the funnel"),
        lede=_words(query),
        columns=COLUMNS,
        default=DEFAULT,
        rows=page.rows,
        total=exporting.bounded(rows),
        next_url=_neighbour(query, page.following),
        previous_url=_neighbour(query, page.preceding),
        back_url=links.page("reports:funnel", wish.scope),
    )
    return render(request, "reports/funnel_leads.html", context)


@login_required
@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    scope, query = frame.asked(request).scope, request.GET
    rows = keyset.ordered(_asked(scope, query).with_people(), _order(query))
    header = [_("Name"), _("E-mail"), _("Company"), _("Stage"), _("Source"), _("Owner"), _("Captured")]
    return exporting.table("funnel-leads", header, (_cells(row) for row in exporting.all_of(rows)), query)


def _order(query: QueryDict) -> keyset.Order:
    return keyset.order_of(query.get(SORT, ""), ORDERS, DEFAULT)


def _neighbour(query: QueryDict, cursor: str) -> str:
    return f"{changed(query, {})}&{CURSOR}={cursor}" if cursor else ""


def _asked(scope: Scope, query: QueryDict) -> Any:
    """`reached`, `missed` or `waiting` name a step; one that nobody knows asks nothing."""
    rows = scope.leads()
    if (step := query.get("reached", "")) in hints.LABELS:
        rows = rows.filter(journey.reached(step))
    if (step := query.get("missed", "")) in journey.STEPS[1:]:
        rows = rows.filter(journey.missed(step))
    if (step := query.get("waiting", "")) in journey.STEPS[1:]:
        rows = rows.filter(journey.on_the_way(step))
    return rows


def _words(query: QueryDict) -> str:
    for name, sentence in (
        ("missed", _("Came to “%(before)s” and not to “%(step)s”.")),
        ("waiting", _("Came to “%(before)s” and are on the way to “%(step)s”.")),
    ):
        if (step := query.get(name, "")) in journey.STEPS[1:]:
            before = journey.STEPS[journey.STEPS.index(step) - 1]
            return sentence % {"before": hints.LABELS[before], "step": hints.LABELS[step]}
    step = query.get("reached", "")
    return _("Came at least to “%(step)s”.") % {"step": hints.LABELS.get(step, hints.LABELS[journey.LEAD])}


def _cells(lead: Lead) -> list[object]:
    person, company = lead.contact, lead.account.name if lead.account else ""
    stage, owner = str(lead.get_stage_display()), str(lead.owner or "")
    return [person.full_name, person.email, company, stage, lead.source, owner, lead.captured_at]
