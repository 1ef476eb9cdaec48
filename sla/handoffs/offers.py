"""MQLs are offered to sales: in batches by themselves, or one by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from crm import access, ledger
from crm.bulk import insert_missing
from crm.models import Role, User
from crm.states import Refused
from leads import lifecycle
from leads.models import Lead, Stage
from leads.scoring import reading
from sla import brief, feedback, offering, routing, seating
from sla.handoffs import door
from sla.models import ACTIVE, Agreement, Handoff, Status

_INSERTED = (
    "lead", "contact", "account", "agreement", "terms", "assignee", "team", "status", "round", "note",
    "score_at_handoff", "grade", "brief", "routed", "offered_at", "warn_at", "respond_by", "accept_by", "expires_at",
    "feedback_by", "schedule", "escalate_at", "updated_at",
)  # fmt: skip
# What is asked of a lead that is handed over; many are at once.
OFFERED = ("contact", "account__owner", "rounds", "score__rank", "score__grade", "score__segment")
# A lead that became an MQL longer ago than this and was never offered was brought in as history.
FORGOTTEN_WITHIN = timedelta(days=7)


def offer(
    leads: Sequence[int],
    *,
    by: User | None,
    at: datetime,
    assignee: User | None = None,
    note: str = "",
    to_queue: Iterable[int] = (),
) -> list[Handoff]:
    """Hand MQLs to sales, each under the agreement in force for its segment.

    Leads with a running handoff, and those no agreement is for, are left alone. `to_queue` are leads that wait in
    the open queue for whoever claims them.
    """
    in_force = Agreement.objects.by_segment()
    if not in_force:
        raise Refused(_("No agreement is in force. Put one in force before leads are handed over."))
    with transaction.atomic():
        ready = lock_ready(leads, only=OFFERED)
        under = {lead: agreement for lead in ready if (agreement := _agreement_for(lead, in_force))}
        if not under:
            return []
        agreements = {lead.pk: agreement for lead, agreement in under.items()}
        rules = reading.in_force()
        briefs = brief.briefs_for(list(under), rules, at=at)  # before others have to wait for who gets what
        people = (
            _named(under, assignee)
            if assignee
            else seating.choose(list(under), agreements, at=at, to_queue=frozenset(to_queue))
        )
        offers = [offering.Offer(lead, agreement, people[lead.pk]) for lead, agreement in under.items()]
        return _insert(offering.build(offers, briefs, rules.decay, at=at, note=note), by=by, at=at)


def _agreement_for(lead: Lead, in_force: Mapping[int | None, Agreement]) -> Agreement | None:
    return in_force.get(lead.score.segment_id) or in_force.get(None)


def lock_ready(leads: Sequence[int], *, only: Sequence[str]) -> list[Lead]:
    """MQLs without a running handoff, locked in the order of their keys, with these columns of them."""
    waiting = Lead.objects.filter(pk__among=leads, stage=Stage.MQL, merged_into=None)
    waiting = waiting.exclude(pk__in=Handoff.objects.running().filter(lead__among=leads).values("lead"))
    rows = waiting.select_related("account", "score").only(*only).order_by("pk")
    return list(rows.select_for_update(of=("self",), no_key=True))


def _named(leads: Iterable[Lead], assignee: User) -> dict[int, routing.Choice]:
    if not assignee.is_active:
        raise Refused(
            _("%(person)s no longer works here. Choose somebody else.") % {"person": assignee},
            field="assignee",
        )
    return {lead.pk: routing.Choice(lead.pk, assignee.pk, {"rule": "named"}) for lead in leads}


def _insert(rows: list[Handoff], *, by: User | None, at: datetime) -> list[Handoff]:
    for row in rows:
        row.updated_at = at
    by_lead = {row.lead_id: row for row in rows}
    offered = []
    for pk, lead in insert_missing(rows, fields=_INSERTED, returning=("id", "lead")):
        by_lead[lead].pk = pk
        offered.append(by_lead[lead])
    _note_assets(offered)
    door.begin_round(offered)
    ledger.record([_offered_fact(row, by, at) for row in offered])
    return offered


def _note_assets(rows: Iterable[Handoff]) -> None:
    slugs = {row.pk: [item["asset"] for item in row.brief["read"]] for row in rows}
    feedback.note_assets(slugs)


def _offered_fact(row: Handoff, by: User | None, at: datetime) -> ledger.Fact:
    data = {
        "assignee": row.assignee_id,
        "respond_by": row.respond_by.isoformat(),
        "score": row.score_at_handoff,
        "round": row.round,
    }
    return door.fact(
        "handoff.offered",
        row,
        by,
        at,
        to_state=Status.OPEN,
        reason=row.note,
        data=data | {"routed": row.routed},
    )


def hand_over(lead: Lead, *, by: User, at: datetime, assignee: User | None = None, note: str = "") -> Handoff:
    """Hand over one lead by hand, whatever its score."""
    access.require_role(by, Role.MARKETER, Role.MANAGER)
    with transaction.atomic():
        lead = Lead.objects.select_for_update(no_key=True).get(pk=lead.pk)
        if lead.handoffs.running().exists():
            raise Refused(_("This lead has been handed over already. Open that handoff."), code="conflict")
        if lead.stage != Stage.MQL:
            lifecycle.qualify_by_hand(lead.pk, by=by, at=at, note=note)
        if offered := offer([lead.pk], by=by, at=at, assignee=assignee, note=note):
            return offered[0]
        raise Refused(_("No agreement is in force for leads like this one. Put one in force first."))


def hand_over_all(
    leads: Sequence[int], *, by: User, at: datetime, assignee: User | None = None, note: str = ""
) -> list[Handoff]:
    """Hand over many by hand, whatever their scores. Leads with a running handoff, those that cannot become MQLs and
    those no agreement is for stay as they are."""
    access.require_role(by, Role.MARKETER, Role.MANAGER)
    in_force = Agreement.objects.by_segment()
    with transaction.atomic():
        rows = Lead.objects.filter(pk__among=leads, merged_into=None).select_related("score").order_by("pk")
        free = rows.exclude(pk__in=Handoff.objects.running().filter(lead__among=leads).values("lead"))
        locked = free.select_for_update(of=("self",), no_key=True)
        ready = [row for row in locked if _agreement_for(row, in_force)]
        lifecycle.handpick([row.pk for row in ready if row.stage != Stage.MQL], by=by, at=at, note=note)
        return offer([row.pk for row in ready], by=by, at=at, assignee=assignee, note=note)


def offer_forgotten(*, at: datetime) -> list[Handoff]:
    """Recent MQLs that never got a handoff, or lost theirs: what a lost message left behind."""
    recent = Lead.objects.filter(stage=Stage.MQL, qualified_at__gt=at - FORGOTTEN_WITHIN, merged_into=None)
    forgotten = recent.exclude(handoffs__status__in=ACTIVE).order_by("pk").values_list("pk", flat=True)
    leads = list(forgotten[:1000])
    return offer(leads, by=None, at=at) if leads and Agreement.objects.in_force().exists() else []
