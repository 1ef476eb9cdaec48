"""The inbox: what waits for a person, most urgent first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from crm import access, present
from crm.components import formats
from crm.components.faces import Words
from crm.models import Role, User
from desk import presenting
from desk.clocks import Clock, Clocks
from desk.views.answers import person
from leads import lifecycle
from leads.decay import Decay
from sla.clock import ClockState
from sla.models import Handoff

IN_A_GROUP = 50
LOOKED_AT = 250
# code: label, tone, icon
GROUPS: dict[str, tuple[Words, str, str]] = {
    "overdue": (gettext_lazy("Overdue"), "late", "breached"),
    "soon": (gettext_lazy("Due soon"), "warn", "at-risk"),
    "today": (gettext_lazy("Today"), "plain", "clock"),
    "later": (gettext_lazy("Later"), "plain", "calendar"),
    "feedback": (gettext_lazy("Waiting for my feedback"), "plain", "contact"),
    "queue": (gettext_lazy("Open queue: claim one"), "accent", "people"),
}


@dataclass(frozen=True, slots=True)
class Row:
    handoff: Handoff
    clock: Clock
    why: str
    next_step: str
    score: float
    url: str
    is_workable: bool
    is_queued: bool


@dataclass(frozen=True, slots=True)
class Group:
    label: Words
    tone: str
    icon: str
    rows: list[Row]
    hidden: int


@login_required
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    user, at = person(request), present.now()
    groups = grouped(user, at)
    context = {"title": _("Inbox"), "groups": groups, "lede": lede(groups, at), "now": at}
    return render(request, "desk/inbox.html", context)


def grouped(user: User, at: datetime) -> list[Group]:
    """At most fifty rows of each group; queries do not grow with the rows."""
    clocks, decay, own = Clocks(at), lifecycle.current_decay(), workable(user)
    found: dict[str, list[Row]] = defaultdict(list)
    for handoff in waiting(user):
        row = row_of(handoff, clocks, decay, own)
        found[group_of(row, at)].append(row)
    return [_group(code, found[code]) for code in GROUPS if found[code]]


def waiting(user: User) -> list[Handoff]:
    """Unanswered ones, those whose outcome is not told yet, and the open queue."""
    seen = Handoff.objects.visible_to(user).with_people().select_related("lead__score").by_deadline()
    mine = seen.filter(assignee__isnull=False)
    unanswered = mine.unanswered()[:LOOKED_AT]
    told = mine.awaiting_feedback().filter(first_contact_at__isnull=False).order_by("feedback_by", "pk")
    return [*unanswered, *told[: IN_A_GROUP + 1], *seen.queued()[: IN_A_GROUP + 1]]


def workable(user: User) -> set[int] | None:
    """Whose handoffs the person may work; None: everybody's."""
    if user.role == Role.ADMIN:
        return None
    return set(access.peers(user).values_list("pk", flat=True)) if user.role != Role.MARKETER else set()


def row_of(handoff: Handoff, clocks: Clocks, decay: Decay, own: set[int] | None) -> Row:
    score = getattr(handoff.lead, "score", None)
    is_queued = handoff.assignee_id is None
    return Row(
        handoff=handoff,
        clock=clocks.of(handoff),
        why=presenting.why_now(handoff, clocks.at),
        next_step=presenting.next_step(handoff),
        score=decay.score_at(score.rank, clocks.at) if score else handoff.score_at_handoff,
        url=reverse("desk:handoff", args=[handoff.pk]),
        is_workable=own is None or handoff.assignee_id in own or (is_queued and bool(own)),
        is_queued=is_queued,
    )


def group_of(row: Row, at: datetime) -> str:
    if row.is_queued:
        return "queue"
    if row.handoff.first_contact_at is not None:
        return "feedback"
    if row.clock.state == ClockState.BREACHED:
        return "overdue"
    if row.clock.state == ClockState.AT_RISK:
        return "soon"
    due_today = formats.local(row.clock.reading.due).date() == formats.local(at).date()
    return "today" if due_today else "later"


def _group(code: str, rows: Sequence[Row]) -> Group:
    label, tone, icon = GROUPS[code]
    return Group(label, tone, icon, list(rows[:IN_A_GROUP]), max(0, len(rows) - IN_A_GROUP))


def lede(groups: Iterable[Group], at: datetime) -> str:
    """How many wait, and when the next is due."""
    rows: list[Any] = [row for group in groups for row in group.rows if not row.is_queued]
    if not rows:
        return _("Nothing waits for you.")
    count = ngettext("%(count)d person waits for you", "%(count)d people wait for you", len(rows))
    said = count % {"count": len(rows)}
    ahead = [row.clock.reading.due for row in rows if row.clock.reading.due > at]
    if not ahead:
        return f"{said}."
    return _("%(people)s; the next is due %(when)s.") % {
        "people": said,
        "when": formats.relative(min(ahead), at),
    }
