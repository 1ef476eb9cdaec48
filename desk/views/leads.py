"""Leads: the list, one lead, and how its score is made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from math import fsum
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from crm import present
from crm.components.faces import LEAD
from crm.components.tables import Column, Filter, Option
from deals.models import Deal
from desk import history
from desk.record_lists import Order, export, ordered, owner_filter, page_of, with_owner
from leads import lifecycle, scoring_models
from leads.models import BehaviourEvent, Lead, Stage
from sla.models import Handoff

COLUMNS = [
    Column("name", gettext_lazy("Person"), "name"),
    Column("company", gettext_lazy("Company"), "company"),
    Column("stage", gettext_lazy("Stage"), "stage"),
    Column("score", gettext_lazy("Score"), "score", numeric=True, falls_first=True),
    Column("source", gettext_lazy("Source"), "source"),
    Column("owner", gettext_lazy("Owner")),
    Column("active", gettext_lazy("Last behaviour"), "active", numeric=True, falls_first=True),
]
ORDERS = {
    "name": Order("contact__last_name"),
    "company": Order("account__name", nullable=True),
    "stage": Order("stage"),
    "score": Order("score__rank"),
    "source": Order("source"),
    "active": Order("score__active_at", nullable=True),
}
DEFAULT = "-score"
NEGLECTED = ("14", "30", "90")
SOURCES, RELATED, EXPLAINED = 30, 20, 100
PATH = (Stage.INQUIRY, Stage.NURTURING, Stage.MQL, Stage.SAL, Stage.SQL, Stage.CUSTOMER)


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of the path: when it was entered, and whether it is passed or now."""

    label: Any
    at: datetime | None
    is_past: bool
    is_now: bool


@login_required
@require_safe
def lead_list(request: HttpRequest) -> HttpResponse:
    user, at = request.user, present.now()
    page = page_of(_found(user, request.GET, at), request.GET)
    context = {
        "title": _("Leads"),
        "lede": _("Everyone who might buy, and how warm they are."),
        "columns": COLUMNS,
        "default": DEFAULT,
        "filters": _filters(user),
        "page": page,
        "now": at,
    }
    return render(request, "desk/lead_list.html", context)


@login_required
@require_safe
def lead_export(request: HttpRequest) -> HttpResponse:
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
    return export("leads", header, _found(request.user, request.GET, present.now()), _cells)


def _cells(lead: Any) -> Iterable[object]:
    contact, score = lead.contact, lead.score
    company, owner = lead.account.name if lead.account else "", str(lead.owner or "")
    yield from (contact.full_name, contact.email, company, str(lead.get_stage_display()))
    yield from (round(lead.points_now, 1), score.grade, lead.source, owner, lead.captured_at)


def _found(user: Any, query: QueryDict, at: datetime) -> Any:
    weight = lifecycle.current_decay().weight(at)
    rows = Lead.objects.visible_to(user).standing().with_people().with_score(1 / weight)
    return ordered(_asked(rows, query, user, at), query, ORDERS, DEFAULT)


def _asked(rows: Any, query: QueryDict, user: Any, at: datetime) -> Any:
    if stages := [stage for stage in query.getlist("stage") if stage in Stage.values]:
        rows = rows.filter(stage__in=stages)
    if source := query.get("source"):
        rows = rows.filter(source=source)
    if (days := query.get("neglected")) in NEGLECTED:
        rows = rows.neglected(at, days=int(days))
    for word in query.get("q", "").replace("\0", "").split()[:5]:
        rows = rows.filter(_named(word))
    return with_owner(rows, query, user)


def _named(word: str) -> Q:
    person = Q(contact__last_name__icontains=word) | Q(contact__first_name__icontains=word)
    return person | Q(contact__email__icontains=word) | Q(account__name__icontains=word)


