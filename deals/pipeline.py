"""The only writer of a deal's stage: open, move, win, lose, reopen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm import access, ledger
from crm.models import Contact, Role, User
from crm.states import Moves, Refused, UnableToMove
from deals import committee
from deals.models import Deal, DealOutcome, DealStage, LossReason, Product
from leads import lifecycle
from leads.models import Lead, Stage

# Between open stages a deal moves freely; what is closed is closed until somebody reopens it.
MOVES: Moves = {
    DealOutcome.OPEN: frozenset({DealOutcome.OPEN, DealOutcome.WON, DealOutcome.LOST}),
    DealOutcome.WON: frozenset(),
    DealOutcome.LOST: frozenset({DealOutcome.OPEN}),
}


@dataclass(frozen=True, slots=True)
class Opening:
    """What is known when a deal is opened."""

    name: str
    owner: User
    amount: Decimal | None = None
    currency: str = "JPY"
    expected_close_on: date | None = None
    contact: Contact | None = None
    account_id: int | None = None
    lead: Lead | None = None
    product: Product | None = None
    stage: DealStage | None = None
    engaged_at: datetime | None = None
    external_id: str = ""


def first_stage() -> DealStage:
    stage = DealStage.objects.open().in_order().first()
    if stage is None:
        raise Refused(_("The pipeline has no open stage yet. Add one in the admin under Deal stages."))
    return stage


def closing_stage(outcome: str) -> DealStage:
    stage = DealStage.objects.filter(outcome=outcome).first()
    if stage is None:
        raise Refused(
            _("The pipeline has no stage for this outcome. Add one in the admin under Deal stages.")
        )
    return stage


def open_by_hand(opening: Opening, *, by: User, at: datetime) -> Deal:
    """Open one deal without a handoff: for oneself, or as a manager for somebody of the team."""
    access.require_role(by, Role.REP, Role.MANAGER)
    _require_own(opening.owner.pk, by)
    if opening.stage and opening.stage.outcome != DealOutcome.OPEN:
        raise Refused(_("A deal starts in an open stage. Open it first, then close it."), field="stage")
    return open_deals([opening], by=by, at=at)[0]


def _require_own(owner: int, by: User | None) -> None:
    """The owner, their manager or an administrator; without a person it is the system's own deed."""
    if by is not None and not access.may_work(by, owner):
        access.require_role(by)


def open_deals(openings: Sequence[Opening], *, by: User | None, at: datetime) -> list[Deal]:
    """Open deals, in one transaction; the owner gets access to the account."""
    start = first_stage()
    _insist_on_new_ids(openings)
    with transaction.atomic():
        deals = Deal.objects.bulk_create([_row(opening, start, at) for opening in openings])
        access.grant((deal.account_id, deal.owner_id) for deal in deals if deal.account_id)
        for deal in deals:
            committee.seat_first(deal, by=by, at=at)
        ledger.record([_fact("deal.opened", deal, by, at, to_state=deal.stage.code) for deal in deals])
    return deals


def _insist_on_new_ids(openings: Sequence[Opening]) -> None:
    ids = [opening.external_id for opening in openings if opening.external_id]
    if ids and Deal.objects.filter(external_id__in=ids).exists():
        message = _("Another deal has this external id. Open that one instead.")
        raise Refused(message, field="external_id", code="unique")


def _row(opening: Opening, start: DealStage, at: datetime) -> Deal:
    contact = opening.contact or (opening.lead.contact if opening.lead else None)
    return Deal(
        name=opening.name,
        owner=opening.owner,
        amount=opening.amount,
        currency=opening.currency,
        expected_close_on=opening.expected_close_on,
        contact=contact,
        account_id=opening.account_id or (contact.account_id if contact else None),
        lead=opening.lead,
        product=opening.product,
        stage=opening.stage or start,
        stage_at=at,
        opened_at=at,
        engaged_at=opening.engaged_at,
        external_id=opening.external_id,
    )


@dataclass(frozen=True, slots=True)
class Past:
    """A deal as another system knew it: the stage it reached, and when and why it was closed."""

    opening: Opening
    stage: DealStage
    closed_at: datetime | None = None
    lost_reason: LossReason | None = None

    def since(self, at: datetime) -> datetime:
        return self.closed_at or self.opening.engaged_at or at


def bring_in(rows: Sequence[Past], *, by: User | None, at: datetime) -> list[Deal]:
    """Take deals over in the state they are in; `deal.imported` tells it, and nobody is called to act."""
    with transaction.atomic():
        deals = Deal.objects.bulk_create([_past_row(past, at) for past in rows], batch_size=2000)
        access.grant((deal.account_id, deal.owner_id) for deal in deals if deal.account_id)
        facts = [_fact("deal.imported", deal, by, deal.stage_at, to_state=deal.stage.code) for deal in deals]
        ledger.record(facts)
    return deals


def _past_row(past: Past, at: datetime) -> Deal:
    row = _row(past.opening, past.stage, past.since(at))
    row.opened_at = past.opening.engaged_at or row.stage_at
    row.closed_at, row.lost_reason = past.closed_at, past.lost_reason
    return row


def close_imported(deal: Deal, past: Past, *, by: User | None, at: datetime) -> Deal:
    """The other system closed a deal that was open when it was brought in."""
    return _transition(
        deal, past.stage, "deal.imported", by=by, at=past.since(at), lost_reason=past.lost_reason
    )


