"""Two records of one person become one; nothing that is known about either is lost."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from crm import ledger
from crm.directory import derive_keys
from crm.models import Activity, Consent, Contact, FollowUp, User

FILLED = (
    "account", "owner", "email", "first_name", "last_name", "job_title", "department", "stakeholder_role", "phone",
    "external_id",
)  # fmt: skip


def merge_contacts(loser: Contact, winner: Contact, *, by: User | None, at: datetime) -> Contact:
    """Fill what the winner lacks, move what was done with the loser, and let its id lead to the winner."""
    if loser.pk == winner.pk:
        return winner
    with transaction.atomic():
        rows = Contact.objects.select_for_update(no_key=True).order_by("pk").in_bulk([loser.pk, winner.pk])
        loser, winner = rows[loser.pk], rows[winner.pk]
        values = _filled(loser, winner) | _stricter_consent(loser, winner)
        # First out of the way: an address and an external id belong to one standing person.
        kept_id = "" if "external_id" in values else loser.external_id
        Contact.objects.filter(pk=loser.pk).update(merged_into=winner, external_id=kept_id)
        Contact.objects.filter(merged_into=loser).update(merged_into=winner)
        _fill(winner, values)
        Activity.objects.filter(contact=loser).update(contact=winner)
        FollowUp.objects.filter(contact=loser).update(contact=winner)
        ledger.record([_fact(loser, winner, sorted(values), by, at)])
    return winner


def _filled(loser: Contact, winner: Contact) -> dict[str, Any]:
    """What the loser knows and the winner does not."""
    return {
        name: getattr(loser, name)
        for name in FILLED
        if getattr(winner, name) in (None, "") and getattr(loser, name) not in (None, "")
    }


def _stricter_consent(loser: Contact, winner: Contact) -> dict[str, Any]:
    """Whoever withdrew consent under one record has withdrawn it; a given one fills an unknown one."""
    order = (Consent.WITHDRAWN, Consent.GRANTED, Consent.UNKNOWN)
    if order.index(Consent(loser.consent)) >= order.index(Consent(winner.consent)):
        return {}
    return {name: getattr(loser, name) for name in ("consent", "consent_at", "consent_text")}


def _fill(winner: Contact, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(winner, name, value)
    derive_keys(winner)
    winner.save()


def _fact(loser: Contact, winner: Contact, filled: list[str], by: User | None, at: datetime) -> ledger.Fact:
    return ledger.Fact(
        kind="contact.merged",
        subject=("contact", loser.pk),
        at=at,
        actor=by,
        account_id=winner.account_id,
        contact_id=winner.pk,
        data={"into": winner.pk, "filled": filled},
    )
