"""Who would get which lead now: routing on a sample, with nothing written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from leads.models import Lead
from sla import routing, seating
from sla.models import Agreement


@dataclass(frozen=True, slots=True)
class Outcome:
    """A lead, the agreement it would fall under, and who would get it; without an agreement nobody."""

    lead: Lead
    agreement: Agreement | None
    choice: routing.Choice | None


def dry_run(leads: Sequence[Lead], *, at: datetime) -> list[Outcome]:
    """As if these leads became MQLs now, one after the other: each choice counts for the next."""
    in_force = Agreement.objects.by_segment()
    under = {lead.pk: in_force.get(lead.score.segment_id) or in_force.get(None) for lead in leads}
    agreements = {lead: agreement for lead, agreement in under.items() if agreement}
    routed = seating.preview([lead for lead in leads if lead.pk in agreements], agreements, at=at)
    return [Outcome(lead, under[lead.pk], routed.get(lead.pk)) for lead in leads]


def shares(outcomes: Sequence[Outcome]) -> Counter[int | None]:
    """How many each person would get; None is the open queue."""
    return Counter(outcome.choice.user for outcome in outcomes if outcome.choice)
