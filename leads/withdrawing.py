"""Taking events back (a bot's clicks, a mistake) and counting them again: the lead is summed anew, never subtracted.

A lead that became an MQL by them stays one: sales has been told, and says itself what it thinks of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F, Max, OuterRef, QuerySet, Subquery

from crm import ledger
from crm.models import User
from leads import lifecycle, scoring_models
from leads.models import BehaviourEvent, Lead, LeadScore

MOST_AT_ONCE = 10_000


def withdraw(events: Iterable[BehaviourEvent], *, reason: str, by: User | None, at: datetime) -> int:
    """Count these no longer; those that do not count already are left alone. Returns how many were taken back."""
    with transaction.atomic():
        rows = _locked([event.pk for event in events], BehaviourEvent.objects.counted())
        if not rows:
            return 0
        BehaviourEvent.objects.filter(pk__in=rows).update(withdrawn_at=at)
        _sum_anew(rows.values(), kind="lead.events_withdrawn", reason=reason, by=by, at=at)
    return len(rows)


def restore(events: Iterable[BehaviourEvent], *, by: User | None, at: datetime) -> int:
    """Count these again, at the time they happened; who reaches the bar by them is an MQL."""
    with transaction.atomic():
        rows = _locked([event.pk for event in events], BehaviourEvent.objects.withdrawn())
        if not rows:
            return 0
        BehaviourEvent.objects.filter(pk__in=rows).update(withdrawn_at=None)
        leads = _sum_anew(rows.values(), kind="lead.events_restored", reason="", by=by, at=at)
        lifecycle.qualify(leads, at=at, by=by)
    return len(rows)


def named(source: str, ids: Sequence[str], *, seen_by: User) -> QuerySet[BehaviourEvent]:
    """Events as the tool that sent them calls them."""
    return BehaviourEvent.objects.visible_to(seen_by).filter(source=source, external_id__in=list(ids))


def happened(
    *,
    since: datetime,
    until: datetime,
    seen_by: User,
    source: str = "",
    kind: str = "",
    lead: int | None = None,
) -> QuerySet[BehaviourEvent]:
    """Counted events of a period, of one source, kind or lead; the end of the period is outside it."""
    rows = BehaviourEvent.objects.visible_to(seen_by).counted()
    rows = rows.filter(occurred_at__gte=since, occurred_at__lt=until)
    told = {"source": source, "kind": kind, "lead": lead}
    found: QuerySet[BehaviourEvent] = rows.filter(**{name: value for name, value in told.items() if value})
    return found


def _locked(ids: Sequence[int], among: QuerySet[BehaviourEvent]) -> dict[int, int]:
    """Event → lead, held until the transaction ends."""
    rows = among.filter(pk__in=ids).order_by("pk").select_for_update()
    return dict(rows.values_list("pk", "lead"))


def _sum_anew(
    leads: Iterable[int], *, kind: str, reason: str, by: User | None, at: datetime
) -> list[int]:
    """The scores are locked first: an event that arrives meanwhile is in the sum, or is added to it afterwards."""
    concerned = sorted(set(leads))
    lock_scores(concerned)
    scoring_models.resum(concerned, scoring_models.rules_of(scoring_models.active()))
    _date_anew(concerned)
    ledger.record([_fact(kind, lead, reason, by, at) for lead in _in_order(concerned)])
    return concerned


def _date_anew(leads: Sequence[int]) -> None:
    """A bot's click was no sign of life."""
    counted = BehaviourEvent.objects.counted().filter(lead=OuterRef("lead")).order_by().values("lead")
    latest = counted.annotate(latest=Max(F("occurred_at"))).values("latest")
    LeadScore.objects.filter(lead__in=leads).update(active_at=Subquery(latest))


def lock_scores(leads: Sequence[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM leads_leadscore WHERE lead_id = ANY(%s) ORDER BY lead_id FOR NO KEY UPDATE",
            [list(leads)],
        )


def _in_order(leads: Sequence[int]) -> QuerySet[Lead]:
    return Lead.objects.filter(pk__in=leads).order_by("pk")


def _fact(kind: str, lead: Lead, reason: str, by: User | None, at: datetime) -> ledger.Fact:
    return ledger.Fact(
        kind=kind,
        subject=("lead", lead.pk),
        at=at,
        actor=by,
        account_id=lead.account_id,
        contact_id=lead.contact_id,
        reason=reason,
    )
