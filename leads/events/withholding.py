"""Behaviour that is known not to be a person's: kept to be seen and, if it was one after all, restored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from content.models import Asset
from crm.bulk import insert_missing
from crm.models import User
from leads.events.matching import find_leads
from leads.events.recording import Behaviour
from leads.models import BehaviourEvent
from leads.scoring import versions

_COLUMNS = (
    "source", "external_id", "lead", "kind", "asset", "occurred_at", "received_at", "points", "withdrawn_at",
    "properties",
)  # fmt: skip


def withhold(batch: Sequence[Behaviour], *, by: User | None, at: datetime) -> int:
    """Keep these withdrawn from the start, where the person is known; returns how many were new.

    Of a stranger nothing is kept: there is no record on which it could be seen.
    """
    if not batch:
        return 0
    rules = versions.in_force()
    slugs = {event.asset for event in batch if event.asset}
    assets = {asset.slug: asset for asset in Asset.objects.filter(slug__in=slugs).only("slug", "phases")}
    leads = find_leads(batch, by=by)
    rows = [
        BehaviourEvent(
            source=event.source,
            external_id=event.external_id,
            lead_id=lead,
            kind=event.kind,
            asset=assets.get(event.asset),
            occurred_at=event.occurred_at,
            received_at=at,
            points=rules.points_for(event.kind, event.asset or None, _phases(assets.get(event.asset))),
            withdrawn_at=at,
            properties=event.properties,
        )
        for event, lead in zip(batch, leads, strict=True)
        if lead is not None
    ]
    with transaction.atomic():
        ordered = sorted(rows, key=lambda row: (row.source, row.external_id))
        return len(insert_missing(ordered, fields=_COLUMNS, returning=("id",)))


def _phases(asset: Asset | None) -> list[str]:
    return asset.phases if asset else []
