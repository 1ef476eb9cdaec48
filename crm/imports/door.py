"""The only writer of an import's status: receive, check, bring in, stop, discard, and how it ends.

Every move is one conditional UPDATE, so a person who stops and a worker who goes on at the same time cannot
both win.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm import access
from crm.importing import importer_of
from crm.imports.plan import Plan
from crm.imports.taking import Report
from crm.models import IMPORT_MOVES, BadRow, ImportRun, ImportStatus, Notification, User
from crm.states import Refused, UnableToMove, origins

MOST_BYTES = 50 * 1024 * 1024
MOST_ROWS = 200_000
AT_ONCE = 200  # rows that need no worker
KEPT_WAITING, KEPT_BAD_ROWS = timedelta(days=1), timedelta(days=30)
ROLES = (access.MARKETER, access.MANAGER)
COUNTS = ("created", "updated", "unchanged", "rejected")
AFRESH: dict[str, Any] = {
    **dict.fromkeys(("done", *COUNTS, "broke_off"), 0),
    "notes": [],
    "in_hand": False,
    "error": "",
}


def may_import(user: Any) -> bool:
    return access.is_member(user) and user.role in (*ROLES, access.ADMIN)


def require_right(by: Any) -> None:
    access.require_role(by, *ROLES)


# What a person does -----------------------------------------------------------------------------------------


def receive(kind: str, content: bytes, *, by: User, at: datetime, file_name: str = "") -> ImportRun:
    """Take a file in hand. The same file sent twice in a row is one draft."""
    require_right(by)
    importer_of(kind)
    if len(content) > MOST_BYTES:
        message = _("This file has more than %s MB. Split it, or have an administrator use import_csv.")
        raise Refused(message % (MOST_BYTES // 1024**2), field="file", code="too_large")
    digest = hashlib.sha256(content).hexdigest()
    drafts = ImportRun.objects.visible_to(by).filter(status=ImportStatus.DRAFT, kind=kind, digest=digest)
    if twin := drafts.first():
        return twin
    return ImportRun.objects.create(
        user=by, kind=kind, file_name=file_name[:200], content=content, digest=digest, started_at=at,
        options=Plan(zone=by.time_zone).options(), **_shape(Plan(), content),
    )  # fmt: skip


def read_as(run: ImportRun, *, encoding: str, delimiter: str, by: User, at: datetime) -> ImportRun:
    """Read the file in another encoding or with another delimiter than was recognised."""
    require_right(by)
    plan = Plan(encoding=encoding, delimiter=delimiter, zone=Plan.of(run).zone)
    shape = _shape(plan, content_of(run))
    return _move(
        run, ImportStatus.DRAFT, started_at=at, options=plan.options(), mapping={}, **AFRESH, **shape
    )


def _shape(plan: Plan, content: bytes) -> dict[str, Any]:
    table = plan.table(content)
    rows = sum(1 for _row in table.rows())
    if not rows:
        raise Refused(_("This file names its columns but has no rows."), field="file", code="no_rows")
    if rows > MOST_ROWS:
        told = {"rows": f"{rows:,}", "most": f"{MOST_ROWS:,}"}
        message = _("This file has %(rows)s rows; at most %(most)s come in at once. Split it into parts.")
        raise Refused(message % told, field="file", code="too_large")
    return {"header": list(table.header), "rows": rows}


def check(run: ImportRun, plan: Plan, *, by: User, at: datetime) -> ImportRun:
    """Say which column is what. The rows are then tried, and everything is taken back."""
    require_right(by)
    plan.insist(importer_of(run.kind), plan.table(content_of(run)))
    with transaction.atomic():
        moved = _move(
            run,
            ImportStatus.CHECKING,
            started_at=at,
            mapping=dict(plan.mapping),
            options=plan.options(),
            **AFRESH,
        )
        BadRow.objects.filter(run=run).delete()
    return moved


def bring_in(run: ImportRun, *, by: User, at: datetime) -> ImportRun:
    """Let the rows come in; or go on where it broke off. Pressing twice is harmless."""
    require_right(by)
    if run.status in (ImportStatus.RUNNING, ImportStatus.DONE):
        return run
    if not ImportRun.objects.filter(pk=run.pk).exclude(content=b"").exists():
        raise _gone()
    if run.status == ImportStatus.FAILED:
        return _move(run, ImportStatus.RUNNING, started_at=at, finished_at=None, broke_off=0, error="")
    with transaction.atomic():
        moved = _move(run, ImportStatus.RUNNING, started_at=at, **AFRESH)
        BadRow.objects.filter(run=run).delete()
    return moved


def stop(run: ImportRun, *, by: User, at: datetime) -> ImportRun:
    """Let no further rows come in; those that have stay."""
    require_right(by)
    if run.status in (ImportStatus.STOPPED, ImportStatus.DONE):
        return run
    return _move(run, ImportStatus.STOPPED, finished_at=at, content=b"", in_hand=False)


def discard(run: ImportRun, *, by: User, at: datetime) -> None:
    """Throw a file away that has not come in; nothing of it is kept."""
    require_right(by)
    waiting = ImportRun.objects.light().not_begun().filter(pk=run.pk)
    if not waiting.delete()[0] and ImportRun.objects.filter(pk=run.pk).exists():
        _moved_away(run, ImportStatus.DRAFT)


# What a worker does -----------------------------------------------------------------------------------------


def checked(run: ImportRun, report: Report) -> None:
    """Keep what the check of a run found, unless it was discarded or asked for anew meanwhile."""
    with transaction.atomic():
        same = ImportRun.objects.filter(pk=run.pk, status=ImportStatus.CHECKING, started_at=run.started_at)
        if same.update(status=ImportStatus.PREVIEW, in_hand=False, **_counted(report)):
            _keep(run, report.bad)
            _tell(run, "import.checked")


def advance(run: ImportRun, report: Report, *, at: datetime) -> bool:
    """Count a batch that was taken in, or tried, in its transaction; False where it was stopped meanwhile."""
    done = run.done + report.counts.total()
    columns = {**_counted(report, since=run), "in_hand": False}
    is_over = done >= run.rows or not report.counts
    if is_over:
        columns |= _over(run, at)
    same = ImportRun.objects.filter(pk=run.pk, status=run.status, done=run.done, started_at=run.started_at)
    if not same.update(**columns):
        return False
    _keep(run, report.bad)
    if is_over:
        _tell(run, "import.checked" if run.status == ImportStatus.CHECKING else "import.done")
    return True


def _over(run: ImportRun, at: datetime) -> dict[str, Any]:
    if run.status == ImportStatus.CHECKING:
        return {"status": ImportStatus.PREVIEW}
    return {"status": ImportStatus.DONE, "finished_at": at, "content": b""}


def _counted(report: Report, since: ImportRun | None = None) -> dict[str, Any]:
    counts = {name: report.counts[name] + (getattr(since, name) if since else 0) for name in COUNTS}
    return {**counts, "done": sum(counts.values()), "notes": report.notes.told()}


def _keep(run: ImportRun, bad: Sequence[BadRow]) -> None:
    for row in bad:
        row.run = run
    BadRow.objects.bulk_create(bad, batch_size=1000)


def _tell(run: ImportRun, kind: str) -> None:
    """A line in the bell of the person, who need not have waited."""
    if run.user is None or run.rows <= AT_ONCE:
        return
    key = f"{kind}:{run.pk}:{run.started_at.timestamp()}"
    data = {"person": run.file_name or run.kind}
    line = Notification(
        user=run.user, key=key, kind=kind, subject_type="import", subject_id=run.pk, data=data
    )
    Notification.objects.bulk_create([line], ignore_conflicts=True)


def take_in_hand(run: ImportRun) -> None:
    ImportRun.objects.filter(pk=run.pk).update(in_hand=True, broke_off=run.broke_off)


def give_up(run: ImportRun, message: str, *, at: datetime) -> None:
    """A check goes back to its columns; what had begun to come in waits for a person."""
    if run.status == ImportStatus.CHECKING:
        _move(run, ImportStatus.DRAFT, **(AFRESH | {"error": message}))
    else:
        _move(run, ImportStatus.FAILED, finished_at=at, in_hand=False, error=message)
    _tell(run, "import.failed")


def record(
    kind: str,
    plan: Plan,
    report: Report,
    *,
    header: Sequence[str],
    by: User | None,
    at: datetime,
    file_name: str,
) -> ImportRun:
    """Keep the report of a file that came in whole, by a command."""
    counted = _counted(report)
    with transaction.atomic():
        run = ImportRun.objects.create(
            user=by, kind=kind, file_name=file_name[:200], header=list(header), rows=counted["done"],
            mapping=dict(plan.mapping), options=plan.options(), status=ImportStatus.DONE,
            started_at=at, finished_at=at, **counted,
        )  # fmt: skip
        _keep(run, report.bad)
    return run


# What time does ---------------------------------------------------------------------------------------------


def forget(*, at: datetime) -> int:
    """Drop files nobody came back to, and bad rows that were long there to be fetched; how many runs it touched."""
    left = ImportRun.objects.light().not_begun().filter(started_at__lt=at - KEPT_WAITING).delete()[1]
    broken = ImportRun.objects.filter(status=ImportStatus.FAILED, finished_at__lt=at - KEPT_WAITING)
    emptied = broken.exclude(content=b"").update(content=b"")
    long_over = ImportRun.objects.filter(finished_at__lt=at - KEPT_BAD_ROWS)
    BadRow.objects.filter(run__in=long_over).delete()
    long_over.exclude(notes=[]).update(notes=[])  # they quote the rows as well
    return left.get("crm.ImportRun", 0) + emptied


# The move itself --------------------------------------------------------------------------------------------


def _move(run: ImportRun, to: ImportStatus, **columns: Any) -> ImportRun:
    able = ImportRun.objects.filter(pk=run.pk, status__in=origins(IMPORT_MOVES, to))
    return _fresh(run) if able.update(status=to, **columns) else _moved_away(run, to)


def _fresh(run: ImportRun) -> ImportRun:
    run.refresh_from_db()
    return run


def _moved_away(run: ImportRun, to: ImportStatus) -> Any:
    run.refresh_from_db(fields=["status"])
    raise _unable(run, to)


def _unable(run: ImportRun, to: ImportStatus) -> UnableToMove:
    return UnableToMove("import", str(ImportStatus(run.status).label), str(to.label), state=run.status)


def content_of(run: ImportRun) -> bytes:
    """The file; refused where it is no longer kept."""
    if not run.content:
        raise _gone()
    return bytes(run.content)


def _gone() -> Refused:
    return Refused(_("The file of this import is no longer kept. Send it again."), field="file", code="gone")
