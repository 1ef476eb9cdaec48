"""Team today: who has what, who is away, what was late; and giving handoffs to somebody else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from crm import access, present
from crm.components.faces import Words
from crm.components.tables import Column, Filter, Option
from crm.models import Role, Team, User
from desk import team
from desk.clocks import Clock, Clocks
from desk.forms_team import HandAllForm
from desk.record_lists import EXPORTED, Order, export, ordered, page_of
from desk.team_states import STATES
from desk.views.answers import own_path, person
from sla import handoffs
from sla.models import Handoff

COLUMNS = [
    Column("person", gettext_lazy("Person"), "person"),
    Column("company", gettext_lazy("Company"), "company"),
    Column("due", gettext_lazy("Time left"), "due"),
    Column("status", gettext_lazy("Status"), "status"),
    Column("owner", gettext_lazy("Owner"), "owner"),
]
ORDERS = {
    "person": Order("contact__last_name"),
    "company": Order("account__name", nullable=True),
    "due": Order("due"),
    "status": Order("status"),
    "owner": Order("assignee__last_name", nullable=True),
}
DEFAULT = "due"


@dataclass(frozen=True, slots=True)
class Row:
    """A handoff in the manager's list: its clock, and the cause where it is late."""

    handoff: Handoff
    clock: Clock
    cause: Words


def leader(request: HttpRequest) -> User:
    """The signed-in manager or administrator; others may not."""
    user = person(request)
    access.require_role(user, Role.MANAGER)
    return user


def team_of(user: User, query: QueryDict) -> int | None:
    """The team an administrator looks at; a manager has one."""
    asked = query.get("team", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else None


@login_required
@require_safe
def today(request: HttpRequest) -> HttpResponse:
    user, at = leader(request), present.now()
    which = team_of(user, request.GET)
    people = team.members(user, at, team=which)
    page = page_of(found(user, request.GET, at), request.GET)
    context = {
        "title": _("Team today"),
        "lede": team.lede(people),
        "people": people,
        "states": STATES,
        "leaves": team.leaves_ahead(people, at),
        "breaches": team.breached(user, at, team=which),
        "columns": COLUMNS,
        "default": DEFAULT,
        "filters": _filters(user, people),
        "page": page,
        "rows": _rows(page.rows, at, request.GET.get("state") == team.BREACHED),
        "form": HandAllForm(viewer=user, notes=team.room(people)),
        "now": at,
    }
    return render(request, "desk/team.html", context)


def found(user: User, query: QueryDict, at: datetime) -> Any:
    asked = team.asked(
        user, at, state=query.get("state", ""), person=query.get("person", ""), team=team_of(user, query)
    )
    return ordered(asked, query, ORDERS, DEFAULT)


def _rows(handed: list[Handoff], at: datetime, with_past: bool) -> list[Row]:
    """With the cause of what is late now; `with_past` also of what was answered late."""
    clocks = Clocks(at)
    late = [row for row in handed if team.is_late(row, at)]
    why = team.causes_of([row for row in late if with_past or row.first_contact_at is None])
    return [Row(row, clocks.of(row), why.get(row.pk, "")) for row in handed]


def _filters(user: User, people: Iterable[team.Member]) -> list[Filter]:
    states = [Option(code, label) for code, (label, _tone, _icon) in STATES.items()]
    whose = [Option(str(one.person.pk), str(one.person)) for one in people if one.person]
    filters = [
        Filter("state", _("State"), [*states, Option(team.BREACHED, _("Late in the last 7 days"))]),
        Filter("person", _("Owner"), [*whose, Option(team.QUEUE, _("Open queue"))]),
    ]
    if user.role == Role.ADMIN:
        teams = Team.objects.visible_to(user).order_by("name")
        filters.append(Filter("team", _("Team"), [Option(str(one.pk), one.name) for one in teams]))
    return filters


@login_required
@require_safe
def team_export(request: HttpRequest) -> HttpResponseBase:
    user, at = leader(request), present.now()
    rows = list(found(user, request.GET, at)[:EXPORTED])
    why = team.causes_of([row for row in rows if team.is_late(row, at)])
    header = [
        _("Person"),
        _("Company"),
        _("Status"),
        _("Owner"),
        _("Offered"),
        _("First contact by"),
        _("First contact"),
        _("Cause of the delay"),
    ]

    def cells(row: Handoff) -> Iterable[object]:
        yield from (str(row.contact), str(row.account or ""), str(row.get_status_display()))
        yield from (str(row.assignee or ""), row.offered_at, row.respond_by, row.first_contact_at)
        yield str(why.get(row.pk, ""))

    return export("team", header, rows, cells, request.GET)


@login_required
@require_POST
def reassign(request: HttpRequest) -> HttpResponse:
    """Give the chosen handoffs to one person; what was decided on meanwhile is named."""
    user = leader(request)
    form = HandAllForm(request.POST, viewer=user)
    if not form.is_valid():
        for said in form.errors.values():
            messages.error(request, str(said[0]))
        return _back(request)
    told = form.cleaned_data
    chosen, to = list(told["handoffs"]), told["assignee"]
    done = handoffs.reassign_all(chosen, to=to, note=told["note"], by=user, at=present.now())
    messages.success(request, _given_words(len(done.given), to))
    if done.late:
        messages.warning(request, _late_words(len(done.late)))
    return _back(request)


def _given_words(count: int, to: User) -> str:
    said = ngettext(
        "%(count)d handoff is with %(person)s now.", "%(count)d handoffs are with %(person)s now.", count
    )
    return said % {"count": count, "person": to}


def _late_words(count: int) -> str:
    said = ngettext(
        "%(count)d was decided meanwhile and stays as it is.",
        "%(count)d were decided meanwhile and stay as they are.",
        count,
    )
    return said % {"count": count}


def _back(request: HttpRequest) -> HttpResponse:
    return redirect(own_path(request, request.POST.get("next"), reverse("desk:team")))
