"""The one place that writes a handoff's status, with the lock, the check and the fact that belong to it.

The verbs beside this module decide what happens; they come here to lock a row, to move it, and to keep it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from crm import access, ledger
from crm.models import Role, User
from crm.states import UnableToMove
from leads import lifecycle
from sla import ladder, verdicts
from sla.models import ACTIVE, MOVES, Handoff, Status

_VERDICTS = ("responded_in_time", "accepted_in_time", "feedback_in_time")
_DECIDED = (
    "status", "decided_at", "decided_by", "escalate_at", *_VERDICTS, "assignee", "team", "deal", "accepted_at",
    "accepted_by",
)  # fmt: skip


def lock(pk: int) -> Handoff:
    """The handoff as it is now, held until the transaction ends."""
    rows = Handoff.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("contact", "lead", "assignee", "terms").get(pk=pk)


def lock_own(pk: int, *, by: User) -> Handoff:
    """Locked for its assignee, their manager or an administrator; from the open queue for anybody in sales.

    The right is checked on the locked row: whoever lost the handoff a moment ago may not answer it.
    """
    row = lock(pk)
    if row.assignee_id is None:
        access.require_role(by, Role.REP, Role.MANAGER)
    elif not access.may_work(by, row.assignee_id):
        access.require_role(by)
    return row


def check(row: Handoff, to: Status) -> str:
    """The status a locked row comes from, or `UnableToMove`."""
    if to not in MOVES[row.status]:
        raise UnableToMove("handoff", str(row.get_status_display()), str(to.label), state=row.status)
    return row.status


def check_running(row: Handoff, *, wanted: str) -> None:
    """`UnableToMove` once it is decided."""
    if row.status not in ACTIVE:
        raise UnableToMove("handoff", str(row.get_status_display()), wanted, state=row.status)


def move(row: Handoff, to: Status) -> str:
    """Set the status of a locked row; gives the one it comes from."""
    came_from = check(row, to)
    row.status = to
    return came_from


def decide(row: Handoff, to: Status, *, by: User | None, at: datetime) -> str:
    """The last move of a handoff: its verdicts are fixed and nobody is told of deadlines any more."""
    came_from = move(row, to)
    row.decided_at, row.decided_by, row.escalate_at = at, by, None
    judge(row, at)
    save(row, *_DECIDED)
    return came_from


def remember(row: Handoff, *, accepted_at: datetime) -> None:
    """A handoff that was converted before it was brought in: no clock ever ran for it."""
    row.status, row.escalate_at = Status.CONVERTED, None
    row.accepted_by = row.decided_by = row.assignee
    row.accepted_at = row.decided_at = accepted_at


def judge(row: Handoff, at: datetime) -> None:
    """Store the verdicts that follow from the facts and the frozen terms."""
    row.responded_in_time = verdicts.responded_in_time(
        first_contact_at=row.first_contact_at, respond_by=row.respond_by, decided_at=row.decided_at, at=at
    )
    row.accepted_in_time = verdicts.accepted_in_time(
        answered_at=answered_at(row), accept_by=row.accept_by, decided_at=row.decided_at, at=at
    )
    row.feedback_in_time = verdicts.feedback_in_time(
        decided_at=row.decided_at, feedback_by=row.feedback_by, at=at
    )


def answered_at(row: Handoff) -> datetime | None:
    """When sales took the lead or refused it."""
    has_refused = row.status in (Status.REJECTED, Status.CONVERTED)
    return row.accepted_at or (row.decided_at if has_refused else None)


def look_again(row: Handoff, *, after: datetime | None = None) -> None:
    """Set when the sweep looks next; without `after` at once where something has passed already."""
    clocks = running_clocks(row)
    row.escalate_at = ladder.next_look(
        row.rungs,
        clocks,
        deadlines=row.deadlines,
        expires_at=row.expires_at if row.is_unanswered else None,
        after=after,
    )


def running_clocks(row: Handoff) -> frozenset[str]:
    return ladder.running_clocks(
        status=row.status,
        is_contacted=row.first_contact_at is not None,
        is_accepted=row.accepted_at is not None,
    )


def assign(row: Handoff, to: User) -> None:
    row.assignee, row.team_id = to, to.team_id
    hand_to([row], at=row.offered_at)


def hand_to(rows: Sequence[Handoff], *, at: datetime) -> None:
    """The assignee owns the lead and the person, and sees the account."""
    lifecycle.give_to(_owners(rows), at=at)
    _show_account(rows)


def begin_round(rows: Sequence[Handoff]) -> None:
    """Leads are handed to sales once more; as `hand_to`, in one statement."""
    lifecycle.count_round([row.lead_id for row in rows], owners=_owners(rows))
    _show_account(rows)


def _owners(rows: Sequence[Handoff]) -> dict[int, int]:
    return {row.lead_id: row.assignee_id for row in rows if row.assignee_id}


def _show_account(rows: Sequence[Handoff]) -> None:
    access.grant((row.account_id, row.assignee_id) for row in rows if row.account_id and row.assignee_id)


def save(row: Handoff, *fields: str) -> None:
    row.save(update_fields=[*fields, "updated_at"])


def moved(row: Handoff, came_from: str, *, by: User | None, at: datetime, **details: Any) -> ledger.Fact:
    """The transition as the ledger keeps it; its kind is named for the status reached."""
    kind = f"handoff.{row.status}"
    return fact(kind, row, by, at, from_state=came_from, to_state=row.status, **details)


def fact(kind: str, row: Handoff, by: User | None, at: datetime, **details: Any) -> ledger.Fact:
    return ledger.Fact(
        kind=kind,
        subject=("handoff", row.pk),
        at=at,
        actor=by,
        account_id=row.account_id,
        contact_id=row.contact_id,
        **details,
    )
