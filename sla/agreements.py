"""The life of an agreement: drafted, proposed, signed by both sides, in force, superseded."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max, Q
from django.utils.translation import gettext as _

from crm import access, ledger
from crm.models import Role, User
from crm.states import Refused, UnableToMove
from leads import lifecycle
from leads.models import MqlDefinition
from sla import terms
from sla.models import (
    AGREEMENT_MOVES,
    BINDING,
    Agreement,
    AgreementStatus,
    EscalationStep,
    ReasonRule,
    Side,
    Signature,
)

_COPIED = (
    "title", "segment", "calendar", "business_hours", "leave_stops_clock", "response_hours", "response_counts",
    "attempts", "channels", "accept_hours", "feedback_hours", "expire_hours", "after_expiry", "routing",
    "max_pauses", "pause_days", "sql_fields", "max_rounds", "monthly_mqls", "acceptance_rate", "completeness",
)  # fmt: skip
_DEFINED = ("threshold", "required_fields", "minimum_grade", "hand_raises", "consent_required")
SIDES = {Role.MARKETER: Side.MARKETING, Role.MANAGER: Side.SALES}


def next_version() -> int:
    return (Agreement.objects.aggregate(last=Max("version"))["last"] or 0) + 1


def draft_from(agreement: Agreement, *, by: User, at: datetime) -> Agreement:
    """A new draft with the same terms, to be changed before it is proposed."""
    access.require_role(by, Role.MARKETER, Role.MANAGER)
    with transaction.atomic():
        old = agreement.definition
        definition = MqlDefinition.objects.create(**{name: getattr(old, name) for name in _DEFINED})
        copied = {name: getattr(agreement, name) for name in _COPIED}
        draft = Agreement.objects.create(version=next_version(), definition=definition, **copied)
        for kind in (ReasonRule, EscalationStep):
            rows = kind.objects.filter(agreement=agreement).order_by("pk")
            kind.objects.bulk_create([_copy_of(row, draft) for row in rows])
        ledger.record([_fact("agreement.drafted", draft, by, at)])
    return draft


def _copy_of(row: Any, draft: Agreement) -> Any:
    row.pk, row.agreement = None, draft
    row._state.adding = True
    return row


# -- proposed, signed -----------------------------------------------------------------------------


def propose(
    agreement: Agreement, *, by: User, at: datetime, effective_from: datetime | None = None
) -> Agreement:
    """Lay a draft before both sides; from now on its text stands still. Without a start it begins when signed."""
    access.require_role(by, Role.MARKETER, Role.MANAGER)
    if effective_from and effective_from < at:
        raise Refused(_("This start lies in the past. Choose a later one."), field="effective_from")
    with transaction.atomic():
        row = _lock(agreement)
        if row.status == AgreementStatus.PROPOSED:
            return row
        came_from = _move(row, AgreementStatus.PROPOSED)
        _insist_complete(row)
        row.proposed_at, row.proposed_by, row.effective_from = at, by, effective_from
        row.save(update_fields=["status", "proposed_at", "proposed_by", "effective_from", "updated_at"])
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
        row = _lock(agreement)
        if row.status == AgreementStatus.DRAFT:
            return row
        came_from = _move(row, AgreementStatus.DRAFT)
        _reopen_before(row)
        row.signatures.all().delete()
        row.proposed_at = row.proposed_by = row.effective_from = None
        row.save(update_fields=["status", "proposed_at", "proposed_by", "effective_from", "updated_at"])
        _record(row, came_from, by=by, at=at, reason=reason)
    return row


def _reopen_before(row: Agreement) -> None:
    """The agreement that was to end when this one began goes on."""
    if row.effective_from:
        before = _same_segment(row).filter(effective_until=row.effective_from)
        before.exclude(status=AgreementStatus.SUPERSEDED).update(effective_until=None)


def side_of(user: User) -> str:
    """The side a person may sign for; '' for nobody's."""
    return SIDES.get(Role(user.role), "")


def sign(agreement: Agreement, *, by: User, at: datetime, side: str = "") -> Agreement:
    """Put one side's name under a proposal. With both names it is signed, and in force once its start has come.

    Marketers sign for marketing, sales managers for sales; an administrator says for whom.
    """
    side = _signing_side(by, side)
    with transaction.atomic():
        row = _lock(agreement)
        known = {signature.side: signature for signature in row.signatures.select_related("user")}
        if side in known and known[side].user_id == by.pk:
            return row
        _insist_may_sign(row, side, known, by)
        digest = terms.digest_of(terms.contract_body(row))
        Signature.objects.create(agreement=row, side=side, user=by, signed_at=at, digest=digest)
        ledger.record([_fact("agreement.side_signed", row, by, at, data={"side": side, "digest": digest})])
        if len(known) + 1 == len(Side):
            _bind(row, by=by, at=at)
    return row


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
        raise UnableToMove("agreement", str(row.get_status_display()), str(AgreementStatus.SIGNED.label))
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
        row = _lock(agreement)
        row.effective_from = at
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
    row.save(update_fields=["status", "effective_from", "activated_by", "updated_at"])
    _record(row, came_from, by=by, at=at)
    lifecycle.adopt(row.definition, segment=row.segment, by=by, at=at)
    return row


def _lock(agreement: Agreement) -> Agreement:
    rows = Agreement.objects.select_for_update(of=("self",), no_key=True)
    row: Agreement = rows.select_related("segment", "definition", "calendar").get(pk=agreement.pk)
    return row


def _move(row: Agreement, to: AgreementStatus) -> str:
    """Set the status of a locked row; gives the one it comes from, or raises `UnableToMove`."""
    if to not in AGREEMENT_MOVES[row.status]:
        raise UnableToMove("agreement", str(row.get_status_display()), str(to.label))
    came_from, row.status = row.status, to
    return came_from


def _record(row: Agreement, came_from: str, *, by: User | None, at: datetime, reason: str = "") -> None:
    kind = f"agreement.{row.status}"
    ledger.record([_fact(kind, row, by, at, from_state=came_from, to_state=row.status, reason=reason)])


def _fact(kind: str, row: Agreement, by: User | None, at: datetime, **details: Any) -> ledger.Fact:
    data = {"version": row.version, **details.pop("data", {})}
    return ledger.Fact(kind=kind, subject=("agreement", row.pk), at=at, actor=by, data=data, **details)
