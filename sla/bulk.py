"""One deed for many leads: into a programme, or over to sales. Few at once, many in batches by the sweep.

A batch and the count of it are one transaction, so whoever breaks off loses at most the batch in hand, and nothing
is done twice. What became of a lead meanwhile is looked at when its turn comes.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from crm import access
from crm.models import Consent, Role, User
from crm.states import Refused
from leads.models import Enrolment, Lead, Programme
from leads.nurture import enrolment
from sla import handoffs
from sla.models import Agreement, BulkKind, BulkRun, Handoff

log = logging.getLogger(__name__)

MOST, AT_ONCE, BATCH, TURNS = 20_000, 200, 200, 10


def enrol(leads: Sequence[int], programme: Programme, *, by: User, at: datetime, note: str = "") -> BulkRun:
    """Put leads into a programme. Those who withdrew their consent, and those with sales, are left out."""
    return _begin(leads, BulkKind.ENROL, by=by, at=at, note=note, programme=programme)


def hand_over(
    leads: Sequence[int], *, by: User, at: datetime, assignee: User | None = None, note: str = ""
) -> BulkRun:
    """Hand leads over to sales, to one person or to whose turn it is. Those with sales already are left out."""
    if not Agreement.objects.in_force().exists():
        raise Refused(_("No agreement is in force. Put one in force before leads are handed over."))
    return _begin(leads, BulkKind.HAND_OVER, by=by, at=at, note=note, assignee=assignee)


def _begin(
    leads: Sequence[int],
    kind: BulkKind,
    *,
    by: User,
    at: datetime,
    note: str,
    programme: Programme | None = None,
    assignee: User | None = None,
) -> BulkRun:
    access.require_role(by, Role.MARKETER, Role.MANAGER)
    seen = Lead.objects.visible_to(by).open().filter(pk__in=leads).order_by("pk")
    chosen = list(seen.values_list("pk", flat=True)[: MOST + 1])
    if not chosen:
        raise Refused(_("Choose at least one lead first."), field="leads", code="required")
    if len(chosen) > MOST:
        raise Refused(_("Choose at most %(most)s at once.") % {"most": f"{MOST:,}"}, field="leads")
    run = BulkRun.objects.create(
        user=by,
        kind=kind,
        programme=programme,
        assignee=assignee,
        note=note[:200],
        leads=chosen,
        started_at=at,
    )
    if len(chosen) <= AT_ONCE:
        carry_on(run.pk, at=at)
        run.refresh_from_db()
    return run


def sweep(*, at: datetime) -> bool:
    """Carry on what waits, a batch each; whether more is left."""
    waiting = BulkRun.objects.due().order_by("pk").values_list("pk", flat=True)[:TURNS]
    left = [_carried_on(pk, at) for pk in waiting]
    return any(left)


def _carried_on(pk: int, at: datetime) -> bool:
    """One that fails ends with its reason and does not hold up the others."""
    try:
        return carry_on(pk, at=at)
    except Exception as error:
        log.exception("bulk_broke_off", extra={"run": pk})
        BulkRun.objects.due().filter(pk=pk).update(finished_at=at, error=str(error)[:500])
        return False


def carry_on(pk: int, *, at: datetime) -> bool:
    """Do one batch, unless another process has it in hand; whether more is left."""
    with transaction.atomic():
        mine = BulkRun.objects.due().filter(pk=pk).select_for_update(of=("self",), skip_locked=True)
        run = mine.select_related("user", "programme", "assignee").first()
        if run is None:
            return False
        leads = run.leads[run.place : run.place + BATCH]
        with translation.override(run.user.language):
            run.done += _done_to(run, leads, at)
        run.place += len(leads)
        run.finished_at = at if run.place >= len(run.leads) else None
        run.save(update_fields=["done", "place", "finished_at", "updated_at"])
        return run.is_due


def _done_to(run: BulkRun, leads: Sequence[int], at: datetime) -> int:
    free = _free(run, leads)
    if run.programme:
        # The moment of the run, not of the batch: by it the enrolments are found again when they are taken back.
        return len(enrolment.enrol(free, run.programme, cause=run.note, by=run.user, at=run.started_at))
    return len(handoffs.hand_over_all(free, by=run.user, at=at, assignee=run.assignee, note=run.note))


def _free(run: BulkRun, leads: Sequence[int]) -> list[int]:
    rows = Lead.objects.visible_to(run.user).open().filter(pk__in=leads)
    rows = rows.exclude(pk__in=Handoff.objects.running().filter(lead__in=leads).values("lead"))
    if run.kind == BulkKind.ENROL:
        rows = rows.exclude(contact__consent=Consent.WITHDRAWN)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def stop(run: BulkRun, *, at: datetime) -> None:
    """No further batch; what is done stays."""
    BulkRun.objects.due().filter(pk=run.pk).update(finished_at=at)


def undo(run: BulkRun, *, by: User, at: datetime) -> int:
    """Take the leads out of the programme again that this run put in. How many; a second time none."""
    with transaction.atomic():
        row = BulkRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
        if row.undone_at:
            return 0
        if not row.may_be_undone:
            raise Refused(_("Only what was put into a programme, and is done, can be taken back."))
        entered = Enrolment.objects.running().filter(
            programme=row.programme_id, lead__in=row.leads, entered_at=row.started_at, entered_by=row.user_id
        )
        left = enrolment.end(list(entered.order_by("pk").values_list("pk", flat=True)), by=by, at=at)
        row.undone_at = at
        row.save(update_fields=["undone_at", "updated_at"])
    return left
