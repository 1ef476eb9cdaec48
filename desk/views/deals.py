"""Deals: list, board, and one deal."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from crm import access, grams, present
from crm.components.tables import Column, Filter, Option
from crm.models import StakeholderRole
from deals import committee, suggestions
from deals.models import Deal, DealOutcome, DealStage
from desk import deal_board as board
from desk import history
from desk.record_lists import Order, columns_of, export, ordered, owner_filter, page_of, with_owner
from desk.views.answers import person

COLUMNS = [
    Column("name", gettext_lazy("Deal"), "name"),
    Column("company", gettext_lazy("Company"), "company"),
    Column("stage", gettext_lazy("Stage"), "stage"),
    Column("amount", gettext_lazy("Amount"), "amount", numeric=True, falls_first=True),
    Column("product", gettext_lazy("Product"), "product", optional=True, at_first=False),
    Column("owner", gettext_lazy("Owner"), "owner", optional=True),
    Column(
        "opened",
        gettext_lazy("Opened"),
        "opened",
        numeric=True,
        falls_first=True,
        optional=True,
        at_first=False,
    ),
    Column("close", gettext_lazy("Expected close"), "close", numeric=True, optional=True),
    Column(
        "since", gettext_lazy("In this stage since"), "since", numeric=True, falls_first=True, optional=True
    ),
]
ORDERS = {
    "name": Order("name"),
    "company": Order("account__name", nullable=True),
    "stage": Order("stage__position"),
    "amount": Order("amount", nullable=True),
    "product": Order("product__name", nullable=True),
    "owner": Order("owner__last_name"),
    "opened": Order("opened_at"),
    "close": Order("expected_close_on", nullable=True),
    "since": Order("stage_at"),
}
DEFAULT = "-since"


@login_required
@require_safe
def deal_list(request: HttpRequest) -> HttpResponse:
    page = page_of(_found(request.user, request.GET), request.GET)
    context = {
        "title": _("Deals"),
        "lede": _("What is being sold, and where each deal stands."),
        **columns_of(COLUMNS, request.GET),
        "default": DEFAULT,
        "filters": _filters(request.user),
        "page": page,
        "now": present.now(),
    }
    return render(request, "desk/deal_list.html", context)


@login_required
@require_safe
def deal_export(request: HttpRequest) -> HttpResponseBase:
    header = [
        _("Deal"),
        _("Company"),
        _("Stage"),
        _("Amount"),
        _("Currency"),
        _("Owner"),
        _("Expected close"),
    ]
    return export("deals", header, _found(request.user, request.GET), _cells, request.GET)


def _cells(deal: Deal) -> Iterable[object]:
    company = deal.account.name if deal.account else ""
    yield from (deal.name, company, str(deal.stage), deal.amount, deal.currency, str(deal.owner))
    yield deal.expected_close_on


def _found(user: Any, query: QueryDict) -> Any:
    return ordered(_asked(user, query), query, ORDERS, DEFAULT)


def _asked(user: Any, query: QueryDict) -> Any:
    rows = Deal.objects.visible_to(user).with_people()
    if stages := query.getlist("stage"):
        rows = rows.filter(stage__code__in=stages)
    if (outcome := query.get("outcome")) in DealOutcome.values:
        rows = rows.filter(stage__outcome=outcome)
    return with_owner(rows.holding(*grams.words(query.get("q", ""))), query, user)


def _filters(user: Any) -> list[Filter]:
    stages = DealStage.objects.visible_to(user).in_order()
    return [
        Filter("stage", _("Stage"), [Option(stage.code, str(stage)) for stage in stages], many=True),
        Filter("outcome", _("Outcome"), [Option(value, label) for value, label in DealOutcome.choices]),
        owner_filter(user, _("Owner"), _("Me")),
    ]


@login_required
@require_safe
def deal_board(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    at = present.now()
    deals = with_owner(Deal.objects.visible_to(user), request.GET, user)
    context = {
        "title": _("Deals"),
        "columns": board.columns(deals, user, at),
        "filters": [owner_filter(user, _("Owner"), _("Me"))],
        "now": at,
    }
    return render(request, "desk/deal_board.html", context)


def find(request: HttpRequest, pk: int) -> Deal:
    found: Deal = get_object_or_404(Deal.objects.visible_to(person(request)).with_people(), pk=pk)
    return found


@login_required
@require_safe
def deal_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return page(request, find(request, pk))


def page(request: HttpRequest, deal: Deal, status: int = 200) -> HttpResponse:
    user, at = person(request), present.now()
    context = {
        "title": deal.name,
        "deal": deal,
        "may_work": access.may_work(user, deal.owner_id),
        "committee": deal.stakeholders.select_related("contact").order_by("role", "pk"),
        "missing": committee.missing_roles(deal),
        "stages": DealStage.objects.visible_to(user).open().in_order(),
        "material": _material(deal, at) if deal.is_open else [],
        "timeline": history.of_deal(deal),
        "now": at,
    }
    return render(request, "desk/deal_detail.html", context, status=status)


def _material(deal: Deal, at: datetime) -> list[tuple[str, suggestions.ForRole]]:
    """What to send next, by role; roles for which there is nothing are left out."""
    labels = dict(StakeholderRole.choices)
    found = suggestions.for_deal(deal, at=at, limit=1)
    return [(str(labels[one.role]), one) for one in found if one.suggestions]
