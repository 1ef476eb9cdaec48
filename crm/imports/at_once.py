"""Running a whole file from a command: no file is kept, nothing waits for a worker."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from django.db import transaction

from crm.importing import Context, Importer, importer_of
from crm.imports import door
from crm.imports.plan import ZONE, Plan
from crm.imports.reading import batches
from crm.imports.taking import Report, take
from crm.models import User
from crm.tabular import Table


class _DryRun(Exception):
    """Ends a dry run: whatever it did is taken back."""


def run(
    kind: str,
    content: bytes | Path,
    mapping: Mapping[str, str],
    *,
    by: User | None,
    at: datetime,
    file_name: str = "",
    constants: Mapping[str, str] | None = None,
    zone: str = ZONE,
    dates: str = "",
    dry: bool = False,
) -> Report:
    """Bring a file in and answer what became of its rows.

    `mapping` is field → column; `constants` is field → value for blank cells.
    Batches of a thousand rows commit one by one, so a file that breaks off is simply imported again. A
    dry run does the same deeds, takes them all back, and leaves no record.
    """
    importer, plan = importer_of(kind), Plan(mapping, constants or {}, zone, dates)
    table = plan.table(content)
    plan.insist(importer, table)
    report = Report()
    with contextlib.suppress(_DryRun), transaction.atomic() if dry else contextlib.nullcontext():
        _take_all(importer, table, plan, Context(by, at, report.notes), report)
        if dry:
            raise _DryRun
    if not dry:
        door.record(kind, plan, report, header=table.header, by=by, at=at, file_name=file_name)
    return report


def _take_all(importer: type[Importer], table: Table, plan: Plan, context: Context, report: Report) -> None:
    for lines in batches(importer, table, plan):
        with transaction.atomic():
            take(importer, lines, context)
        report.add(lines)
