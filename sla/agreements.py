"""The life of an agreement: drafted, proposed, signed by both sides, in force, superseded."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from crm import access, ledger
from crm.models import Role, User
from crm.states import Refused, UnableToMove
from leads import lifecycle
from sla import terms
from sla.drafts import EDITORS, fact, lock
from sla.drafts import draft_from as draft_from
from sla.drafts import next_version as next_version
from sla.drafts import revise as revise
from sla.models import (
    AGREEMENT_MOVES,
    BINDING,
    Agreement,
    AgreementStatus,
    Side,
    Signature,
)
from sla.querysets import SIDES

# -- proposed, signed -----------------------------------------------------------------------------


def propose(
    agreement: Agreement, *, by: User, at: datetime, effective_from: datetime | None = None
) -> Agreement:
    """Lay a draft before both sides; from now on its text stands still. Without a start it begins when signed."""
    access.require_role(by, Role.MARKETER, Role.MANAGER)
    if effective_from and effective_from < at:
        raise Refused(_("This start lies in the past. Choose a later one."), field="effective_from")
    with transaction.atomic():
        row = lock(agreement)
        if row.status == AgreementStatus.PROPOSED:
            return row
        came_from = _move(row, AgreementStatus.PROPOSED)
        _insist_complete(row)
        row.proposed_at, row.proposed_by, row.effective_from = at, by, effective_from
        row.text = terms.contract_body(row)
        row.save(
            update_fields=["status", "text", "proposed_at", "proposed_by", "effective_from", "updated_at"]
        )
        _record(row, came_from, by=by, at=at)
    return row


def _insist_complete(row: Agreement) -> None:
    if not row.rules.exists():
        raise Refused(
            _("This agreement has no rejection reasons yet. Add at least one before it is proposed.")
        )
    if not row.steps.filter(percent__gte=100).exists():
        raise Refused(_("Say who is told when the first contact is overdue: add a step at 100 %."))


def return_to_draft(agreement: Agreement, *, by: User, at: datetime, reason: str = "") -> Agreement:
    """Take a proposal back to be changed; signatures on it are void. Not once it is in force."""
    access.require_role(by, Role.MARKETER, Role.MANAGER)
    with transaction.atomic():
        row = lock(agreement)
        if row.status == AgreementStatus.DRAFT:
            return row
        _insist_not_begun(row, at)
        came_from = _move(row, AgreementStatus.DRAFT)
        began, row.effective_from = row.effective_from, None
        row.signatures.all().delete()
        row.text = row.proposed_at = row.proposed_by = row.effective_until = None
        row.save()
        _reopen_before(row, began)
        _record(row, came_from, by=by, at=at, reason=reason)
    return row


def _insist_not_begun(row: Agreement, at: datetime) -> None:
    """Its day has come, whether the sweep has been there or not."""
    if row.status == AgreementStatus.SIGNED and row.effective_from and row.effective_from <= at:
        in_force, draft = str(AgreementStatus.IN_FORCE.label), str(AgreementStatus.DRAFT.label)
        raise UnableToMove("agreement", in_force, draft, state=AgreementStatus.IN_FORCE)


def _reopen_before(row: Agreement, began: datetime | None) -> None:
    """The agreement that was to end when this one began goes on."""
    if began:
        before = _same_segment(row).filter(effective_until=began)
        before.exclude(status=AgreementStatus.SUPERSEDED).update(effective_until=None)


def side_of(user: User) -> str:
    """The side a person may sign for; '' for nobody's."""
    return SIDES.get(user.role, "")


def sign(agreement: Agreement, *, by: User, at: datetime, side: str = "") -> Agreement:
    """Put one side's name under a proposal. With both names it is signed, and in force once its start has come.

    Marketers sign for marketing, sales managers for sales; an administrator says for whom.
    """
    side = _signing_side(by, side)
    with transaction.atomic():
        row = lock(agreement)
        known = {signature.side: signature for signature in row.signatures.select_related("user")}
        if side in known and known[side].user_id == by.pk:
            return row
        _insist_may_sign(row, side, known, by)
        digest = terms.digest_of(row.text or {})
        Signature.objects.create(agreement=row, side=side, user=by, signed_at=at, digest=digest)
        ledger.record([fact("agreement.side_signed", row, by, at, data={"side": side, "digest": digest})])
        if len(known) + 1 == len(Side):
            _bind(row, by=by, at=at)
    return row


def deeds_of(agreement: Agreement, user: User) -> list[str]:
    """What this person may do with it now: `edit`, `draft`, `propose`, `sign`, `return`."""
    if not access.is_member(user) or user.role not in (*EDITORS, Role.ADMIN):
        return []
    signed = {signature.side: signature.user_id for signature in agreement.signatures.all()}
    own = side_of(user)
    may_sign = user.pk not in signed.values() and (own not in signed if own else len(signed) < len(Side))
    found = {
        AgreementStatus.DRAFT: ["edit", "propose"],
        AgreementStatus.PROPOSED: [*(["sign"] if may_sign else []), "return"],
        AgreementStatus.SIGNED: ["return"],
    }
    return [*found.get(AgreementStatus(agreement.status), []), "draft"]


