"""Whose a running handoff is: claimed from the open queue, or given to somebody else by a manager."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from crm import access, ledger
from crm.models import Role, User
from crm.states import Refused, UnableToMove
from sla.handoffs import door
from sla.models import ACTIVE, Handoff, Status


def claim(handoff: Handoff, *, by: User, at: datetime) -> Handoff:
    """Take a handoff from the open queue; the first to claim owns it."""
    access.require_role(by, Role.REP, Role.MANAGER)
    with transaction.atomic():
        row = door.lock(handoff.pk)
        if row.assignee_id == by.pk:
            return row
        if row.assignee_id is not None or row.status != Status.OPEN:
            taken = _("taken by %(person)s") % {"person": row.assignee}
            raise UnableToMove("handoff", taken, _("yours"), state=row.status)
        door.assign(row, by)
        door.save(row, "assignee", "team")
        ledger.record([door.fact("handoff.claimed", row, by, at, data={"assignee": by.pk})])
    return row


def reassign(handoff: Handoff, *, to: User, by: User, at: datetime, note: str = "") -> Handoff:
    """A manager gives a running handoff to somebody else; its due times stay as promised."""
    handed = reassign_all([handoff], to=to, by=by, at=at, note=note)
    for late in handed.late:
        door.check_running(late, wanted=_("reassigned"))
    return (handed.given + handed.theirs)[0]


@dataclass(frozen=True, slots=True)
class Handed:
    """What became of handoffs given away together: those that moved, those that were theirs, and those decided on."""

    given: list[Handoff]
    theirs: list[Handoff]
    late: list[Handoff]


def reassign_all(handoffs: Sequence[Handoff], *, to: User, by: User, at: datetime, note: str = "") -> Handed:
    """A manager gives many running handoffs to one person. What was decided on meanwhile is left alone and named."""
    access.require_role(by, Role.MANAGER)
    _require_sales(to)
    with transaction.atomic():
        rows = [door.lock(pk) for pk in sorted(row.pk for row in handoffs)]
        late = [row for row in rows if row.status not in ACTIVE]
        theirs = [row for row in rows if row.status in ACTIVE and row.assignee_id == to.pk]
        given = [row for row in rows if row.status in ACTIVE and row.assignee_id != to.pk]
        ledger.record([_give(row, to, by, at, note) for row in given])
    return Handed(given, theirs, late)


def _give(row: Handoff, to: User, by: User, at: datetime, note: str) -> ledger.Fact:
    data = {"from": row.assignee_id, "assignee": to.pk}
    door.assign(row, to)
    door.save(row, "assignee", "team")
    return door.fact("handoff.reassigned", row, by, at, reason=note[:200], data=data)


def _require_sales(person: User) -> None:
    if not person.is_active or person.role not in (Role.REP, Role.MANAGER):
        raise Refused(
            _("%(person)s does not work leads. Choose an active person in sales.") % {"person": person},
            field="assignee",
        )
