"""The leads behind a what-if: who would qualify, not any more, sooner or later; as a list and as a table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from crm import downloads, present
from crm.components.links import CURSOR, changed
from crm.components.tables import SORT, Column, Filter, Option
from crm.models import User
from crm.pages import person, url_of
from leads.models import Lead
from sla.models import RunStatus, SimulationRun
from sla.views.what_if import find
from sla.what_if.pictures import KINDS

COLUMNS = [
    Column("name", gettext_lazy("Person")),
    Column("company", gettext_lazy("Company")),
    Column("what", gettext_lazy("What would be")),
    Column("now", gettext_lazy("MQL as agreed now"), "now", numeric=True, falls_first=True),
    Column("then", gettext_lazy("MQL with the changes"), "then", numeric=True, falls_first=True),
    Column("score", gettext_lazy("Score then"), "score", numeric=True, falls_first=True),
]
ORDERS = {"now": 2, "then": 3, "score": 4}
DEFAULT = "-score"
PAGE = 50


@dataclass(frozen=True, slots=True)
class Row:
    lead: Lead
    what: Any
    now: datetime | None
    then: datetime | None
    score: float
    url: str


def _asked(run: SimulationRun, query: QueryDict, user: User) -> list[list[Any]]:
    """The entries of the result the reader may see, as the URL asks for them."""
    assert run.result
    kinds = set(query.getlist("what")) & set(KINDS)
    entries = [entry for entry in run.result["leads"] if not kinds or entry[1] in kinds]
    ids = [entry[0] for entry in entries]
    seen = set(Lead.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True))
    order = query.get(SORT, DEFAULT)
    place = ORDERS.get(order.removeprefix("-"), ORDERS["score"])
    shown = [entry for entry in entries if entry[0] in seen]
    return sorted(shown, key=lambda entry: (entry[place], entry[0]), reverse=order.startswith("-"))


def _rows(entries: Iterable[list[Any]]) -> list[Row]:
    listed = list(entries)
    leads = Lead.objects.with_people().in_bulk([entry[0] for entry in listed])
    return [
        Row(leads[pk], KINDS[what], _moment(now), _moment(then), score, url_of("desk:lead-detail", pk))
        for pk, what, now, then, score in listed
    ]


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _finished(request: HttpRequest, pk: int) -> SimulationRun:
    run = find(request, pk)
    if run.status != RunStatus.DONE:
        raise Http404
    return run


@login_required
@require_safe
def lead_list(request: HttpRequest, pk: int) -> HttpResponse:
    run, user = _finished(request, pk), person(request)
    entries = _asked(run, request.GET, user)
    number = _page_number(request.GET)
    page = entries[(number - 1) * PAGE : number * PAGE]
    more = len(entries) > number * PAGE
    context = {
        "title": _("Leads that would qualify otherwise"),
        "run": run,
        "rows": _rows(page),
        "columns": COLUMNS,
        "default": DEFAULT,
        "filters": [Filter("what", _("What would be"), [Option(*kind) for kind in KINDS.items()], many=True)],
        "total": len(entries),
        "hidden": sum((run.result or {})["counts"].values()) - len(entries)
        if not request.GET.get("what")
        else 0,
        "next_url": _neighbour(request.GET, number + 1) if more else "",
        "previous_url": _neighbour(request.GET, number - 1) if number > 1 else "",
        "now": present.now(),
    }
    return render(request, "sla/what_if_leads.html", context)


def _page_number(query: QueryDict) -> int:
    text = query.get(CURSOR, "")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 5 else 1


def _neighbour(query: QueryDict, number: int) -> str:
    bare = changed(query, {})
    return f"{bare}{'&' if len(bare) > 1 else ''}{CURSOR}={number}"


@login_required
@require_safe
def export(request: HttpRequest, pk: int) -> HttpResponseBase:
    run = _finished(request, pk)
    header = [
        _("Lead"),
        _("Name"),
        _("Company"),
        _("What would be"),
        _("MQL as agreed now"),
        _("MQL with the changes"),
    ]
    rows = _rows(_asked(run, request.GET, person(request)))
    cells = (_cells(row) for row in rows)
    return downloads.table(f"what-if-{run.pk}", [*header, _("Score then")], cells, request.GET)


def _cells(row: Row) -> list[object]:
    company = row.lead.account.name if row.lead.account else ""
    return [row.lead.pk, row.lead.contact.full_name, company, str(row.what), row.now, row.then, row.score]
