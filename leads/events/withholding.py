"""Behaviour that is known not to be a person's: kept to be seen and, if it was one after all, restored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from content.models import Asset
from crm.bulk import insert_missing
from leads.events.recording import Behaviour
from leads.models import BehaviourEvent

_COLUMNS = (
    "source", "external_id", "lead", "kind", "asset", "occurred_at", "received_at", "withdrawn_at", "properties",
)  # fmt: skip


def withhold(batch: Sequence[Behaviour], *, at: datetime) -> int:
    """Keep these withdrawn from the start, each named by its `lead`; returns how many were new."""
    if not batch:
        return 0
    assets = Asset.objects.keys_of(event.asset for event in batch if event.asset)
    rows = [
        BehaviourEvent(
            source=event.source,
            external_id=event.external_id,
            lead_id=event.lead,
            kind=event.kind,
            asset_id=assets.get(event.asset),
            occurred_at=event.occurred_at,
            received_at=at,
            withdrawn_at=at,
            properties=event.properties,
        )
        for event in batch
        if event.lead is not None
    ]
    with transaction.atomic():
        ordered = sorted(rows, key=lambda row: (row.source, row.external_id))
        return len(insert_missing(ordered, fields=_COLUMNS, returning=("id",)))
