"""The buying committee of a deal: who sits in it, and which roles are still missing."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from crm import access, ledger
from crm.models import Contact, StakeholderRole, User
from deals.models import Deal, Stakeholder, Stance


def seat(
    deal: Deal,
    contact: Contact,
    *,
    role: str,
    by: User | None,
    at: datetime,
    stance: str = Stance.NEUTRAL,
    note: str = "",
) -> Stakeholder:
    """Seat a person, or change their role, stance and note; the same seat again changes nothing."""
    if by is not None and not access.may_work(by, deal.owner_id):
        access.require_role(by)
    return _seat(deal, contact, {"role": role, "stance": stance, "note": note}, by, at)


def seat_first(deal: Deal, *, by: User | None, at: datetime) -> None:
    """Seat the person a deal was opened with, when their role is known."""
    if deal.contact and deal.contact.stakeholder_role in StakeholderRole.values:
        told = {"role": deal.contact.stakeholder_role, "stance": Stance.NEUTRAL, "note": ""}
        _seat(deal, deal.contact, told, by, at)


def _seat(deal: Deal, contact: Contact, told: dict[str, str], by: User | None, at: datetime) -> Stakeholder:
    with transaction.atomic():
        seat = Stakeholder.objects.filter(deal=deal, contact=contact).first()
        if seat and all(getattr(seat, field) == value for field, value in told.items()):
            return seat
        seat, _ = Stakeholder.objects.update_or_create(deal=deal, contact=contact, defaults=told)
        ledger.record([_seated_fact(seat, by, at)])
    return seat


def _seated_fact(seat: Stakeholder, by: User | None, at: datetime) -> ledger.Fact:
    return ledger.Fact(
        kind="deal.seated",
        subject=("deal", seat.deal_id),
        at=at,
        actor=by,
        account_id=seat.deal.account_id,
        contact_id=seat.contact_id,
        data={"role": seat.role, "stance": seat.stance, "note": seat.note},
    )


def missing_roles(deal: Deal) -> list[StakeholderRole]:
    """Roles nobody in the committee has; six to ten people in five roles decide a B2B purchase."""
    present = set(deal.stakeholders.values_list("role", flat=True))
    return [role for role in StakeholderRole if role not in present]
