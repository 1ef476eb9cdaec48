"""Bringing tables in: which kinds there are, and one run of a file through one of them.

An importer turns rows into deeds. It never writes beside them, so a row that is known already changes
nothing, and the same file twice is the same as once.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, ClassVar, Protocol
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from crm.models import ImportRun, ImportStatus, User
from crm.states import Refused
from crm.tabular import Row, Table, open_table
from crm.values import InvalidValue, infer_date_format, parse_datetime, parse_decimal, parse_flag, parse_int

BATCH = 1000
MOST_ERRORS = 5000
CREATED, UPDATED, UNCHANGED, REJECTED = "created", "updated", "unchanged", "rejected"
MOMENT, NUMBER, COUNT, FLAG, TEXT = "moment", "number", "count", "flag", "text"


@dataclass(frozen=True, slots=True)
class Field:
    """What a column may be mapped to."""

    name: str
    label: str | Promise
    form: str = TEXT
    required: bool = False


@dataclass(slots=True)
class Line:
    """One row on its way in: typed values by field, and what became of it."""

    number: int
    values: dict[str, Any]
    outcome: str = REJECTED
    problems: list[tuple[str, str]] = field(default_factory=list)

    def text(self, name: str) -> str:
        return str(self.values.get(name) or "").strip()

    def refuse(self, field_name: str, message: str) -> None:
        self.outcome = REJECTED
        self.problems.append((field_name, message))


class Notes:
    """What is worth telling about rows that were kept, said once with a count and the first line."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._first: dict[str, int] = {}

    def add(self, message: str, line: int) -> None:
        self._counts[message] += 1
        self._first.setdefault(message, line)

    def told(self) -> list[dict[str, Any]]:
        return [
            {"message": message, "rows": count, "line": self._first[message]}
            for message, count in self._counts.most_common()
        ]


@dataclass(frozen=True, slots=True)
class Context:
    """Who brings in what, and when."""

    by: User | None
    at: datetime
    notes: Notes


class Importer(Protocol):
    """One kind of table. `take` sets the outcome of every line it is given, within one transaction."""

    kind: ClassVar[str]
    fields: ClassVar[Sequence[Field]]

    def take(self, lines: Sequence[Line], context: Context) -> None: ...


_kinds: dict[str, type[Importer]] = {}


def register(importer: type[Importer]) -> None:
    _kinds[importer.kind] = importer


def kinds() -> dict[str, type[Importer]]:
    return dict(_kinds)


def importer_of(kind: str) -> type[Importer]:
    if kind not in _kinds:
        raise Refused(_("Choose one of: %s.") % ", ".join(_kinds), field="kind")
    return _kinds[kind]


class _DryRun(Exception):
    """Ends a dry run: whatever it did is taken back."""


def run(
    kind: str,
    content: bytes,
    mapping: Mapping[str, str],
    *,
    by: User | None,
    at: datetime,
    file_name: str = "",
    constants: Mapping[str, str] | None = None,
    zone: ZoneInfo | None = None,
    dry: bool = False,
) -> ImportRun:
    """Bring a file in and keep the report. `mapping` is field → column; `constants` holds for every row.

    Batches of a thousand rows commit one by one, so a file that breaks off is simply imported again. A
    dry run does the same deeds and takes them all back.
    """
    importer = importer_of(kind)
    table = open_table(content)
    constants = constants or {}
    _check_mapping(importer, table, mapping, constants)
    reader = _Reader(importer, table, mapping, constants, zone or ZoneInfo("UTC"))
    notes = Notes()
    report = ImportRun(
        user=by, kind=kind, file_name=file_name[:200], content=content if dry else b"", started_at=at,
        mapping=dict(mapping), options=dict(constants), status=ImportStatus.PREVIEW,
    )  # fmt: skip
    try:
        with transaction.atomic() if dry else contextlib.nullcontext():
            _take_all(importer(), reader, Context(by, at, notes), report)
            if dry:
                raise _DryRun
    except _DryRun:
        pass
    else:
        report.status, report.finished_at = ImportStatus.DONE, at
    report.notes = notes.told()
    report.save()
    return report


