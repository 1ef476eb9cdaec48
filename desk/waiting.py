"""What waits for a person: handoffs by their clocks, and the next steps they promised. Most urgent first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm import access
from crm.components import formats
from crm.components.faces import Words
from crm.models import FollowUp, Mails, Role, User
from desk import presenting, promises
from desk.clocks import Clock, Clocks
from leads import lifecycle
from leads.models import Lead
from leads.scoring.decay import Decay
from sla.clock import ClockState
from sla.models import Handoff

IN_A_GROUP = 50
LOOKED_AT = 250
# code: label, tone, icon
GROUPS: dict[str, tuple[Words, str, str]] = {
    "overdue": (gettext_lazy("Overdue"), "late", "breached"),
    "soon": (gettext_lazy("Due soon"), "warn", "at-risk"),
    "today": (gettext_lazy("Today"), "plain", "clock"),
    "steps": (gettext_lazy("Follow-ups for today"), "accent", "task"),
    "later": (gettext_lazy("Later"), "plain", "calendar"),
    "paused": (gettext_lazy("Paused"), "hold", "paused"),
    "feedback": (gettext_lazy("Waiting for my feedback"), "plain", "contact"),
    "queue": (gettext_lazy("Open queue: claim one"), "accent", "people"),
    "snoozed": (gettext_lazy("Snoozed follow-ups"), "plain", "task"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A handoff, as its line in the inbox needs it."""

    handoff: Handoff
    clock: Clock
    why: str
    next_step: str
    score: float
    url: str
    is_workable: bool
    is_queued: bool
    rounds: str = ""
    is_paused: bool = False

    @property
    def is_unanswered(self) -> bool:
        return not self.is_queued and self.handoff.first_contact_at is None


@dataclass(frozen=True, slots=True)
class Step:
    """A promised next step. Its page is the lead's, where the person still has one."""

    follow_up: FollowUp
    url: str
    is_late: bool


@dataclass(frozen=True, slots=True)
class Group:
    code: str
    label: Words
    tone: str
    icon: str
    rows: list[Row] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    hidden: int = 0

    @property
    def count(self) -> int:
        return len(self.rows) + len(self.steps) + self.hidden


def grouped(user: User, at: datetime) -> list[Group]:
    """At most fifty rows of each group; queries do not grow with the rows."""
    clocks, decay, own, told = Clocks(at), lifecycle.current_decay(), workable(user), promises.Rounds()
    found: dict[str, list[Row]] = defaultdict(list)
    for handoff in waiting(user):
        row = row_of(handoff, clocks, decay, own, told)
        found[group_of(row, at)].append(row)
    promised = _promised(user, at)
    return [_group(code, found[code], promised[code]) for code in GROUPS if found[code] or promised[code]]


# -- handoffs -------------------------------------------------------------------------------------


def waiting(user: User) -> list[Handoff]:
    """Unanswered ones, those whose outcome is not told yet, and the open queue."""
    seen = Handoff.objects.visible_to(user).with_people().select_related("lead__score").by_deadline()
    mine = seen.filter(assignee__isnull=False)
    unanswered = mine.unanswered()[:LOOKED_AT]
    told = mine.awaiting_feedback().filter(first_contact_at__isnull=False).order_by("feedback_by", "pk")
    return [*unanswered, *told[: IN_A_GROUP + 1], *seen.queued()[: IN_A_GROUP + 1]]


def after(row: Handoff, user: User) -> Handoff | None:
    """The next person who waits for this user's first contact."""
    others = Handoff.objects.of(user).unanswered().exclude(pk=row.pk)
    return others.select_related("contact", "account").by_deadline().first()


def workable(user: User) -> set[int] | None:
    """Whose handoffs the person may work; None: everybody's."""
    if user.role == Role.ADMIN:
        return None
    return set(access.peers(user).values_list("pk", flat=True)) if user.role != Role.MARKETER else set()


def row_of(
    handoff: Handoff, clocks: Clocks, decay: Decay, own: set[int] | None, told: promises.Rounds
) -> Row:
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
        rounds=told.words(handoff),
        is_paused=promises.pause_of(handoff) is not None,
    )


