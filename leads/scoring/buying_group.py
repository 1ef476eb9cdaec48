"""The people of one company who look at us: who is active, in which role, since when, and what they read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max, Min

from crm.models import Account, StakeholderRole, User
from leads.models import BehaviourEvent, Lead
from leads.scoring import reading
from leads.scoring.phases import course, mix

# Somebody who did nothing for a quarter is not active.
ACTIVE_FOR = timedelta(days=90)
MOST = 200


@dataclass(frozen=True, slots=True)
class Member:
    """One person: since when they are with us, and when they last did something."""

    lead: Lead
    since: datetime | None
    last_at: datetime | None
    is_active: bool

    @property
    def role(self) -> str:
        return str(self.lead.contact.stakeholder_role)


@dataclass(frozen=True, slots=True)
class Group:
    """A company's people, the roles that are missing, and where their attention lies."""

    members: list[Member]
    mix: dict[str, float]
    course: list[tuple[datetime, dict[str, float]]]

    @property
    def active(self) -> list[Member]:
        return [member for member in self.members if member.is_active]

    @property
    def missing(self) -> list[Any]:
        """Roles of which nobody is active."""
        there = {member.role for member in self.active}
        return [role for role in StakeholderRole if role not in there]

    @property
    def since(self) -> datetime | None:
        """Since when somebody who is active now has been there."""
        return min((member.since for member in self.active if member.since), default=None)


def group_of(account: Account, *, seen_by: User, at: datetime) -> Group:
    """The buying group as of now: those who are active first, the latest first."""
    rows = Lead.objects.visible_to(seen_by).standing().filter(account=account, score__isnull=False)
    latest = rows.with_people().order_by("-score__active_at", "pk")
    leads = list(latest[:MOST])
    spans, rules = _spans(leads), reading.in_force()
    read, decay = rules.read(_events(leads)), rules.decay
    members = [_member(lead, spans.get(lead.pk), at) for lead in leads]
    members.sort(key=lambda member: (not member.is_active, member.last_at is None))
    return Group(members, mix(read, decay, at), course(read, decay, at))


def _member(lead: Lead, span: tuple[datetime, datetime] | None, at: datetime) -> Member:
    since, last_at = span or (None, None)
    return Member(lead, since, last_at, last_at is not None and last_at >= at - ACTIVE_FOR)


def _spans(leads: Iterable[Lead]) -> dict[int, tuple[datetime, datetime]]:
    counted = BehaviourEvent.objects.counted().filter(lead__in=[lead.pk for lead in leads])
    spans = counted.order_by().values("lead").annotate(first=Min("occurred_at"), last=Max("occurred_at"))
    return {lead: (first, last) for lead, first, last in spans.values_list("lead", "first", "last")}


def _events(leads: Sequence[Lead]) -> list[BehaviourEvent]:
    counted = BehaviourEvent.objects.counted().filter(
        lead__in=[lead.pk for lead in leads], asset__isnull=False
    )
    return list(counted.select_related("asset"))