def _take_all(importer: Importer, reader: _Reader, context: Context, report: ImportRun) -> None:
    counts: Counter[str] = Counter()
    lines = reader.lines()
    while batch := list(islice(lines, BATCH)):
        with transaction.atomic():
            importer.take([line for line in batch if not line.problems], context)
        counts.update(line.outcome for line in batch)
        report.errors += [
            {"line": line.number, "field": name, "message": message}
            for line in batch
            for name, message in line.problems
        ][: MOST_ERRORS - len(report.errors)]
    report.created, report.updated = counts[CREATED], counts[UPDATED]
    report.unchanged, report.rejected = counts[UNCHANGED], counts[REJECTED]


def _check_mapping(
    importer: type[Importer], table: Table, mapping: Mapping[str, str], constants: Mapping[str, str]
) -> None:
    known = {item.name for item in importer.fields}
    for name in (*mapping, *constants):
        if name not in known:
            listed = ", ".join(sorted(known))
            message = _("%(name)s is no field of %(kind)s. Choose one of: %(listed)s.")
            raise Refused(message % {"name": name, "kind": importer.kind, "listed": listed}, field=name)
    for name, column in mapping.items():
        if column not in table.header:
            message = _("The file has no column %(column)s. It has: %(listed)s.")
            told = {"column": column, "listed": ", ".join(table.header)}
            raise Refused(message % told, field=name)
    for item in importer.fields:
        if item.required and item.name not in mapping and item.name not in constants:
            raise Refused(_("Map a column to %s; rows are told apart by it.") % item.name, field=item.name)


class _Reader:
    """Rows of the table as typed lines; the format of each date column is recognised first."""

    def __init__(
        self,
        importer: type[Importer],
        table: Table,
        mapping: Mapping[str, str],
        constants: Mapping[str, str],
        zone: ZoneInfo,
    ) -> None:
        self._table, self._constants, self._zone = table, constants, zone
        self._fields = [(item, mapping.get(item.name, "")) for item in importer.fields]
        self._formats = {
            column: _date_format(table, column)
            for item, column in self._fields
            if column and item.form == MOMENT
        }

    def lines(self) -> Iterator[Line]:
        for row in self._table.rows():
            yield self._line(row)

    def _line(self, row: Row) -> Line:
        line = Line(row.line, {})
        if row.error:
            line.refuse("", row.error)
            return line
        for item, column in self._fields:
            cell = row.values[column] if column else ""
            cell = cell if cell.strip() else self._constants.get(item.name, "")
            try:
                line.values[item.name] = self._value(item, cell, self._formats.get(column, ""))
            except InvalidValue as error:
                line.refuse(item.name, str(error))
        for item, _column in self._fields:
            if item.required and not line.problems and line.values.get(item.name) in ("", None):
                line.refuse(item.name, _("This is blank. Rows are told apart by it."))
        return line

    def _value(self, item: Field, cell: str, fmt: str) -> Any:
        if item.form == MOMENT:
            return parse_datetime(cell, zone=self._zone, fmt=fmt) if cell.strip() else None
        if item.form == NUMBER:
            return parse_decimal(cell)
        if item.form == COUNT:
            return parse_int(cell)
        if item.form == FLAG:
            return parse_flag(cell)
        return cell.strip()


def _date_format(table: Table, column: str) -> str:
    found = infer_date_format(table.column(column))
    if found.is_ambiguous:
        listed = ", ".join((found.format, *found.alternatives))
        message = _("The dates of %(column)s can be read as %(listed)s. Write them as yyyy-mm-dd.")
        raise Refused(message % {"column": column, "listed": listed}, field=column)
    return found.format


def guess_mapping(importer: type[Importer], header: Iterable[str]) -> dict[str, str]:
    """Field → column for the columns that are named like a field."""
    by_name = {column.strip().casefold().replace(" ", "_"): column for column in header}
    return {item.name: by_name[item.name] for item in importer.fields if item.name in by_name}
