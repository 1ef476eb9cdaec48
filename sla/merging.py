"""Two leads of one person become one, with everything sales and the pipeline hold about either."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from crm.models import User
from crm.states import Refused
from deals import merging as deals_merging
from leads import merging as leads_merging
from leads.models import Lead
from sla.models import Handoff


def merge(lead: Lead, *, into: Lead, by: User, at: datetime) -> Lead:
    """Merge a lead into another; its id leads there from now on. Locks handoffs, then leads, each by key."""
    with transaction.atomic():
        running = Handoff.objects.running().filter(lead__in=[lead.pk, into.pk]).order_by("pk")
        held = list(running.select_for_update(of=("self",), no_key=True))
        loser, winner = leads_merging.lock_both(lead, into, by=by)
        if any(row.lead_id == loser.pk for row in held):
            message = _(
                "Sales is working this lead now. Answer its handoff first, or merge the other one into it."
            )
            raise Refused(message, field="into", code="conflict")
        old, contact = loser.contact, winner.contact
        Handoff.objects.filter(lead=loser).update(lead=winner)
        Handoff.objects.filter(contact=old).update(contact=contact)
        deals_merging.follow(old_lead=loser, lead=winner, old=old, contact=contact)
        return leads_merging.absorb(loser, winner, by=by, at=at)
