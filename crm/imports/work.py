"""Carrying imports on, a batch at a time, by whatever process comes along.

A batch and the count of it are one transaction, so a worker that dies loses at most the batch in its hands, and
the next one goes on behind the last that was counted. Who works on a run holds an advisory lock.
"""

from __future__ import annotations

import contextlib
import logging
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from crm.importing import CREATED, REJECTED, UNCHANGED, UPDATED, Context, Importer, Line, Notes, importer_of
from crm.imports import door
from crm.imports.plan import Plan
from crm.imports.reading import batches
from crm.imports.taking import MOST_BAD_ROWS, Report, take
from crm.models import ImportRun, ImportStatus, User
from crm.transactions import claimed

log = logging.getLogger(__name__)

SLICE = 20  # batches in a row, before others have their turn: for each turn the file is read from its start
EXACT = 20_000  # rows that are checked in one transaction
PATIENCE = 3  # how often a run may break off
TURNS = 20


class _TakenBack(Exception):
    """Ends a check: whatever it did is undone."""


class _Stopped(Exception):
    """Somebody stopped the run while a batch was in hand: the batch is undone."""


def sweep(*, at: datetime) -> bool:
    """Carry on what waits or broke off, each a little; whether more is left to do."""
    waiting = ImportRun.objects.due().order_by("started_at", "pk").values_list("pk", flat=True)[:TURNS]
    left = [_carried_on(pk, at) for pk in waiting]
    return any(left)


def check(run: ImportRun, plan: Plan, *, by: User, at: datetime) -> ImportRun:
    """Say which column is what, and try the rows: a short file at once, a long one by the sweep."""
    return _here(door.check(run, plan, by=by, at=at), at)


def bring_in(run: ImportRun, *, by: User, at: datetime) -> ImportRun:
    """Let the rows come in: a short file at once, a long one by the sweep."""
    return _here(door.bring_in(run, by=by, at=at), at)


def _here(run: ImportRun, at: datetime) -> ImportRun:
    """Do a short file where somebody waits for it."""
    if run.is_due and run.rows <= door.AT_ONCE:
        _carried_on(run.pk, at)
        run.refresh_from_db()
    return run


def _carried_on(pk: int, at: datetime) -> bool:
    """One that fails must not hold up the others; the sweep comes back to it."""
    try:
        return carry_on(pk, at=at)
    except Exception:
        log.exception("import_broke_off", extra={"run": pk})
        return False


def carry_on(pk: int, *, at: datetime) -> bool:
    """Work on a run for a while; whether more of it is left that nothing stands in the way of."""
    run = ImportRun.objects.due().select_related("user").filter(pk=pk).first()
    if run is None:
        return False
    assert run.user is not None, "a run without a person is done at once"
    with translation.override(run.user.language):
        try:
            door.require_right(run.user)  # the role may have changed since
        except PermissionDenied as refusal:
            door.give_up(run, str(refusal), at=at)
            return False
        return _check(run, at) if run.status == ImportStatus.CHECKING else _in_turn(run, at)


def _taken_in_hand(pk: int, at: datetime) -> ImportRun | None:
    """The run as it stands, marked; None where another works on it. A mark left behind tells of a broken run."""
    with transaction.atomic():
        run = ImportRun.objects.light().due().select_related("user").filter(pk=pk).first()
        if run is None or not claimed("import", pk):
            return None
        run.broke_off += run.in_hand
        if run.broke_off > PATIENCE:
            times = {"times": run.broke_off}
            door.give_up(
                run, _("It broke off %(times)s times. An administrator finds why in the log.") % times, at=at
            )
            return None
        door.take_in_hand(run)
    return run


# The check --------------------------------------------------------------------------------------------------


def _check(run: ImportRun, at: datetime) -> bool:
    """All rows in one transaction that is taken back, or for a long file each batch in one of its own."""
    if run.rows > EXACT:
        return _in_turn(run, at)
    if _taken_in_hand(run.pk, at) is None:
        return False
    report = Report()
    try:
        with transaction.atomic():
            if not claimed("import", run.pk):
                return False
            _try_all(run, report, at)
            raise _TakenBack
    except _TakenBack:
        door.checked(run, report)
    return False


def _try_all(run: ImportRun, report: Report, at: datetime) -> None:
    importer, plan = importer_of(run.kind), Plan.of(run)
    wanted = ImportRun.objects.filter(pk=run.pk, status=ImportStatus.CHECKING, started_at=run.started_at)
    for lines in batches(importer, plan.table(bytes(run.content)), plan):
        take(importer, lines, Context(run.user, at, report.notes))
        report.add(lines)
        if not wanted.exists():  # discarded, or asked for with other columns
            raise _TakenBack


def _tried(importer: type[Importer], lines: list[Line], context: Context) -> None:
    """Take lines in and take that back; what an earlier batch had added is known to the file alone by now."""
    with contextlib.suppress(_TakenBack), transaction.atomic():
        take(importer, lines, context)
        raise _TakenBack
    for line in lines:
        if line.outcome == CREATED and line.repeats and line.repeats.outcome != REJECTED:
            line.outcome = UPDATED


# A batch at a time ------------------------------------------------------------------------------------------


def _in_turn(run: ImportRun, at: datetime) -> bool:
    """Some batches behind those that are counted; whether more are left to do by us."""
    if not _is_free(run.pk):
        return False
    importer, plan, place = importer_of(run.kind), Plan.of(run), run.done
    skipped = UNCHANGED if run.status == ImportStatus.CHECKING else REJECTED
    reading = batches(importer, plan.table(bytes(run.content)), plan, skip=place, skipped=skipped)
    for _turn in range(SLICE):
        lines = next(reading, [])
        if not _took(run, lines, place, at):
            return False
        place += len(lines)
    return place < run.rows


def _is_free(pk: int) -> bool:
    """Whether nobody has a batch in hand just now: it spares reading a long file for nothing."""
    with transaction.atomic():
        return claimed("import", pk)


def _took(begun: ImportRun, lines: list[Line], place: int, at: datetime) -> bool:
    """Whether this batch was taken in by us: nobody else did, and nobody stopped it."""
    if _taken_in_hand(begun.pk, at) is None:
        return False
    try:
        with transaction.atomic():
            if not claimed("import", begun.pk):
                return False
            run = ImportRun.objects.light().select_related("user").get(pk=begun.pk)
            if (run.status, run.done, run.started_at) != (begun.status, place, begun.started_at):
                return False
            report = Report(notes=Notes(run.notes))
            how = _tried if run.status == ImportStatus.CHECKING else take
            how(importer_of(run.kind), lines, Context(run.user, at, report.notes))
            report.add(lines, room=MOST_BAD_ROWS - run.rejected)
            if not door.advance(run, report, at=at):
                raise _Stopped
    except _Stopped:
        return False
    return True
