"""The rows of a table as typed lines, in the order of the file, from any row on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set
from functools import lru_cache
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from crm.importing import BATCH, NAME, REJECTED, Field, Importer, Line, Notes, Subject
from crm.imports.plan import Plan, value_of
from crm.names import parts_of
from crm.tabular import Row, Table
from crm.text import InvalidText
from crm.values import InvalidValue

BLANK = ("", None)


def batches(
    importer: type[Importer], table: Table, plan: Plan, *, skip: int = 0, skipped: str = REJECTED
) -> Iterator[list[Line]]:
    """A thousand lines at a time.

    The first `skip` rows are read too, because later ones may repeat them; `skipped` is what became of the good
    ones among them. A row that repeats a rejected one is tried by itself.
    """
    lines = _Reader(importer, table, plan).lines()
    for line in islice(lines, skip):
        line.outcome = REJECTED if line.problems else skipped
        line.forget()
    while batch := list(islice(lines, BATCH)):
        yield batch


Cell = Callable[[str], Any]
REMEMBERED = 1024  # cells of a column: those of most columns are told again and again


class _Reader:
    def __init__(self, importer: type[Importer], table: Table, plan: Plan) -> None:
        self._importer, self._table = importer(), table
        formats, zone = plan.formats(importer, table), ZoneInfo(plan.zone)
        readers = {item.name: _reader(item, zone, formats.get(item.name, "")) for item in importer.fields}
        self._columns = [
            (item.name, plan.mapping[item.name], readers[item.name])
            for item in importer.fields
            if plan.mapping.get(item.name)
        ]
        # What stands for a blank cell is the same in every row, and most cells of most rows are blank.
        self._blank = {name: read(plan.constants.get(name, "")) for name, read in readers.items()}
        self._required = [item.name for item in importer.fields if item.required]
        self._whole_name = next((item.name for item in importer.fields if item.form == NAME), "")
        self._agreement = _Agreement(self._told(plan))

    def _told(self, plan: Plan) -> Set[str]:
        """The fields that the file may say something of."""
        told = {*plan.mapping, *plan.constants}
        return (told - {self._whole_name}) | set(PARTS) if self._whole_name in told else told

    def lines(self) -> Iterator[Line]:
        for row in self._table.rows():
            line = self._line(row)
            if not line.problems:
                subjects = self._importer.subjects(line)
                line.keys = subjects[0].keys
                self._agreement.settle(line, subjects)
            yield line

    def _line(self, row: Row) -> Line:
        line = Line(row.line, {}, row.cells)
        if row.error:
            line.refuse("", row.error)
            return line
        line.values = dict(self._blank)
        for name, column, read in self._columns:
            cell = row.values[column]
            if cell and not cell.isspace():
                try:
                    line.values[name] = read(cell)
                except (InvalidValue, InvalidText) as error:
                    line.refuse(name, str(error))
                    line.values[name] = None
        if self._whole_name:
            _part(line.values, line.values.pop(self._whole_name))
        for name in self._required:
            if not line.problems and line.values[name] in BLANK:
                line.refuse(name, _("This is blank. Rows are told apart by it."))
        return line


PARTS = ("first_name", "last_name")


def _part(values: dict[str, Any], whole: str | None) -> None:
    """A whole name says nothing where a part of it stands in a column of its own."""
    if whole and not any(values[name] for name in PARTS):
        values |= dict(zip(PARTS, parts_of(whole), strict=True))


def _reader(item: Field, zone: ZoneInfo, fmt: str) -> Cell:
    return lru_cache(maxsize=REMEMBERED)(lambda cell: value_of(item, cell, zone, fmt))


class _Agreement:
    """Where rows of one file contradict each other the first counts, or a second import would change it back."""

    def __init__(self, known: Set[str]) -> None:
        self._known = known  # the fields that the file may say something of
        self._asked: dict[tuple[tuple[str, ...], ...], list[str]] = {}
        self._told: dict[tuple[str, str], tuple[Line, dict[str, Any]]] = {}

    def settle(self, line: Line, subjects: Sequence[Subject]) -> None:
        news = False
        for subject in subjects:
            before = self._before(subject)
            first, told = before or (line, {})
            news |= self._join(line, subject, told)
            for key in subject.keys:
                self._told[key] = first, told
            if before and subject is subjects[0]:
                line.repeats = line.echoes = first
        if news:
            line.echoes = None

    def _before(self, subject: Subject) -> tuple[Line, dict[str, Any]] | None:
        """The first line about this record, and all that has been said of it."""
        for key in subject.keys:
            if key in self._told:
                return self._told[key]
        return None

    def _join(self, line: Line, subject: Subject, told: dict[str, Any]) -> bool:
        """Whether the line says something that no row before it has said."""
        values = line.values
        said = [name for name in self._fields(subject) if values[name] not in BLANK]
        if not told:  # of most records a file has one row
            told |= {name: values[name] for name in said}
            return bool(said)
        news = any(name not in told for name in said)
        for name in said:
            if told.setdefault(name, values[name]) != values[name] and name in subject.fields:
                values[name] = told[name]
                line.overruled.append(name)
        return news

    def _fields(self, subject: Subject) -> list[str]:
        asked = subject.fields, subject.fills
        if asked not in self._asked:
            names = (*subject.fields, *subject.fills)
            self._asked[asked] = [name for name in names if name in self._known]
        return self._asked[asked]


def tell_repeated(lines: Sequence[Line], notes: Notes) -> None:
    """A row that is neither new nor changed is so for a reason that stands in the file itself."""
    for line in lines:
        if line.repeats and REJECTED not in (line.outcome, line.repeats.outcome):
            notes.add(_("Repeated in the file: an earlier row is about the same record."), line.number)


def tell_overruled(importer: type[Importer], line: Line, notes: Notes) -> None:
    if not line.overruled:
        return
    labels = {item.name: str(item.label) for item in importer.fields}
    for name in line.overruled:
        message = _("Rows say different things about one record (%(field)s); the first of them counts.")
        notes.add(message % {"field": labels[name]}, line.number)
