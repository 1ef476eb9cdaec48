"""Files to bring in, small and large, and the quick way from bytes to a run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime

from crm import imports
from crm.importing import importer_of
from crm.imports import Plan
from crm.models import ImportRun, User

PREAMBLE = '"ダウンロード実行日","2024年07月21日現在"\r\n'


def table(header: Sequence[str], rows: Iterable[Sequence[object]], encoding: str = "utf-8") -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows([header, *rows])
    return stream.getvalue().encode(encoding)


def people(count: int, *, bad: Iterable[int] = ()) -> bytes:
    """Leads, told by e-mail; the rows named in `bad` (from 1) have an address that is none."""
    wrong = set(bad)
    rows = [
        ("no address" if n in wrong else f"person{n}@firm{n}.example.jp", f"Person {n}", f"Firm {n}")
        for n in range(1, count + 1)
    ]
    return table(["email", "last_name", "company"], rows)


def received(content: bytes, by: User, at: datetime, kind: str = "leads") -> ImportRun:
    return imports.receive(kind, content, by=by, at=at, file_name=f"{kind}.csv")


def planned(run: ImportRun, **more: object) -> Plan:
    """The plan that the headings suggest."""
    mapping = imports.guess_mapping(importer_of(run.kind), run.header)
    return Plan(mapping | more.pop("mapping", {}), **more)  # type: ignore[arg-type, operator]


def checked(content: bytes, by: User, at: datetime, kind: str = "leads", **more: object) -> ImportRun:
    run = received(content, by, at, kind)
    return imports.check(run, planned(run, **more), by=by, at=at)


def brought(content: bytes, by: User, at: datetime, kind: str = "leads", **more: object) -> ImportRun:
    """Through all steps; what is long is carried on until it is over."""
    run = checked(content, by, at, kind, **more)
    finish(at)
    run.refresh_from_db()
    imports.bring_in(run, by=by, at=at)
    finish(at)
    run.refresh_from_db()
    return run


def finish(at: datetime) -> None:
    while imports.sweep(at=at):
        pass


def counts(run: ImportRun) -> tuple[int, int, int, int]:
    return run.created, run.updated, run.unchanged, run.rejected
