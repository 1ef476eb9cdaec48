"""One lead: who, how warm and why, what happened; and how its score is made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from crm import access, present
from crm.models import FollowUp, RecordKind, Role, User
from deals.models import Deal
from desk import duplicate_pages, history, score_page
from desk.views.answers import is_htmx, person
from leads import suggestions
from leads.models import Lead, Stage
from leads.scoring import explaining
from sla.models import Handoff

RELATED, MATERIAL = 20, 3
PATH = (Stage.INQUIRY, Stage.NURTURING, Stage.MQL, Stage.SAL, Stage.SQL, Stage.CUSTOMER)


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of the path: when it was entered, and whether it is passed or now."""

    label: Any
    at: datetime | None
    is_past: bool
    is_now: bool


def find(request: HttpRequest, pk: int) -> Lead:
    seen = Lead.objects.visible_to(person(request)).with_people()
    found: Lead = get_object_or_404(seen, pk=pk)
    return found


@login_required
@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    lead = find(request, pk)
    if lead.merged_into_id:
        return redirect("desk:lead-detail", lead.merged_into_id)
    return page(request, lead)


def page(request: HttpRequest, lead: Lead, status: int = 200) -> HttpResponse:
    is_beside = is_htmx(request) and request.headers.get("HX-Target") == "detail"
    template = "desk/_lead.html" if is_beside else "desk/lead_detail.html"
    return render(request, template, _context(person(request), lead, present.now()), status=status)


def _context(user: User, lead: Lead, at: datetime) -> dict[str, Any]:
    told = explaining.explain(lead, now=at)
    return {
        "title": str(lead),
        "lead": lead,
        "told": told,
        "why": told.why,
        "parts": score_page.parts_of(told.counted[:5]),
        **score_page.attention_of(lead, told),
        "path": path_of(lead),
        "material": suggestions.for_lead(lead, at=at, limit=MATERIAL),
        "timeline": history.of_lead(lead, user),
        "duplicate": duplicate_pages.possible(RecordKind.CONTACT, lead.contact_id, user),
        **_around(lead, user),
        **_deeds(lead, user),
        "now": at,
    }


def _around(lead: Lead, user: User) -> dict[str, Any]:
    handoffs = Handoff.objects.visible_to(user).filter(lead=lead).select_related("assignee")
    deals = Deal.objects.visible_to(user).filter(lead=lead).select_related("stage", "owner")
    others = Lead.objects.visible_to(user).standing().filter(account=lead.account_id).exclude(pk=lead.pk)
    beside = others.with_people().order_by("-score__rank")[:RELATED] if lead.account_id else []
    steps = FollowUp.objects.visible_to(user).open().filter(contact=lead.contact_id)
    return {
        "handoffs": list(handoffs.order_by("-offered_at", "-pk")[:RELATED]),
        "deals": deals.order_by("-pk")[:RELATED],
        "others": beside,
        "steps": steps.select_related("owner").order_by("due_at", "pk")[:RELATED],
    }


def _deeds(lead: Lead, user: User) -> dict[str, Any]:
    """What this person may do here; the running handoff is where sales goes on."""
    running = lead.handoffs.running().visible_to(user).first()
    hands_over = user.role in (Role.MARKETER, Role.MANAGER, Role.ADMIN)
    return {
        "running": running,
        "may_edit": may_edit(user, lead),
        "may_hand_over": hands_over and not running and lead.stage in (*PATH[:3], Stage.RECYCLED),
    }


def may_edit(user: User, lead: Lead) -> bool:
    return access.sees_everything(user) or access.may_work(user, lead.owner_id)


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
