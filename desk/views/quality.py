"""The leads behind a figure of the audit: looked at, mended in their rows, or confirmed to be right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from crm import present
from crm.components.tables import Column
from crm.states import Refused
from desk import quality_lists
from desk.quality_lists import Row
from desk.record_lists import EXPORTED, Order, export, ordered, page_of
from desk.views.answers import is_htmx, own_path, person
from leads.models import Lead
from leads.quality import figures, mending, walking
from leads.quality.catalogue import RULES
from leads.quality.rule import DUPLICATE
from reports import links, quality
from reports.quality import Asked

COLUMNS = [
    Column("name", gettext_lazy("Person"), "name"),
    Column("company", gettext_lazy("Company"), "company"),
    Column("source", gettext_lazy("Source"), "source"),
    Column("captured", gettext_lazy("Captured"), "captured", numeric=True, falls_first=True),
    Column("found", gettext_lazy("What was found")),
    Column("mend", gettext_lazy("Mend")),
]
ORDERS = {
    "name": Order("contact__last_name"),
    "company": Order("account__name", nullable=True),
    "source": Order("source"),
    "captured": Order("captured_at"),
}
DEFAULT = "-captured"
EXPORTED_AT_ONCE = 1000


@login_required
@require_safe
def quality_list(request: HttpRequest) -> HttpResponse:
    asked, rule = _asked(request), RULES.get(request.GET.get("rule", ""))
    found = _ordered(asked, request)
    page = page_of(found, request.GET)
    rows = quality_lists.rows_of(page.rows, asked, rule, user=person(request))
    title, lede = quality_lists.words(request.GET)
    context = {
        "title": title,
        "lede": lede,
        "complaints": asked.complaints,
        "period": asked.scope.period,
        "columns": COLUMNS if rule else COLUMNS[:-1],
        "default": DEFAULT,
        "filters": quality_lists.of_list(asked, request.GET),
        "page": page,
        "total": page.total,
        "companies": quality_lists.companies(found, rule),
        "rows": rows,
        "may_mend": any(row.may_mend for row in rows),
        "back_url": links.address(reverse("reports:quality"), asked.query),
        **_about(rule, request),
        "now": asked.at,
    }
    return render(request, "desk/quality_list.html", context)


def _asked(request: HttpRequest) -> Asked:
    return quality.read(request.GET, user=person(request), at=present.now())


def _ordered(asked: Asked, request: HttpRequest) -> Any:
    return ordered(quality_lists.found(asked, request.GET).with_people(), request.GET, ORDERS, DEFAULT)


def _about(rule: Any, request: HttpRequest) -> dict[str, Any]:
    return {
        "rule": rule,
        # Of a pair it is decided on its own page.
        "picks": rule is not None and rule.group != DUPLICATE,
        "detail": quality_lists.detail_of(rule),
        "choices": quality_lists.choices_of(rule),
        "suggested": quality_lists.suggested(rule, person(request)),
    }


@login_required
@require_safe
def quality_export(request: HttpRequest) -> HttpResponseBase:
    asked = _asked(request)
    leads = list(_ordered(asked, request)[:EXPORTED])
    header = [_("Id"), _("Name"), _("E-mail"), _("Company"), _("Source"), _("Captured"), _("What was found")]
    rows = [
        row
        for start in range(0, len(leads), EXPORTED_AT_ONCE)
        for row in quality_lists.rows_of(
            leads[start : start + EXPORTED_AT_ONCE], asked, None, user=person(request)
        )
    ]
    return export("data-quality-leads", header, rows, quality_lists.cells)


# -- mending --------------------------------------------------------------------------------------


@login_required
@require_POST
def mend(request: HttpRequest) -> HttpResponse:
    """Set the detail a rule is about, for one lead in its row or for all that are chosen."""

    def deed() -> str:
        rule, typed = RULES.get(request.POST.get("rule", "")), request.POST.get("value", "")
        done = mending.mend(
            _chosen(request), rule.detail if rule else "", typed, by=person(request), at=present.now()
        )
        return ngettext("%(n)d record is corrected.", "%(n)d records are corrected.", done) % {"n": done}

    return _do(request, deed)


@login_required
@require_POST
def confirm(request: HttpRequest) -> HttpResponse:
    """What was found is right as it is; it is remembered, and can be taken back."""
    rule = request.POST.get("rule", "")

    def deed() -> str:
        done = mending.confirm(_chosen(request), rule, by=person(request), at=present.now())
        return ngettext("%(n)d record is right as it is.", "%(n)d records are right as they are.", done) % {
            "n": done
        }

    return _do(request, deed, undo=_undo_url(rule, _chosen(request)), is_settled=True)


@login_required
@require_POST
def doubt(request: HttpRequest) -> HttpResponse:
    def deed() -> str:
        mending.doubt(_chosen(request), _named(request, "rule"), by=person(request), at=present.now())
        return _("It is looked at again.")

    return _do(request, deed)


@login_required
@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """Every lead is looked at again, in the background."""
    walking.begin(by=person(request), at=present.now())
    messages.success(request, _("Every lead is looked at again. The figures follow as far as that has come."))
    return redirect(own_path(request, request.POST.get("next"), reverse("reports:quality")))


def _undo_url(rule: str, leads: list[int]) -> str:
    return links.address(reverse("desk:quality-doubt"), {"rule": rule, "leads": leads})


def _named(request: HttpRequest, name: str) -> str:
    """From the form, or from the address an Undo button was given."""
    return request.POST.get(name) or request.GET.get(name) or ""


def _chosen(request: HttpRequest) -> list[int]:
    asked = request.POST.getlist("leads") or request.GET.getlist("leads")
    return [int(pk) for pk in asked if pk.isascii() and pk.isdigit() and len(pk) < 19]


def _do(
    request: HttpRequest, deed: Callable[[], str], *, undo: str = "", is_settled: bool = False
) -> HttpResponse:
    """With htmx the answer is the row as it is now, without it the list with a message."""
    try:
        said, complaint = deed(), ""
    except Refused as refused:
        said, complaint = "", str(refused)
    if is_htmx(request):
        return _row(request, said, complaint, is_settled=is_settled and not complaint)
    if complaint:
        messages.error(request, complaint)
    else:
        messages.success(request, said, extra_tags=undo)
    return redirect(own_path(request, request.POST.get("next"), reverse("desk:quality-list")))


def _row(request: HttpRequest, said: str, complaint: str, *, is_settled: bool) -> HttpResponse:
    rule, at = RULES.get(_named(request, "rule")), present.now()
    seen = Lead.objects.visible_to(person(request)).with_people()
    lead = get_object_or_404(seen, pk=(_chosen(request) or [0])[0])
    rules = figures.problems([lead.pk]).get(lead.pk, [])
    known = request.POST.get("value", "") if complaint else quality_lists.known_of(rule, lead)
    row = Row(
        lead, rules, bool(mending.workable([lead], person(request))), known, said, complaint, is_settled
    )
    context = {"row": row, "now": at, "next": request.POST.get("next", ""), **_about(rule, request)}
    return render(request, "desk/_quality_row.html", context, status=422 if complaint else 200)
