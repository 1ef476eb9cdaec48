"""The list of handoffs: what a figure of the reports counts, row by row; its address holds the whole question."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from crm import keyset, present
from crm.components.links import CURSOR, changed
from crm.components.tables import SORT, Column
from desk import handoff_filters
from desk.views.answers import person
from reports import exporting, facets, wishes
from reports.facets import Lens
from reports.wishes import Wish
from sla.judging import LABELS, STANDINGS
from sla.models import Handoff

PAGE = 50
COLUMNS = [
    Column("person", gettext_lazy("Person"), "person"),
    Column("company", gettext_lazy("Company"), "company"),
    Column("status", gettext_lazy("Status"), "status"),
    Column("response", gettext_lazy("First contact"), "hours", falls_first=True),
    Column("assignee", gettext_lazy("Person in sales"), "assignee"),
    Column("source", gettext_lazy("Source"), "source"),
    Column("offered", gettext_lazy("Offered"), "offered", numeric=True, falls_first=True),
]
ORDERS = {
    "person": "contact__last_name",
    "company": "account__name",
    "status": "status",
    "hours": "response_hours",
    "assignee": "assignee__last_name",
    "source": "lead__source",
    "offered": "offered_at",
}
DEFAULT = "-offered"


@login_required
@require_safe
def handoff_list(request: HttpRequest) -> HttpResponse:
    query, at = request.GET, present.now()
    wish, lens = _wish(request, at)
    rows = asked(wish, query, lens)
    page = keyset.page(_shown(rows, lens), _order(query), query.get(CURSOR, ""), size=PAGE)
    context = {
        "title": _("Handoffs"),
        "lede": wish.scope.period.label,
        "columns": COLUMNS,
        "default": DEFAULT,
        "filters": handoff_filters.of_list(wish.scope, query),
        "complaints": list(wish.complaints.values()),
        "rows": [(row, *_standing(row)) for row in page.rows],
        "total": exporting.bounded(rows),
        "next_url": _neighbour(query, page.following),
        "previous_url": _neighbour(query, page.preceding),
        "now": at,
    }
    return render(request, "desk/handoff_list.html", context)


@login_required
@require_safe
def handoff_export(request: HttpRequest) -> HttpResponseBase:
    wish, lens = _wish(request, present.now())
    rows = keyset.ordered(_shown(asked(wish, request.GET, lens), lens), _order(request.GET))
    header = [
        _("Person"), _("E-mail"), _("Company"), _("Status"), _("Round"), _("Person in sales"), _("Team"), _("Source"),
        _("Offered"), _("Respond by"), _("First contact"), _("Working hours"), _("First contact in time"),
        _("Accepted at"), _("Answered in time"), _("Decided at"), _("Feedback in time"), _("Reason"), _("Agreement"),
    ]  # fmt: skip
    related = rows.select_related("team", "agreement", "feedback__reason")
    return exporting.table(
        "handoffs", header, (list(_cells(row)) for row in exporting.all_of(related)), request.GET
    )


def asked(wish: Wish, query: QueryDict, lens: Lens) -> QuerySet[Handoff]:
    """The handoffs an address asks for. Facets nobody knows ask nothing; a value nobody has finds nothing."""
    wanted = {name: query.getlist(name) for name in handoff_filters.FACETS if query.get(name)}
    return facets.narrowed(wish.scope.handoffs(), wanted, lens)


def _wish(request: HttpRequest, at: datetime) -> tuple[Wish, Lens]:
    wish = wishes.read(request.GET, user=person(request), at=at)
    return wish, Lens(at, wish.scope.period.zone)


def _order(query: QueryDict) -> keyset.Order:
    return keyset.order_of(query.get(SORT, ""), ORDERS, DEFAULT)


def _shown(rows: QuerySet[Handoff], lens: Lens) -> QuerySet[Handoff]:
    seen = facets.seen_by(rows, ("response", "answer", "feedback"), lens)
    return seen.select_related("contact", "account", "assignee", "lead")


def _neighbour(query: QueryDict, cursor: str) -> str:
    return f"{changed(query, {})}&{CURSOR}={cursor}" if cursor else ""


TONES = {"in_time": ("ok", "on-track"), "late": ("late", "breached"), "running": ("plain", "clock")}


def _standing(row: Any) -> tuple[Any, str, str]:
    """The words, tone and icon of the first contact's verdict."""
    name = STANDINGS[row.by_response]
    return LABELS[name], *TONES.get(name, ("plain", "more"))


def _cells(row: Any) -> Iterable[object]:
    contact, feedback = row.contact, getattr(row, "feedback", None)
    verdicts = {
        name: str(LABELS[STANDINGS[getattr(row, f"by_{name}")]])
        for name in ("response", "answer", "feedback")
    }
    yield from (
        contact.full_name,
        contact.email,
        str(row.account or ""),
        str(row.get_status_display()),
        row.round,
    )
    yield from (str(row.assignee or ""), str(row.team or ""), row.lead.source, row.offered_at, row.respond_by)
    yield from (
        row.first_contact_at,
        row.response_hours,
        verdicts["response"],
        row.accepted_at,
        verdicts["answer"],
    )
    yield from (row.decided_at, verdicts["feedback"])
    yield from (str(feedback.reason) if feedback and feedback.reason else "", str(row.agreement))
