"""What the ledger tells of people whose address is new: the behaviour that waited for it is looked for."""

from __future__ import annotations

from datetime import datetime

from leads.events import waiting


def people_readdressed(contacts: list[int], at: datetime) -> None:
    waiting.attach_people(contacts, at=at)
