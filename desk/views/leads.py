"""The list of leads, and the same rows as a CSV."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Case, Value, When
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from crm import grams, present
from crm.components.faces import LEAD
from crm.components.tables import Column, Filter, Option
from crm.models import Role
from desk.record_lists import Order, columns_of, export, ordered, owner_filter, page_of, with_owner
from desk.views.answers import person
from leads import lifecycle
from leads.models import Lead, Stage

COLUMNS = [
    Column("name", gettext_lazy("Person"), "name"),
    Column("company", gettext_lazy("Company"), "company"),
    Column("stage", gettext_lazy("Stage"), "stage"),
    Column("score", gettext_lazy("Score"), "score", numeric=True, falls_first=True),
    Column("title", gettext_lazy("Job title"), optional=True, at_first=False),
    Column("source", gettext_lazy("Source"), "source", optional=True),
    Column("campaign", gettext_lazy("Campaign"), "campaign", optional=True, at_first=False),
    Column("owner", gettext_lazy("Owner"), "owner", optional=True),
    Column(
        "rounds",
        gettext_lazy("Rounds"),
        "rounds",
        numeric=True,
        falls_first=True,
        optional=True,
        at_first=False,
    ),
    Column(
        "came",
        gettext_lazy("Came in"),
        "captured",
        numeric=True,
        falls_first=True,
        optional=True,
        at_first=False,
    ),
    Column("active", gettext_lazy("Last behaviour"), "active", numeric=True, falls_first=True, optional=True),
]
ORDERS = {
    "name": Order("contact__last_name", key="contact_id"),
    "company": Order("account__name", nullable=True, key="account_id"),
    "stage": Order("place"),
    "score": Order("score__rank"),
    "source": Order("source"),
    "campaign": Order("campaign"),
    "owner": Order("owner__last_name", nullable=True),
    "rounds": Order("rounds"),
    "captured": Order("captured_at"),
    "active": Order("score__active_at", nullable=True),
}
DEFAULT = "-score"
# Stages sort as a lead passes them, not by their letters.
PLACE = Case(*(When(stage=stage, then=Value(place)) for place, stage in enumerate(Stage)), default=Value(0))
NEGLECTED = ("14", "30", "90")
SOURCES = 30


@login_required
@require_safe
def lead_list(request: HttpRequest) -> HttpResponse:
    user, at = request.user, present.now()
    page = page_of(_found(user, request.GET, at), request.GET)
    context = {
        "title": _("Leads"),
        "lede": _("Everyone who might buy, and how warm they are."),
        **columns_of(COLUMNS, request.GET),
        "default": DEFAULT,
        "filters": _filters(user),
        "page": page,
        "may_tend": person(request).role in (Role.MARKETER, Role.MANAGER, Role.ADMIN),
        "now": at,
    }
    return render(request, "desk/lead_list.html", context)


@login_required
@require_safe
def lead_export(request: HttpRequest) -> HttpResponseBase:
    header = [
        _("Name"),
        _("E-mail"),
        _("Company"),
        _("Stage"),
        _("Score"),
        _("Grade"),
        _("Source"),
        _("Owner"),
        _("Captured"),
    ]
    return export("leads", header, _found(request.user, request.GET, present.now()), _cells, request.GET)


def _cells(lead: Any) -> Iterable[object]:
    contact, score = lead.contact, lead.score
    company, owner = lead.account.name if lead.account else "", str(lead.owner or "")
    yield from (contact.full_name, contact.email, company, str(lead.get_stage_display()))
    yield from (round(lead.points_now, 1), score.grade, lead.source, owner, lead.captured_at)


def _found(user: Any, query: QueryDict, at: datetime) -> Any:
    weight = lifecycle.current_decay().weight(at)
    rows = Lead.objects.visible_to(user).standing().with_people().with_score(1 / weight).annotate(place=PLACE)
    return ordered(_asked(rows, query, user, at), query, ORDERS, DEFAULT)


def _asked(rows: Any, query: QueryDict, user: Any, at: datetime) -> Any:
    if stages := [stage for stage in query.getlist("stage") if stage in Stage.values]:
        rows = rows.filter(stage__in=stages)
    if source := query.get("source"):
        rows = rows.filter(source=source)
    if (days := query.get("neglected")) in NEGLECTED:
        rows = rows.neglected(at, days=int(days))
    return with_owner(rows.holding(*grams.words(query.get("q", ""))), query, user)


def _filters(user: Any) -> list[Filter]:
    known = Lead.objects.sources_seen_by(user, most=SOURCES)
    waits = [Option(days, _("No touch for %(n)s days") % {"n": days}) for days in NEGLECTED]
    return [
        Filter("stage", _("Stage"), [Option(code, face.label) for code, face in LEAD.items()], many=True),
        Filter("source", _("Source"), [Option(source, source) for source in known]),
        owner_filter(user, _("Owner"), _("Me")),
        Filter("neglected", _("Neglected"), waits),
    ]
