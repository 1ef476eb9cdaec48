"""What sales asks marketing to mend: complete a lead's data, or merge it with the other record, and offer it again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from crm import access, ledger
from crm.models import Role, User
from crm.states import Refused
from leads import completeness, lifecycle
from leads.models import RequiredField, Stage
from sla import handoffs
from sla.handoffs import door
from sla.models import DataTask, Handoff


def finish(
    task: DataTask, *, result: str, by: User, at: datetime, offer_again: bool = True
) -> Handoff | None:
    """The data is mended: tick the task off and, unless told otherwise, offer the lead again to who had it.

    Returns the new handoff. Doing it again changes nothing.
    """
    access.require_role(by, Role.MARKETER)
    if not result.strip():
        raise Refused(_("Say in a few words what was mended."), field="result", code="required")
    with transaction.atomic():
        row = (
            DataTask.objects.select_for_update(of=("self",))
            .select_related("handoff__assignee")
            .get(pk=task.pk)
        )
        if row.done_at:
            return None
        row.done_at, row.done_by, row.result = at, by, result.strip()[:200]
        row.save(update_fields=["done_at", "done_by", "result", "updated_at"])
        ledger.record([door.fact("data_task.done", row.handoff, by, at, reason=row.result)])
        if offer_again:
            return _offer_again(row.handoff, by, at)
        _nurture(row.handoff, by, at)
    return None


def missing(task: DataTask) -> list[RequiredField]:
    """What the agreement it came under asks for and nobody knows yet."""
    handoff = task.handoff
    return completeness.missing(handoff.lead, handoff.agreement.definition.required_fields)


def _offer_again(old: Handoff, by: User, at: datetime) -> Handoff | None:
    """To the person who had it, where they still work; a lead that has gone elsewhere meanwhile stays there."""
    if not _is_waiting(old):
        return None
    lifecycle.qualify_by_hand(old.lead_id, by=by, at=at, note=_("Data completed"))
    person = old.assignee if old.assignee and old.assignee.is_active else None
    offered = handoffs.offer([old.lead_id], by=by, at=at, assignee=person, note=_("Data completed"))
    return offered[0] if offered else None


def _nurture(old: Handoff, by: User, at: datetime) -> None:
    if _is_waiting(old):
        lifecycle.nurture([old.lead_id], by=by, at=at)


def _is_waiting(old: Handoff) -> bool:
    """Still where the rejection put it: recycled, without a day to come back by itself."""
    old.lead.refresh_from_db(fields=["stage", "waits_until", "merged_into"])
    return (
        old.lead.stage == Stage.RECYCLED and old.lead.waits_until is None and old.lead.merged_into_id is None
    )
