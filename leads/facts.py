"""A fact about a lead, as the ledger takes it: with the company and the person it concerns."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from crm import ledger
from crm.models import User
from leads.models import Lead


def about(lead: Lead, kind: str, *, by: User | None, at: datetime, **details: Any) -> ledger.Fact:
    return ledger.Fact(
        kind=kind,
        subject=("lead", lead.pk),
        at=at,
        actor=by,
        account_id=lead.account_id,
        contact_id=lead.contact_id,
        **details,
    )
