"""Taking events back (a bot's clicks, a mistake) and counting them again: the lead is summed anew, never subtracted.

A lead that became an MQL by them stays one: sales has been told, and says itself what it thinks of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Max, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from crm import access, ledger
from crm.models import User
from crm.states import Refused
from leads import lifecycle
from leads.events.recording import KINDS
from leads.facts import about
from leads.models import BehaviourEvent, Lead, LeadScore
from leads.querysets import EventQuerySet
from leads.scoring import force, recounting, versions

MOST_AT_ONCE = 10_000


def withdraw(events: Iterable[BehaviourEvent], *, reason: str, by: User | None, at: datetime) -> int:
    """Count these no longer; those that do not count already are left alone. Returns how many were taken back.

    This is marketing's to do. `by` is None where the tool itself takes back what it sent.
    """
    _insist_on_marketing(by)
    with transaction.atomic():
        rows = _locked([event.pk for event in events], BehaviourEvent.objects.counted())
        if not rows:
            return 0
        BehaviourEvent.objects.filter(pk__in=rows).update(withdrawn_at=at)
        _sum_anew(rows.values(), kind="lead.events_withdrawn", reason=reason, by=by, at=at)
    return len(rows)


def restore(events: Iterable[BehaviourEvent], *, by: User | None, at: datetime) -> int:
    """Count these again, at the time they happened; who reaches the bar by them is an MQL."""
    _insist_on_marketing(by)
    with transaction.atomic():
        rows = _locked([event.pk for event in events], BehaviourEvent.objects.withdrawn())
        if not rows:
            return 0
        BehaviourEvent.objects.filter(pk__in=rows).update(withdrawn_at=None)
        leads = _sum_anew(rows.values(), kind="lead.events_restored", reason="", by=by, at=at)
        lifecycle.qualify(leads, at=at, by=by)
    return len(rows)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which events are meant: as their tool calls them, or all of a period of one source, kind or lead."""

    source: str = ""
    external_ids: Sequence[str] = ()
    kind: str = ""
    lead: int | None = None
    since: datetime | None = None
    until: datetime | None = None


def chosen(choice: Choice, *, seen_by: User) -> EventQuerySet:
    """The events a person means, as far as they see them; refused where too much could be meant."""
    _insist_on_sense(choice)
    told = {
        "source": choice.source,
        "kind": choice.kind,
        "lead": choice.lead,
        "external_id__in": list(choice.external_ids),
        "occurred_at__gte": choice.since,
        "occurred_at__lt": choice.until,
    }
    rows = BehaviourEvent.objects.visible_to(seen_by).filter(
        **{name: value for name, value in told.items() if value}
    )
    if rows[: MOST_AT_ONCE + 1].count() > MOST_AT_ONCE:
        message = _("These are more than %(most)s events. Choose a shorter period.")
        raise Refused(message % {"most": f"{MOST_AT_ONCE:,}"}, field="until")
    found: EventQuerySet = rows
    return found


def _insist_on_sense(choice: Choice) -> None:
    if choice.kind and choice.kind not in KINDS:
        raise Refused(_("Choose one of: %s.") % ", ".join(sorted(KINDS)), field="kind", code="invalid_choice")
    if choice.external_ids:
        if not choice.source:
            raise Refused(_("Say which source these ids are of."), field="source", code="required")
        return
    if not (choice.since and choice.until):
        message = _("Name the events by their ids, or give the period they lie in.")
        raise Refused(message, field="external_ids", code="required")
    if choice.since >= choice.until:
        raise Refused(_("The period has to end after it begins."), field="until")
    if not (choice.source or choice.lead):
        raise Refused(_("Say which source or which lead is meant."), field="source", code="required")


def may_withdraw(user: User) -> bool:
    return access.sees_everything(user)


def _insist_on_marketing(by: User | None) -> None:
    if by is not None and not may_withdraw(by):
        raise PermissionDenied(_("Only marketing may take behaviour back."))


def _locked(ids: Sequence[int], among: QuerySet[BehaviourEvent]) -> dict[int, int]:
    """Event → lead, held until the transaction ends: the scores first, as whoever counts does."""
    force.stay()
    recounting.hold(among.filter(pk__in=ids).values_list("lead", flat=True))
    rows = among.filter(pk__in=ids).order_by("pk").select_for_update()
    return dict(rows.values_list("pk", "lead"))


def _sum_anew(leads: Iterable[int], *, kind: str, reason: str, by: User | None, at: datetime) -> list[int]:
    """The scores are held: an event that arrives meanwhile is in the sum, or is added to it afterwards."""
    concerned = sorted(set(leads))
    versions.recount(concerned, versions.in_force(), resum_all=True)
    _date_anew(concerned)
    ledger.record([about(lead, kind, by=by, at=at, reason=reason) for lead in _in_order(concerned)])
    return concerned


def _date_anew(leads: Sequence[int]) -> None:
    """A bot's click was no sign of life."""
    counted = BehaviourEvent.objects.counted().filter(lead=OuterRef("lead")).order_by().values("lead")
    latest = counted.annotate(latest=Max(F("occurred_at"))).values("latest")
    LeadScore.objects.filter(lead__in=leads).update(active_at=Subquery(latest))


def _in_order(leads: Sequence[int]) -> QuerySet[Lead]:
    return Lead.objects.filter(pk__in=leads).order_by("pk")
