"""Handoffs that took place before they were brought in, told by the deals they led to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from crm import ledger
from deals import pipeline
from deals.models import Deal, DealOutcome
from leads import lifecycle
from leads.models import Stage
from sla import feedback, offering
from sla.handoffs import door, offers
from sla.models import Agreement, Handoff, Status

_RECORDED = (*offers.OFFERED, "qualified_at", "captured_at")


def record_past(deals: Sequence[Deal], *, at: datetime) -> list[Handoff]:
    """Handoffs that deals brought in with a lead must have had: offered when the lead became an MQL, accepted by
    the deal's owner, converted. No clock runs and nobody is told; how fast they were is not known.
    """
    agreement = Agreement.objects.current()
    if agreement is None:
        return []
    with transaction.atomic():
        led = [deal.lead_id for deal in deals if deal.lead_id]
        ready = {lead.pk: lead for lead in offers.lock_ready(led, only=_RECORDED)}
        by_lead = {deal.lead_id: deal for deal in reversed(deals) if deal.lead_id in ready}
        owners = {lead: deal.owner for lead, deal in by_lead.items() if lead}
        built = offering.build_past(list(ready.values()), owners, agreement, at=at)
        rows = [_past(row, by_lead[lead]) for lead, row in sorted(built.items())]
        Handoff.objects.bulk_create(rows)
        door.begin_round(rows)
        feedback.accepted_in_the_past(rows)
        _follow_past(rows)
        ledger.record([fact for row in rows for fact in _past_facts(row)])
    return rows


def _past(row: Handoff, deal: Deal) -> Handoff:
    row.deal = deal
    door.remember(row, accepted_at=max(deal.opened_at, row.offered_at))
    return row


def _follow_past(rows: Sequence[Handoff]) -> None:
    """The leads follow: SAL, SQL, and a customer where the deal was won."""
    journeys = {}
    for row in rows:
        assert row.deal
        assert row.accepted_at
        steps: list[tuple[str, datetime]] = [(Stage.SAL, row.accepted_at), (Stage.SQL, row.accepted_at)]
        if row.deal.stage.outcome == DealOutcome.WON:
            steps.append((Stage.CUSTOMER, max(row.deal.stage_at, row.accepted_at)))
        journeys[row.lead_id] = steps
    lifecycle.retrace(journeys, by={row.lead_id: row.assignee for row in rows})
    for row in rows:
        if row.deal and row.deal.lost_reason:
            pipeline.return_lead(row.deal, row.deal.lost_reason, row.assignee, row.deal.stage_at)


def _past_facts(row: Handoff) -> list[ledger.Fact]:
    """Under a kind of their own: `handoff.offered` would call the assignee to work."""
    steps = [("", Status.OPEN), (Status.OPEN, Status.ACCEPTED), (Status.ACCEPTED, Status.CONVERTED)]
    moments = [row.offered_at, row.accepted_at, row.decided_at]
    return [
        door.fact(
            "handoff.recorded",
            row,
            row.assignee,
            at,
            from_state=came_from,
            to_state=to,
            data={"deal": row.deal_id},
        )
        for (came_from, to), at in zip(steps, moments, strict=True)
        if at
    ]
