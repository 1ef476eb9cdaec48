"""A running handoff is put under the agreement now in force: a manager's recorded deed, never a side effect."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from crm import access, ledger
from crm.models import Role, User
from crm.states import Refused
from sla import offering, terms
from sla.handoffs import door, pauses
from sla.models import Agreement, Handoff


def rebase(handoff: Handoff, *, note: str, by: User, at: datetime) -> Handoff:
    """Freeze the terms in force for a running handoff and compute its due times anew, from when it was offered."""
    access.require_role(by, Role.MANAGER)
    if not note.strip():
        raise Refused(_("Say why other terms should hold for this handoff."), field="note", code="required")
    with transaction.atomic():
        row = door.lock_own(handoff.pk, by=by)
        door.check_running(row, wanted=_("under new terms"))
        pauses.end_open(row, at=at)
        before = {"terms": row.terms_id, "respond_by": row.respond_by.isoformat()}
        _freeze_anew(row, at)
        if row.terms_id == before["terms"]:
            return row
        door.judge(row, at)
        door.look_again(row)
        row.save()
        data = {"before": before, "terms": row.terms_id, "respond_by": row.respond_by.isoformat()}
        ledger.record([door.fact("handoff.rebased", row, by, at, reason=note.strip(), data=data)])
    return row


def _freeze_anew(row: Handoff, at: datetime) -> None:
    in_force = Agreement.objects.by_segment()
    agreement = in_force.get(row.lead.score.segment_id) or in_force.get(None)
    if agreement is None:
        raise Refused(_("No agreement is in force for leads like this one."))
    seller = row.assignee
    off = (
        terms.days_off([seller.pk], at=at)[seller.pk]
        if seller and agreement.leave_stops_clock
        else frozenset()
    )
    row.agreement = agreement
    row.terms = terms.freeze(
        agreement, terms.calendar_for(agreement, seller), at=row.offered_at, days_off=off
    )
    due = offering.due_times(row.terms, offered_at=row.offered_at)
    for name, value in offering.dues_of(due).items():
        setattr(row, name, value)
    pauses.repeat(row)
