"""What sales says about leads, what follows from it, and marketing's review of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from content.models import Asset
from crm import access, ledger
from crm.models import Role, User
from crm.states import Refused
from leads import lifecycle
from leads.models import Programme
from sla.models import DataTask, Disposition, Feedback, Handoff, RejectionReason, Verdict


@dataclass(frozen=True, slots=True)
class Refusal:
    """A rejection read against the terms the handoff was offered under."""

    reason: RejectionReason
    disposition: str
    comment: str
    not_before: date | None
    waits_until: datetime
    programme: str
    fresh_behaviour_only: bool


def refusal(row: Handoff, *, reason: str, comment: str, not_before: date | None, at: datetime) -> Refusal:
    """Check a rejection against its rule; raises `Refused` naming the field that is missing."""
    rule = row.rules.get(reason)
    known = RejectionReason.objects.filter(code=reason).first()
    if rule is None or known is None:
        raise Refused(_("Choose one of the reasons in the agreement."), field="reason", code="invalid")
    if rule["comment_required"] and not comment.strip():
        raise Refused(
            _("This reason needs a comment. Say in a sentence what you found."),
            field="comment",
            code="required",
        )
    if not_before and not_before < at.date():
        raise Refused(
            _("“Not before” lies in the past. Choose a later day."), field="not_before", code="invalid"
        )
    follows = consequence(
        rule,
        round_=row.round,
        max_rounds=row.terms.body["max_rounds"],
        times=_times(row, known),
        not_before=not_before,
        at=at,
    )
    return Refusal(
        reason=known,
        disposition=follows.disposition,
        comment=comment.strip(),
        not_before=not_before,
        waits_until=follows.waits_until,
        programme=rule["programme"],
        fresh_behaviour_only=rule["fresh_behaviour_only"],
    )


def _times(row: Handoff, reason: RejectionReason) -> int:
    """How often the lead was rejected for this reason, this time included."""
    before = Feedback.objects.filter(handoff__lead=row.lead_id, reason=reason).exclude(handoff=row)
    return before.count() + 1


@dataclass(frozen=True, slots=True)
class Consequence:
    """What follows from a rejection, and until when the lead waits."""

    disposition: str
    waits_until: datetime


def consequence(
    rule: Mapping[str, Any],
    *,
    round_: int,
    max_rounds: int,
    times: int,
    not_before: date | None,
    at: datetime,
) -> Consequence:
    """A rejection read against its frozen rule. Pure: a replay of the past reads it here as well.

    `times` is how often the lead was rejected for this reason, this time included.
    """
    worn_out = _is_worn_out(rule, round_, max_rounds, times)
    disposition = Disposition.DISQUALIFY if worn_out else rule["disposition"]
    return Consequence(disposition, _waits_until(rule["wait_days"], not_before, at))


def _is_worn_out(rule: Mapping[str, Any], round_: int, max_rounds: int, times: int) -> bool:
    """Whether it has been round as often as was agreed, in all or for this reason, and does not come back again."""
    if rule["disposition"] == Disposition.DISQUALIFY:
        return False
    return round_ >= max_rounds or (rule["max_times"] is not None and times >= rule["max_times"])


def _waits_until(wait_days: int, not_before: date | None, at: datetime) -> datetime:
    """The later of the rule's wait and the day sales named."""
    after_wait = at + timedelta(days=wait_days)
    return max(after_wait, datetime.combine(not_before, time(), tzinfo=UTC)) if not_before else after_wait


def accepted(row: Handoff, *, by: User | None, at: datetime) -> None:
    """Record that sales took the lead; a later rejection replaces the verdict."""
    Feedback.objects.get_or_create(
        handoff=row, defaults={"verdict": Verdict.ACCEPTED, "given_by": by, "given_at": at}
    )


def accepted_in_the_past(rows: Iterable[Handoff]) -> None:
    """The verdicts of handoffs that were decided before Baton knew of them."""
    verdicts = [
        Feedback(
            handoff=row,
            verdict=Verdict.ACCEPTED,
            given_by=row.accepted_by,
            given_at=row.accepted_at or row.offered_at,
        )
        for row in rows
    ]
    Feedback.objects.bulk_create(verdicts)


def rejected(row: Handoff, verdict: Refusal, *, by: User | None, at: datetime) -> None:
    """Record why sales refused the lead, and send it where the rule says."""
    told = {
        "verdict": Verdict.REJECTED,
        "reason": verdict.reason,
        "disposition": verdict.disposition,
        "comment": verdict.comment,
        "not_before": verdict.not_before,
        "given_by": by,
        "given_at": at,
    }
    Feedback.objects.update_or_create(handoff=row, defaults=told)
    _send_on(row, verdict, by, at)


def _send_on(row: Handoff, verdict: Refusal, by: User | None, at: datetime) -> None:
    if verdict.disposition == Disposition.DISQUALIFY:
        lifecycle.disqualify([row.lead_id], by=by, at=at, reason=verdict.reason.code)
        return
    is_task = verdict.disposition in (Disposition.FIX_DATA, Disposition.MERGE)
    if is_task:
        DataTask.objects.create(handoff=row, kind=verdict.disposition, asked=verdict.comment, opened_at=at)
    programme = Programme.objects.filter(code=verdict.programme).first()
    lifecycle.recycle(
        [row.lead_id],
        by=by,
        at=at,
        reason=verdict.reason.code,
        # Who waits for marketing comes back when the task is done, not by itself.
        waits_until=None if is_task else verdict.waits_until,
        is_open_ended=is_task,
        programme=programme,
        fresh_behaviour_only=verdict.fresh_behaviour_only,
    )


def review(items: Sequence[Feedback], *, conclusion: str, by: User, at: datetime) -> int:
    """Marketing has read this feedback and draws a conclusion; returns how many were still unread."""
    access.require_role(by, Role.MARKETER)
    if not conclusion.strip():
        raise Refused(_("Write what you conclude from it."), field="conclusion", code="required")
    with transaction.atomic():
        ids = [item.pk for item in items]
        rows = list(
            Feedback.objects.unreviewed()
            .filter(pk__in=ids)
            .order_by("pk")
            .select_for_update(of=("self",))
            .select_related("handoff")
        )
        changes = {"reviewed_at": at, "reviewed_by": by, "conclusion": conclusion.strip()}
        Feedback.objects.filter(pk__in=[row.pk for row in rows]).update(**changes)
        ledger.record([_reviewed_fact(row, conclusion, by, at) for row in rows])
    return len(rows)


def _reviewed_fact(row: Feedback, conclusion: str, by: User, at: datetime) -> ledger.Fact:
    return ledger.Fact(
        kind="feedback.reviewed",
        subject=("handoff", row.handoff_id),
        at=at,
        actor=by,
        account_id=row.handoff.account_id,
        contact_id=row.handoff.contact_id,
        reason=conclusion,
    )


def note_assets(slugs: Mapping[int, Sequence[str]]) -> None:
    """Link handoffs (by id) to the assets their leads had read, for filtering feedback by content."""
    ids = Asset.objects.keys_of(slug for read in slugs.values() for slug in read)
    link = Handoff.assets.through
    rows = [
        link(handoff_id=handoff, asset_id=ids[slug])
        for handoff, read in slugs.items()
        for slug in read
        if slug in ids
    ]
    link._default_manager.bulk_create(rows, ignore_conflicts=True)
