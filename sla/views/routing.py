"""Routing: whose territory is which, who could get a lead now, and who would get a sample of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from crm import present
from crm.models import Role, User
from crm.pages import person, url_of
from leads.models import Lead
from sla import dry_run, explaining, routing, seating
from sla.forms import SampleForm
from sla.models import Territory


@dataclass(frozen=True, slots=True)
class SeatRow:
    """A seller as the page shows them: state is `free`, `after_hours`, or what closes the seat."""

    user: User
    seat: routing.Seat
    state: str
    percent: int


@dataclass(frozen=True, slots=True)
class Guess:
    """One line of the dry run; without `name` it would wait in the open queue."""

    lead: Lead
    url: str
    name: str
    agreement: str
    why: explaining.Why | None


@login_required
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    user, at = person(request), present.now()
    form = SampleForm(request.GET or None)
    context = {
        "title": _("Routing"),
        "lede": _("Who could get a lead now, and who would get which."),
        "territories": Territory.objects.visible_to(user)
        .select_related("segment", "team")
        .order_by("position", "pk"),
        "seats": _seats(user, at),
        "form": form,
        "run": _run(user, form, at) if form.is_bound and form.is_valid() else None,
        "territories_url": reverse("admin:sla_territory_changelist")
        if user.role in (Role.MARKETER, Role.ADMIN)
        else "",
        "now": at,
    }
    return render(request, "sla/routing.html", context)


def _seats(user: User, at: datetime) -> list[SeatRow]:
    """Of everybody the reader may see, those with most room first."""
    seen = User.objects.visible_to(user).select_related("team").in_bulk()
    rows = [seat for seat in seating.seats(at) if seat.user in seen]
    ordered = sorted(rows, key=lambda seat: (bool(seat.closed_by), seat.order))
    return [SeatRow(seen[seat.user], seat, _state(seat), _percent(seat)) for seat in ordered]


def _state(seat: routing.Seat) -> str:
    return seat.closed_by or ("free" if seat.at_work else "after_hours")


def _percent(seat: routing.Seat) -> int:
    return min(100, round(100 * seat.running / seat.capacity)) if seat.capacity else 100


def _run(user: User, form: SampleForm, at: datetime) -> dict[str, Any]:
    leads = form.sample(user)
    outcomes = dry_run.dry_run(leads, at=at)
    routed = [outcome.choice.why for outcome in outcomes if outcome.choice]
    chosen = {outcome.choice.user for outcome in outcomes if outcome.choice and outcome.choice.user}
    people = explaining.people_of(routed, user, also=chosen)
    shares = dry_run.shares(outcomes)
    return {
        "guesses": [_guess(outcome, people) for outcome in outcomes],
        "shares": [(_name(pk, people), count) for pk, count in shares.most_common()],
        "count": len(leads),
    }


def _guess(outcome: dry_run.Outcome, people: explaining.People) -> Guess:
    choice = outcome.choice
    return Guess(
        outcome.lead,
        url_of("desk:lead-detail", outcome.lead.pk),
        _name(choice.user, people) if choice else _("nobody"),
        str(outcome.agreement or _("no agreement")),
        explaining.why(choice.why, people) if choice else None,
    )


def _name(pk: int | None, people: explaining.People) -> str:
    return people.named([pk]) if pk else _("open queue")
