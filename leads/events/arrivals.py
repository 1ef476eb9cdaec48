"""What the ledger tells of people who appear: the behaviour that waited for them is looked for once more."""

from __future__ import annotations

from datetime import datetime

from leads.events import waiting


def leads_came(leads: list[int], at: datetime) -> None:
    """After the commit: an event may have been kept while these were on their way in."""
    waiting.attach(leads, at=at)


def people_readdressed(contacts: list[int], at: datetime) -> None:
    waiting.attach_people(contacts, at=at)
