"""Deals and seats in buying committees follow a person whose records became one."""

from __future__ import annotations

from crm.models import Contact
from deals.models import Deal, Stakeholder
from leads.models import Lead


def follow(*, old_lead: Lead, lead: Lead, old: Contact, contact: Contact) -> None:
    """Point what was the old record's at the one that stays; who already sits in a committee keeps that seat."""
    Deal.objects.filter(lead=old_lead).update(lead=lead)
    if old.pk == contact.pk:
        return
    Deal.objects.filter(contact=old).update(contact=contact)
    seated = Stakeholder.objects.filter(contact=contact).values("deal")
    Stakeholder.objects.filter(contact=old, deal__in=seated).delete()
    Stakeholder.objects.filter(contact=old).update(contact=contact)
