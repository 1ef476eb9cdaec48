"""Accounts: the companies I work, and one of them with its people, deals and history."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from crm import grams, present
from crm.components.tables import Column, Filter, Option
from crm.models import Account, RecordKind
from deals.models import Deal
from desk import duplicate_pages, history, score_page
from desk.record_lists import Order, columns_of, export, ordered, owner_filter, page_of, with_owner
from leads import lifecycle
from leads.models import Lead
from leads.scoring import buying_group

COLUMNS = [
    Column("name", gettext_lazy("Company"), "name"),
    Column("industry", gettext_lazy("Industry"), "industry", optional=True),
    Column("size", gettext_lazy("Employees"), "size", numeric=True, falls_first=True, optional=True),
    Column("country", gettext_lazy("Country"), "country", optional=True),
    Column("domain", gettext_lazy("Web domain"), "domain", optional=True, at_first=False),
    Column("leads", gettext_lazy("Open leads"), numeric=True, optional=True),
    Column("deals", gettext_lazy("Open deals"), numeric=True, optional=True),
    Column("owner", gettext_lazy("Owner"), "owner", optional=True),
]
ORDERS = {
    "name": Order("name"),
    "industry": Order("industry"),
    "size": Order("employee_count", nullable=True),
    "country": Order("country"),
    "domain": Order("domain"),
    "owner": Order("owner__last_name", nullable=True),
}
DEFAULT = "name"
INDUSTRIES, RELATED = 40, 30


@login_required
@require_safe
def account_list(request: HttpRequest) -> HttpResponse:
    user, query = request.user, request.GET
    rows = _found(user, query)
    context = {
        "title": _("Accounts"),
        "lede": _("The companies you work, with the people and deals there."),
        **columns_of(COLUMNS, query),
        "default": DEFAULT,
        "filters": _filters(user),
        "page": page_of(rows, query),
        "now": present.now(),
    }
    return render(request, "desk/account_list.html", context)


@login_required
@require_safe
def account_export(request: HttpRequest) -> HttpResponseBase:
    header = [
        _("Company"),
        _("Web domain"),
        _("Industry"),
        _("Employees"),
        _("Country"),
        _("Postal address"),
        _("Corporate number"),
        _("Open leads"),
        _("Open deals"),
        _("Owner"),
    ]
    return export("accounts", header, _found(request.user, request.GET), _cells, request.GET)


def _cells(account: Any) -> Iterable[object]:
    yield from (account.name, account.domain, account.industry, account.employee_count, account.country)
    yield from (
        account.address,
        account.corporate_number,
        account.open_leads,
        account.open_deals,
        str(account.owner or ""),
    )


def _found(user: Any, query: QueryDict) -> Any:
    return _counted(ordered(_asked(user, query), query, ORDERS, DEFAULT), user)


def _asked(user: Any, query: QueryDict) -> Any:
    rows = Account.objects.visible_to(user).standing().select_related("owner")
    if industry := query.get("industry"):
        rows = rows.filter(industry=industry)
    return with_owner(rows.holding(*grams.words(query.get("q", ""))), query, user)


def _counted(rows: Any, user: Any) -> Any:
    """Who works an account sees all of its leads, but not each deal."""
    return rows.annotate(
        open_leads=_count(Lead.objects.open()),
        open_deals=_count(Deal.objects.visible_to(user).open()),
    )


def _count(rows: QuerySet[Any]) -> Any:
    per_account = rows.filter(account=OuterRef("pk")).order_by().values("account").annotate(n=Count("pk"))
    return Coalesce(Subquery(per_account.values("n")), 0)


def _filters(user: Any) -> list[Filter]:
    named = Account.objects.visible_to(user).standing().exclude(industry="").order_by("industry")
    known = named.values_list("industry", flat=True).distinct()[:INDUSTRIES]
    return [
        Filter("industry", _("Industry"), [Option(industry, industry) for industry in known]),
        owner_filter(user, _("Owner"), _("Me")),
    ]


@login_required
@require_safe
def account_detail(request: HttpRequest, pk: int) -> HttpResponse:
    user: Any = request.user
    at = present.now()
    account = get_object_or_404(Account.objects.visible_to(user).select_related("owner"), pk=pk)
    if account.merged_into_id:
        return redirect("desk:account-detail", account.merged_into_id)
    leads = Lead.objects.visible_to(user).standing().filter(account=account).with_people()
    deals = Deal.objects.visible_to(user).filter(account=account).with_people()
    weight = lifecycle.current_decay().weight(at)
    group = buying_group.group_of(account, seen_by=user, at=at)
    context = {
        "title": account.name,
        "account": account,
        "leads": leads.with_score(1 / weight).order_by("-score__rank", "-pk")[:RELATED],
        "deals": deals.order_by("-pk")[:RELATED],
        "group": group,
        "phases": score_page.shares_of(group.mix),
        "course": score_page.course_of(group.course),
        "timeline": history.of_account(account, user),
        "duplicate": duplicate_pages.possible(RecordKind.ACCOUNT, account.pk, user),
        "now": at,
    }
    return render(request, "desk/account_detail.html", context)
