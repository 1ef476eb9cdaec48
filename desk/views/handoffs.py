"""One handoff on one screen."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from crm import activities, correspondence, present
from crm.models import FollowUp, Role, User
from desk import clocks, history, presenting, promises, waiting
from desk.context import url_of
from desk.views.answers import is_htmx, person
from leads import lifecycle, suggestions
from leads.models import Lead
from leads.scoring import explaining
from sla.models import Handoff, Status

OTHERS_THERE, MATERIAL = 6, 3


@login_required
@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    return page(request, find(request, pk))


def find(request: HttpRequest, pk: int) -> Handoff:
    seen = Handoff.objects.visible_to(person(request)).with_people()
    found: Handoff = get_object_or_404(
        seen.select_related(
            "lead__score",
            "lead__contact",
            "lead__account",
            "agreement",
            "deal",
            "feedback__reason",
            "bant__found_by",
            "answered_with",
        ),
        pk=pk,
    )
    return found


def page(request: HttpRequest, row: Handoff, status: int = 200) -> HttpResponse:
    is_beside = is_htmx(request) and request.headers.get("HX-Target") == "detail"
    template = "desk/_handoff.html" if is_beside else "desk/handoff.html"
    return render(request, template, _context(request, row, present.now()), status=status)


def _context(request: HttpRequest, row: Handoff, at: datetime) -> dict[str, Any]:
    user, reader, told = person(request), clocks.Clocks(at), promises.Rounds()
    line = waiting.row_of(row, reader, lifecycle.current_decay(), waiting.workable(user), told)
    return {
        "title": str(row.contact),
        "now": at,
        "row": line,
        "handoff": row,
        "promise": clocks.promise(row),
        "parts": presenting.parts(row),
        "told": explaining.bar_of(row.lead, now=at),
        "concern": presenting.CONCERNS.get(row.contact.stakeholder_role),
        "reading": presenting.reading_list(row),
        "material": suggestions.for_lead(row.lead, at=at, limit=MATERIAL),
        "rounds": presenting.earlier_rounds(row, told.reasons),
        **_others(row, user),
        **_promised(row, at),
        **_allowed(row, user, line.is_workable),
        "steps": _steps(row, user),
        "following": None if _is_open_for(line) else waiting.after(row, user),
        "happenings": history.of_lead(row.lead, user),
        "may_claim": line.is_queued and line.is_workable and user.role != Role.MARKETER,
        "lead_url": url_of("desk:lead-detail", row.lead_id),
        "account_url": url_of("desk:account-detail", row.account_id) if row.account_id else "",
        "deal_url": url_of("desk:deal-detail", row.deal_id) if row.deal_id else "",
    }


def _allowed(row: Handoff, user: User, is_workable: bool) -> dict[str, bool]:
    """What may be done with it next."""
    leads = user.role in (Role.MANAGER, Role.ADMIN)
    may_answer = row.is_running and is_workable
    return {
        "may_answer": may_answer,
        "may_reassign": row.is_running and leads,
        "may_rebase": row.is_running and leads and is_workable,
        "may_convert": row.status in (Status.CONTACTED, Status.ACCEPTED),
        "may_accept": row.status in (Status.OPEN, Status.CONTACTED),
        "may_pause": may_answer and (leads or promises.pauses_left(row) > 0),
        "may_return": may_answer and bool(row.answered_with and activities.is_returnable(row.answered_with)),
    }


def _promised(row: Handoff, at: datetime) -> dict[str, Any]:
    """Who is told when, whether the clock stands still, and what the customer said."""
    return {
        "asked": promises.asked_next(row),
        "ladder": promises.rungs_of(row, at),
        "held": promises.pause_of(row) if row.is_running else None,
        "findings": promises.findings(row),
        "barred": correspondence.unreachable(row.contact),
    }


def _is_open_for(line: waiting.Row) -> bool:
    """Whether the viewer's first contact is still to come; if not, the next person may be offered."""
    return line.is_workable and line.handoff.is_running and line.handoff.first_contact_at is None


def _others(row: Handoff, user: User) -> dict[str, Any]:
    """People of the same company with a running journey, as far as the viewer sees them; warmest first."""
    if row.account_id is None:
        return {"others": [], "others_count": 0}
    there = (
        Lead.objects.visible_to(user).open().filter(account=row.account_id).exclude(contact=row.contact_id)
    )
    shown = there.select_related("contact").order_by("-score__rank", "-pk")[:OTHERS_THERE]
    return {"others": list(shown), "others_count": there.count()}


def _steps(row: Handoff, user: User) -> QuerySet[FollowUp]:
    steps = FollowUp.objects.visible_to(user).open().filter(contact=row.contact_id)
    return steps.select_related("owner").order_by("due_at", "pk")