def edit(deal: Deal, *, by: User | None, at: datetime, **changes: Any) -> Deal:
    """Change name, amount, dates, product or owner; the stage moves by its own deeds."""
    forbidden = set(changes) - {
        "name",
        "amount",
        "currency",
        "expected_close_on",
        "product",
        "owner",
        "contact",
        "account",
    }
    assert not forbidden, f"not editable: {forbidden}"
    _require_own(deal.owner_id, by)
    with transaction.atomic():
        deal = _locked(deal)
        before = {field: getattr(deal, field) for field in changes}
        changed = {field: value for field, value in changes.items() if before[field] != value}
        for field, value in changed.items():
            setattr(deal, field, value)
        if changed:
            deal.save(update_fields=[*changed, "updated_at"])
            data = {
                field: [ledger.plain(before[field]), ledger.plain(value)] for field, value in changed.items()
            }
            ledger.record([_fact("deal.edited", deal, by, at, data=data)])
            if "owner" in changed and deal.account_id:
                access.grant([(deal.account_id, deal.owner_id)])
    return deal


def move(deal: Deal, stage: DealStage, *, by: User, at: datetime) -> Deal:
    """Move between open stages."""
    _require_own(deal.owner_id, by)
    if stage.outcome != DealOutcome.OPEN:
        raise Refused(_("Close a deal with “won” or “lost”, so that the reason is kept."), field="stage")
    return _transition(deal, stage, "deal.moved", by=by, at=at)


def win(deal: Deal, *, by: User | None, at: datetime, note: str = "") -> Deal:
    """Won: the lead becomes a customer."""
    _require_own(deal.owner_id, by)
    with transaction.atomic():
        deal = _transition(
            deal, closing_stage(DealOutcome.WON), "deal.won", by=by, at=at, reason=note, close_note=note
        )
        if deal.lead_id and _lead_stage(deal) == Stage.SQL:
            lifecycle.win([deal.lead_id], by=by, at=at)
    return deal


def lose(deal: Deal, *, reason: LossReason, by: User | None, at: datetime, note: str = "") -> Deal:
    """Lost: the lead goes back to nurture, or out, as the reason says."""
    _require_own(deal.owner_id, by)
    with transaction.atomic():
        deal = _transition(
            deal,
            closing_stage(DealOutcome.LOST),
            "deal.lost",
            by=by,
            at=at,
            reason=reason.code,
            close_note=note,
            lost_reason=reason,
        )
        if deal.lead_id and _lead_stage(deal) == Stage.SQL and not _has_another_open_deal(deal):
            return_lead(deal, reason, by, at)
    return deal


def return_lead(deal: Deal, reason: LossReason, by: User | None, at: datetime) -> None:
    """The lead of a lost deal goes where the reason says."""
    assert deal.lead_id
    if reason.recycles:
        until = at + timedelta(days=reason.wait_days)
        lifecycle.recycle(
            [deal.lead_id], by=by, at=at, reason=f"lost:{reason.code}", waits_until=until, programme=reason.programme,
            fresh_behaviour_only=True,
        )  # fmt: skip
    else:
        lifecycle.disqualify([deal.lead_id], by=by, at=at, reason=f"lost:{reason.code}")


def _lead_stage(deal: Deal) -> str:
    return Lead.objects.values_list("stage", flat=True).get(pk=deal.lead_id or 0)


def _has_another_open_deal(deal: Deal) -> bool:
    return Deal.objects.open().filter(lead=deal.lead_id).exclude(pk=deal.pk).exists()


def reopen(deal: Deal, *, by: User, at: datetime) -> Deal:
    """Take a lost deal up again, in the first stage."""
    _require_own(deal.owner_id, by)
    return _transition(deal, first_stage(), "deal.reopened", by=by, at=at, close_note="", lost_reason=None)


def _transition(
    deal: Deal,
    stage: DealStage,
    kind: str,
    *,
    by: User | None,
    at: datetime,
    reason: str = "",
    **columns: Any,
) -> Deal:
    with transaction.atomic():
        deal = _locked(deal)
        if deal.stage_id == stage.pk:
            return deal
        came_from = deal.stage
        if stage.outcome not in MOVES[came_from.outcome]:
            raise UnableToMove("deal", str(came_from), str(stage), state=came_from.code)
        columns["closed_at"] = None if stage.outcome == DealOutcome.OPEN else at
        Deal.objects.filter(pk=deal.pk).update(stage=stage, stage_at=at, **columns)
        deal.refresh_from_db()
        ledger.record(
            [_fact(kind, deal, by, at, reason=reason, from_state=came_from.code, to_state=stage.code)]
        )
    return deal


def _locked(deal: Deal) -> Deal:
    # `of` keeps the lock off the joined catalogue row
    return Deal.objects.select_for_update(of=("self",), no_key=True).select_related("stage").get(pk=deal.pk)


def _fact(kind: str, deal: Deal, by: User | None, at: datetime, **details: Any) -> ledger.Fact:
    return ledger.Fact(
        kind=kind,
        subject=("deal", deal.pk),
        at=at,
        actor=by,
        account_id=deal.account_id,
        contact_id=deal.contact_id,
        **details,
    )
