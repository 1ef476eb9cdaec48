"""What the SLA does when a lower app tells news; registered in `SlaConfig.ready()`."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from crm import ledger, nudges
from crm.webhooks import disclosure
from deals.models import Deal
from leads import neglect
from sla import handoffs, notices, proposals
from sla.models import AfterExpiry, Agreement, AgreementStatus, Handoff

DUPLICATES = "sla.duplicates"  # the task: who just came in may be somebody we know


def offer_qualified(leads: list[int], at: datetime) -> None:
    """New MQLs are handed to sales at once; without an agreement they wait for one."""
    if Agreement.objects.in_force().exists():
        handoffs.offer(leads, by=None, at=at)


def answer_running(activities: list[int], at: datetime) -> None:
    """Evidence of a contact, wherever it was logged."""
    handoffs.credit(activities, at=at)


def tell_offered(ids: list[int], at: datetime) -> None:
    notices.offered(list(Handoff.objects.filter(pk__among=ids).as_told().order_by("pk")))


def tell_reassigned(ids: list[int], at: datetime) -> None:
    notices.reassigned(
        list(Handoff.objects.filter(pk__in=ids).select_related("contact", "assignee").order_by("pk")), at
    )


def tell_reopened(ids: list[int], at: datetime) -> None:
    for row in (
        Handoff.objects.running().filter(pk__in=ids).select_related("contact", "assignee").order_by("pk")
    ):
        notices.reopened(row, at)


def offer_again(ids: list[int], at: datetime) -> None:
    """A handoff that expired goes to the next person, or back to the open queue where the terms say so."""
    gone = Handoff.objects.filter(pk__in=ids).select_related("terms").order_by("lead")
    to_queue = {row.lead_id for row in gone if row.terms.body["after_expiry"] == AfterExpiry.QUEUE}
    if Agreement.objects.in_force().exists():
        handoffs.offer([row.lead_id for row in gone], by=None, at=at, to_queue=to_queue)


def record_imported(deals: list[int], at: datetime) -> None:
    """Deals brought in with a lead: the handoff between them is recorded as history."""
    led = Deal.objects.filter(pk__in=deals, lead__isnull=False, handoff=None)
    related = led.select_related("owner", "stage", "lost_reason__programme")
    if rows := list(related.order_by("pk")):
        handoffs.record_past(rows, at=at)


def close_abandoned(leads: list[int], at: datetime) -> None:
    """A lead that was recycled or disqualified elsewhere leaves no handoff running."""
    handoffs.close_after(leads, at=at)


def with_sales(since: datetime) -> Q:
    """Leads that sales has, or had a word on since: nobody's neglect."""
    mine = Handoff.objects.filter(lead=OuterRef("pk"))
    lately = mine.filter(Q(offered_at__gt=since) | Q(decided_at__gt=since))
    return Q(Exists(mine.running())) | Q(Exists(lately))


def tell_proposed(ids: list[int], at: datetime) -> None:
    waiting = Agreement.objects.filter(pk__in=ids, status=AgreementStatus.PROPOSED)
    for row in waiting.select_related("segment", "proposed_by").order_by("pk"):
        proposals.proposed(row, at)


def register() -> None:
    nudges.subscribe("lead.captured", DUPLICATES)
    ledger.subscribe("agreement.proposed", tell_proposed)
    neglect.spare("handoff", with_sales)
    disclosure.disclose("handoff.offered", "respond_by")
    disclosure.disclose("handoff.contacted", "channel", "outcome")
    disclosure.disclose("handoff.rejected", "reason", "disposition")
    ledger.subscribe("lead.recycled", close_abandoned)
    ledger.subscribe("lead.disqualified", close_abandoned)
    ledger.subscribe("deal.imported", record_imported)
    ledger.subscribe("lead.qualified", offer_qualified)
    ledger.subscribe("activity.logged", answer_running)
    ledger.subscribe("activity.bounced", answer_running)
    ledger.subscribe("handoff.offered", tell_offered)
    ledger.subscribe("handoff.reassigned", tell_reassigned)
    ledger.subscribe("handoff.reopened", tell_reopened)
    ledger.subscribe("handoff.expired", offer_again)
