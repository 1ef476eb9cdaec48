"""Two records of a person, or two of their leads, become one, with everything sales and the pipeline hold about either.

Locks handoffs, then leads, then people, each by key: two merges that cross wait for each other.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from crm import journal
from crm import merging as crm_merging
from crm.models import Contact, RecordKind, User
from crm.states import Refused
from deals import merging as deals_merging
from leads import merging as leads_merging
from leads.models import Lead
from sla.models import Handoff


def merge(
    lead: Lead,
    *,
    into: Lead,
    by: User | None,
    at: datetime,
    chosen: Collection[str] = (),
    rule: str = "",
) -> Lead:
    """Merge a lead into another; its id leads there from now on, and so does its person's."""
    with transaction.atomic():
        held = _hold_handoffs([lead.pk, into.pk])
        loser, winner = leads_merging.lock_both(lead, into, by=by)
        if loser.pk in held:
            message = _(
                "Sales is working this lead now. Answer its handoff first, or merge the other one into it."
            )
            raise Refused(message, field="into", code="conflict")
        old, contact = loser.contact, winner.contact
        before = journal.look(Contact, [old.pk, contact.pk], below=True)
        Handoff.objects.filter(lead=loser).update(lead=winner)
        Handoff.objects.filter(contact=old).update(contact=contact)
        deals_merging.follow(old_lead=loser, lead=winner, old=old, contact=contact)
        merged = leads_merging.absorb(loser, winner, by=by, at=at, chosen=chosen)
        if old.pk != contact.pk:
            crm_merging.keep(RecordKind.CONTACT, old.pk, contact.pk, before, by=by, at=at, rule=rule)
        return merged


def merge_people(
    contact: Contact,
    *,
    into: Contact,
    by: User | None,
    at: datetime,
    chosen: Collection[str] = (),
    rule: str = "",
) -> Contact:
    """Merge a person's record into another, whatever state their leads are in; `chosen` fields keep its value.

    Two open leads become one as well. Raises Refused where sales works the one that would go.
    """
    with transaction.atomic():
        _insist_on_two(contact, into)
        journeys = {row.contact_id: row for row in _open_leads(contact, into)}
        if len(journeys) == 2:
            merge(journeys[contact.pk], into=journeys[into.pk], by=by, at=at, chosen=chosen, rule=rule)
        else:
            _merge_records(contact, into, by, at, chosen, rule)
    return Contact.objects.get(pk=into.pk)


def _insist_on_two(contact: Contact, into: Contact) -> None:
    if contact.pk == into.pk:
        raise Refused(_("A person cannot be merged into themselves. Choose the other record."), field="into")


def _open_leads(contact: Contact, into: Contact) -> list[Lead]:
    """The open leads of both, with their handoffs held first."""
    found = Lead.objects.standing().open().filter(contact__in=[contact.pk, into.pk])
    _hold_handoffs(list(found.values_list("pk", flat=True)))
    return list(found.order_by("pk").select_for_update(of=("self",), no_key=True))


def _hold_handoffs(leads: list[int]) -> set[int]:
    """The leads sales works now; their handoffs are held until the transaction ends."""
    running = Handoff.objects.running().filter(lead__in=leads).order_by("pk")
    return {row.lead_id for row in running.select_for_update(of=("self",), no_key=True)}


def _merge_records(
    contact: Contact, into: Contact, by: User | None, at: datetime, chosen: Collection[str], rule: str
) -> None:
    """At most one of them has an open lead: it stays as it is, and is of the other record from now on."""
    rows = Contact.objects.select_for_update(no_key=True).order_by("pk").in_bulk([contact.pk, into.pk])
    loser, winner = rows[contact.pk], rows[into.pk]
    for row in (loser, winner):
        crm_merging.insist_may_merge(row, by)
    crm_merging.insist_both_stand(loser, winner)
    before = journal.look(Contact, [loser.pk, winner.pk], below=True)
    crm_merging.merge_contacts(loser, winner, by=by, at=at, chosen=chosen)
    crm_merging.keep(RecordKind.CONTACT, loser.pk, winner.pk, before, by=by, at=at, rule=rule)