def _filters(user: Any) -> list[Filter]:
    sources = (
        Lead.objects.visible_to(user).exclude(source="").order_by("source").values_list("source", flat=True)
    )
    known = sources.distinct()[:SOURCES]
    waits = [Option(days, _("No touch for %(n)s days") % {"n": days}) for days in NEGLECTED]
    return [
        Filter("stage", _("Stage"), [Option(code, face.label) for code, face in LEAD.items()], many=True),
        Filter("source", _("Source"), [Option(source, source) for source in known]),
        owner_filter(user, _("Owner"), _("Me")),
        Filter("neglected", _("Neglected"), waits),
    ]


def _lead(user: Any, pk: int) -> Lead:
    return get_object_or_404(Lead.objects.visible_to(user).with_people(), pk=pk)


@login_required
@require_safe
def lead_detail(request: HttpRequest, pk: int) -> HttpResponse:
    user: Any = request.user
    lead, at = _lead(user, pk), present.now()
    why = scoring_models.explain(lead, at=at)
    context = {
        "title": str(lead),
        "lead": lead,
        "why": why,
        "parts": _parts(why.parts[:5]),
        "path": path_of(lead),
        "timeline": history.of_lead(lead, user),
        **_around(lead, user),
        "now": at,
    }
    return render(request, "desk/lead_detail.html", context)


def _around(lead: Lead, user: Any) -> dict[str, Any]:
    handoffs = Handoff.objects.visible_to(user).filter(lead=lead).select_related("assignee")
    deals = Deal.objects.visible_to(user).filter(lead=lead).select_related("stage", "owner")
    others = Lead.objects.visible_to(user).standing().filter(account=lead.account_id).exclude(pk=lead.pk)
    beside = others.with_people().order_by("-score__rank")[:RELATED] if lead.account_id else []
    return {
        "handoffs": handoffs.order_by("-offered_at", "-pk")[:RELATED],
        "deals": deals.order_by("-pk")[:RELATED],
        "others": beside,
    }


def path_of(lead: Lead) -> list[Step]:
    """The road to a customer, with the day of each stage; a lead that left the road shows where to."""
    dates = history.entered(lead)
    stages = [*PATH] if lead.stage in PATH else [*PATH, Stage(lead.stage)]
    here = stages.index(Stage(lead.stage))
    return [
        Step(
            stage.label,
            dates.get(stage),
            is_past=place < here and (stage in dates or lead.stage in PATH),
            is_now=place == here,
        )
        for place, stage in enumerate(stages)
    ]


@login_required
@require_safe
def lead_score(request: HttpRequest, pk: int) -> HttpResponse:
    """The score taken apart: every part, and their sum."""
    lead, at = _lead(request.user, pk), present.now()
    why = scoring_models.explain(lead, at=at)
    context = {
        "title": _("How %(name)s scores") % {"name": lead},
        "lead": lead,
        "why": why,
        "parts": _parts(why.parts[:EXPLAINED]),
        "rest": _rest(why.parts[EXPLAINED:]),
        "threshold": scoring_models.threshold_in_force(lead.score.segment_id),
        "now": at,
    }
    return render(request, "desk/lead_score.html", context)


def _parts(parts: Any) -> list[dict[str, Any]]:
    """Each part with the words of its event and the width of its bar."""
    keys = [part.event.key for part in parts]
    events = BehaviourEvent.objects.filter(pk__in=keys).select_related("asset").in_bulk()
    widest = max((part.value for part in parts), default=0) or 1
    return [
        {
            "part": part,
            "text": history.event_words(events[part.event.key]),
            "width": f"{100 * part.value / widest:.1f}",
        }
        for part in parts
    ]


def _rest(parts: Any) -> dict[str, Any] | None:
    """The parts too small to list, in one line, so that the column still sums to the total."""
    if not parts:
        return None
    return {
        "count": len(parts),
        "decayed": fsum(part.decayed for part in parts),
        "value": fsum(part.value for part in parts),
    }
