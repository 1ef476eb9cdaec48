"""The handoffs behind a figure of the report on scoring, with the score a version would have given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from crm.components import formats
from crm.components.links import CURSOR, changed
from crm.components.tables import SORT, Column, Filter, Option
from reports import exporting, links
from reports.facets import NO, YES
from reports.scopes import Scope
from reports.scoring import backtest, listing
from reports.scoring.backtest import Scored
from reports.scoring.samples import OUTCOMES
from reports.scoring.wish import ScoringWish
from reports.views import frame
from reports.views.scoring import asked
from sla.models import Handoff

PAGE = 50
COLUMNS = [
    Column("person", gettext_lazy("Person")),
    Column("company", gettext_lazy("Company")),
    Column("score", gettext_lazy("Score"), "score", numeric=True, falls_first=True),
    Column("came", gettext_lazy("It came"), "came", falls_first=True),
    Column("status", gettext_lazy("Status")),
    Column("offered", gettext_lazy("Offered"), "offered", numeric=True, falls_first=True),
]
DEFAULT = "-score"
ORDERS: dict[str, Any] = {
    "score": lambda row: (row.score, -row.handoff),
    "came": lambda row: (row.came, row.score, -row.handoff),
    "offered": lambda row: (row.at, row.handoff),
}


@login_required
@require_safe
def rows(request: HttpRequest) -> HttpResponse:
    wish, about = asked(request)
    found = _found(wish.scope, about, request.GET)
    start = _start(request.GET.get(CURSOR, ""))
    shown = found[start : start + PAGE]
    said = _("Scores of %(version)s when each was offered; outcome: %(outcome)s.")
    context = frame.context(
        request,
        wish,
        title=_("Handoffs behind the figure"),
        lede=said % {"version": about.first, "outcome": OUTCOMES[about.outcome]},
        columns=COLUMNS,
        default=DEFAULT,
        filters=_filters(),
        rows=_with_handoffs(wish.scope, shown),
        total=formats.number(len(found)),
        next_url=_page(request.GET, start + PAGE) if start + PAGE < len(found) else "",
        previous_url=_page(request.GET, max(0, start - PAGE)) if start else "",
        back_url=links.page("reports:scoring", wish.scope, **about.query()),
    )
    return render(request, "reports/scoring_rows.html", context)


@login_required
@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    wish, about = asked(request)
    found = _found(wish.scope, about, request.GET)
    header = [
        _("Person"), _("Company"), _("Version"), _("Score"), OUTCOMES[about.outcome], _("Status"), _("Segment"),
        _("Offered"),
    ]  # fmt: skip
    pairs = _with_handoffs(wish.scope, found)
    return exporting.table("scoring", header, (_cells(about, row, handoff) for row, handoff in pairs))


def _found(scope: Scope, about: ScoringWish, query: QueryDict) -> list[Scored]:
    sampled = about.read(scope, about.first)
    ranked = backtest.scored(about.first, sampled)
    wanted = {name: query.get(name, "") for name in listing.NARROWING}
    kept = listing.narrowed(ranked, sampled, wanted, about.bar)
    wish = query.get(SORT, DEFAULT)
    key = ORDERS.get(wish.removeprefix("-"), ORDERS["score"])
    return sorted(kept, key=key, reverse=wish.startswith("-"))


def _with_handoffs(scope: Scope, found: Sequence[Scored]) -> list[tuple[Scored, Handoff]]:
    kept = scope.handoffs().filter(pk__in=[row.handoff for row in found])
    known = {row.pk: row for row in kept.select_related("contact", "account").defer("brief", "schedule")}
    return [(row, known[row.handoff]) for row in found if row.handoff in known]


def _start(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def _page(query: QueryDict, start: int) -> str:
    return f"{changed(query, {})}&{CURSOR}={start}"


def _filters() -> list[Filter]:
    whether = [Option(YES, _("Yes")), Option(NO, _("No"))]
    return [
        Filter("came", _("It came"), whether),
        Filter("above", _("At the threshold or above"), whether),
        Filter("tenth", _("Tenth of the score"), [Option(str(n), str(n)) for n in range(1, 11)]),
    ]


def _cells(about: ScoringWish, row: Scored, handoff: Handoff) -> list[object]:
    company, status = str(handoff.account or ""), str(handoff.get_status_display())
    came = _("Yes") if row.came else _("No")
    person = handoff.contact.full_name
    return [
        person,
        company,
        str(about.first),
        round(row.score, 2),
        came,
        status,
        row.segment,
        handoff.offered_at,
    ]
