"""What to send a lead next: the library asked with what the lead has read and where its attention lies."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from content import library
from content.library import Suggestion
from content.recommend import Situation
from leads.models import BehaviourEvent, Lead
from leads.scoring import reading
from leads.scoring.phases import mix


def for_lead(lead: Lead, *, at: datetime, limit: int = 5) -> list[Suggestion]:
    """Best first, each with its reasons; three queries."""
    return library.in_use(at.date()).suggest(situation_of(lead, at=at), limit=limit)


def situation_of(lead: Lead, *, at: datetime) -> Situation:
    events, rules = read_by([lead.pk]), reading.in_force()
    return Situation(
        phases=mix(rules.read(events), rules.decay, at),
        role=lead.contact.stakeholder_role,
        industry=lead.account.industry if lead.account else "",
        read=slugs(events),
    )


def read_by(leads: Iterable[int]) -> list[BehaviourEvent]:
    """What these leads did with content, the latest first."""
    rows: Any = BehaviourEvent.objects.counted().filter(lead__in=list(leads), asset__isnull=False)
    return list(rows.select_related("asset").order_by("-occurred_at", "-pk"))


def slugs(events: Iterable[BehaviourEvent]) -> list[str]:
    """Each piece once, the latest first."""
    return list(dict.fromkeys(event.asset.slug for event in events if event.asset))
