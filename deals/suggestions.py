"""What to send the people of a deal next: a list for each role of the buying committee, and for those missing in it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from content import library
from content.library import Suggestion
from content.recommend import Situation
from crm.models import StakeholderRole
from deals.models import Deal
from leads import suggestions
from leads.models import BehaviourEvent, Lead
from leads.scoring import reading
from leads.scoring.phases import mix

# Whoever sits at a deal considers it, whatever they have read so far.
AT_A_DEAL = {"consideration": 0.6, "purchase": 0.4}


@dataclass(frozen=True, slots=True)
class ForRole:
    """`is_missing`: nobody of this role is in the committee yet, so it is what would bring one in."""

    role: str
    is_missing: bool
    suggestions: list[Suggestion]


def for_deal(deal: Deal, *, at: datetime, limit: int = 3) -> list[ForRole]:
    """In the order of the roles; the queries do not grow with the committee."""
    shelf = library.in_use(at.date())
    seats = dict(deal.stakeholders.order_by("pk").values_list("contact", "role"))
    read = _read_by_role(deal, seats)
    industry, rules = deal.account.industry if deal.account else "", reading.in_force()
    found = []
    for role in StakeholderRole.values:
        events = read[role]
        phases = mix(rules.read(events), rules.decay, at) or AT_A_DEAL
        situation = Situation(phases, role, industry, suggestions.slugs(events))
        found.append(ForRole(role, role not in seats.values(), shelf.suggest(situation, limit=limit)))
    return found


def _read_by_role(deal: Deal, seats: dict[int, str]) -> dict[str, list[BehaviourEvent]]:
    """What the members of each role have read."""
    people = dict(Lead.objects.standing().filter(contact__in=seats).values_list("pk", "contact"))
    read: dict[str, list[BehaviourEvent]] = defaultdict(list)
    for event in suggestions.read_by(people):
        read[seats[people[event.lead_id]]].append(event)
    return read