def _signing_side(by: User, side: str) -> str:
    access.require_role(by, Role.MARKETER, Role.MANAGER)
    own = side_of(by)
    if own and side in ("", own):
        return own
    if own or side not in Side.values:
        raise Refused(
            _("Say for which side you sign: marketing or sales, and only for your own."), field="side"
        )
    return side


def _insist_may_sign(row: Agreement, side: str, known: dict[str, Signature], by: User) -> None:
    if row.status != AgreementStatus.PROPOSED:
        words = str(row.get_status_display()), str(AgreementStatus.SIGNED.label)
        raise UnableToMove("agreement", *words, state=row.status)
    if side in known:
        raise Refused(
            _("%(person)s has signed for this side.") % {"person": known[side].user}, code="conflict"
        )
    if by.pk in {signature.user_id for signature in known.values()}:
        raise Refused(_("Two different people sign: you have signed for the other side."), code="conflict")


def _bind(row: Agreement, *, by: User | None, at: datetime) -> None:
    """Both names stand under it: fix its period, ending the one before it, and begin if its day has come."""
    came_from = _move(row, AgreementStatus.SIGNED)
    row.effective_from = max(row.effective_from or at, at)
    _end_before(row)
    row.save(update_fields=["status", "effective_from", "updated_at"])
    _record(row, came_from, by=by, at=at)
    if row.effective_from <= at:
        _begin(row, by=by, at=at)


def _end_before(row: Agreement) -> None:
    binding = _same_segment(row).filter(status__in=BINDING)
    begins_later = Q(effective_from__gt=row.effective_from) | Q(
        effective_from=row.effective_from, status=AgreementStatus.SIGNED
    )
    if later := binding.filter(begins_later).first():
        raise Refused(
            _("%(agreement)s begins later for the same leads. Take it back first.") % {"agreement": later},
            code="conflict",
        )
    before = binding.filter(Q(effective_until=None) | Q(effective_until__gt=row.effective_from))
    before.update(effective_until=row.effective_from)


def _same_segment(row: Agreement) -> Any:
    return Agreement.objects.filter(segment=row.segment_id).exclude(pk=row.pk)


# -- in force -------------------------------------------------------------------------------------


def found(agreement: Agreement, *, at: datetime) -> Agreement:
    """Put a company's first agreement in force before there is anybody to sign it."""
    with transaction.atomic():
        row = lock(agreement)
        row.effective_from, row.text = at, terms.contract_body(row)
        _begin(row, by=None, at=at)
    return row


def begin_due(*, at: datetime) -> list[Agreement]:
    """Put signed agreements in force whose start has come; two sweeps at once do it once."""
    with transaction.atomic():
        due = Agreement.objects.filter(status=AgreementStatus.SIGNED, effective_from__lte=at)
        rows = due.select_for_update(of=("self",), no_key=True, skip_locked=True)
        return [_begin(row, by=None, at=at) for row in rows.order_by("effective_from", "pk")]


def _begin(row: Agreement, *, by: User | None, at: datetime) -> Agreement:
    """In force. Running handoffs keep the terms they were offered under; who meets the new definition qualifies."""
    for old in _same_segment(row).filter(status=AgreementStatus.IN_FORCE).select_for_update(no_key=True):
        old.status, old.effective_until = AgreementStatus.SUPERSEDED, row.effective_from
        old.save(update_fields=["status", "effective_until", "updated_at"])
        _record(old, AgreementStatus.IN_FORCE, by=by, at=at)
    came_from = _move(row, AgreementStatus.IN_FORCE)
    row.activated_by = by
    row.save(update_fields=["status", "text", "effective_from", "activated_by", "updated_at"])
    _record(row, came_from, by=by, at=at)
    lifecycle.adopt(row.definition, segment=row.segment, by=by, at=at)
    return row


def _move(row: Agreement, to: AgreementStatus) -> str:
    """Set the status of a locked row; gives the one it comes from, or raises `UnableToMove`."""
    if to not in AGREEMENT_MOVES[row.status]:
        raise UnableToMove("agreement", str(row.get_status_display()), str(to.label), state=row.status)
    came_from, row.status = row.status, to
    return came_from


def _record(row: Agreement, came_from: str, *, by: User | None, at: datetime, reason: str = "") -> None:
    kind = f"agreement.{row.status}"
    ledger.record([fact(kind, row, by, at, from_state=came_from, to_state=row.status, reason=reason)])