def group_of(row: Row, at: datetime) -> str:
    if row.is_queued:
        return "queue"
    if row.clock.state == ClockState.PAUSED:
        return "paused"
    if row.handoff.first_contact_at is not None:
        return "feedback"
    if row.clock.state == ClockState.BREACHED:
        return "overdue"
    if row.clock.state == ClockState.AT_RISK:
        return "soon"
    due_today = formats.local(row.clock.reading.due).date() == formats.local(at).date()
    return "today" if due_today else "later"


# -- next steps -----------------------------------------------------------------------------------


def _promised(user: User, at: datetime) -> dict[str, list[Step]]:
    """My own next steps: those of today and before, and those that still sleep."""
    mine = FollowUp.objects.filter(owner=user).open().select_related("contact__account")
    rows = list(mine.order_by("due_at", "pk")[: IN_A_GROUP + 1])
    pages = pages_of(rows, user)
    today, found = formats.local(at).date(), defaultdict(list)
    for row in rows:
        is_now = formats.local(row.due_at).date() <= today
        found["steps" if is_now else "snoozed"].append(Step(row, pages[row.pk], row.due_at < at))
    return found


def pages_of(rows: Iterable[FollowUp], user: User) -> dict[int, str]:
    """Where each next step is done: at the person's newest lead, or at their company."""
    rows = list(rows)
    seen = Lead.objects.visible_to(user).standing().filter(contact__in={row.contact_id for row in rows})
    leads = dict(seen.order_by("pk").values_list("contact", "pk")) if rows else {}
    return {row.pk: _page_of(row, leads.get(row.contact_id)) for row in rows}


def _page_of(row: FollowUp, lead: int | None) -> str:
    if lead:
        return reverse("desk:lead-detail", args=[lead])
    account = row.contact.account_id
    return reverse("desk:account-detail", args=[account]) if account else ""


# -- words ----------------------------------------------------------------------------------------


def _group(code: str, rows: Sequence[Row], steps: Sequence[Step]) -> Group:
    label, tone, icon = GROUPS[code]
    hidden = max(0, len(rows) - IN_A_GROUP) + max(0, len(steps) - IN_A_GROUP)
    return Group(code, label, tone, icon, list(rows[:IN_A_GROUP]), list(steps[:IN_A_GROUP]), hidden)


def lede(user: User, groups: Iterable[Group], at: datetime) -> str:
    """How many wait for a first contact, as the navigation counts them, how many of them too long, and till when."""
    first = [group for group in groups if any(row.is_unanswered for row in group.rows)]
    rows = [row for group in first for row in group.rows]
    if not rows:
        return _("Nobody waits for a first contact.")
    late = sum(group.count for group in first if group.code == "overdue")
    said = _waiting(user, sum(group.count for group in first)) + (_late(late) if late else "")
    ahead = [row.clock.reading.due for row in rows if row.clock.reading.due > at]
    if not ahead:
        return _("%(people)s.") % {"people": said}
    return _("%(people)s; the next is due %(when)s.") % {
        "people": said,
        "when": formats.relative(min(ahead), at),
    }


def _late(count: int) -> str:
    return ngettext(", %(count)d is overdue", ", %(count)d are overdue", count) % {"count": count}


def _waiting(user: User, count: int) -> str:
    if user.role == Role.REP:
        said = ngettext("%(count)d person waits for you", "%(count)d people wait for you", count)
    elif user.role == Role.MANAGER:
        said = ngettext("%(count)d person waits for your team", "%(count)d people wait for your team", count)
    else:
        said = ngettext("%(count)d person waits for sales", "%(count)d people wait for sales", count)
    return said % {"count": count}


# How the person hears of the next one, as they prefer to be told.
NEXT_COMES: dict[str, Words] = {
    Mails.AT_ONCE: gettext_lazy(
        "Every handoff has its answer. The next one appears here, and in your mail, the moment a lead is hot."
    ),
    Mails.DIGEST: gettext_lazy(
        "Every handoff has its answer. The next one appears here the moment a lead is hot, and in your daily mail."
    ),
    Mails.NONE: gettext_lazy(
        "Every handoff has its answer. The next one appears here the moment a lead is hot; you chose to get no mails."
    ),
}


def next_comes(user: User) -> Words:
    return NEXT_COMES[Mails(user.mails)]
