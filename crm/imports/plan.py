"""What a file becomes: which column is which field, one value for blank cells, how dates are meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.translation import gettext as _

from crm.dates import DATE_FORMATS, DateColumn, infer_date_format, parse_date
from crm.importing import COUNT, FLAG, MOMENT, NUMBER, PROSE, Field, Importer
from crm.models import ImportRun
from crm.states import Refused
from crm.tabular import Table, UnreadableTable, open_table, plain_cell
from crm.text import InvalidText, clean_text
from crm.values import InvalidValue, parse_datetime, parse_decimal, parse_flag, parse_int

ZONE = "UTC"


@dataclass(frozen=True)
class Plan:
    """`mapping` is field → column; `constants` is field → value for blank cells.

    `dates` names one of DATE_FORMATS; without it the format of each column is recognised. `encoding` and
    `delimiter` overrule how the file is read.
    """

    mapping: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    zone: str = ZONE
    dates: str = ""
    encoding: str = ""
    delimiter: str = ""

    @classmethod
    def of(cls, run: ImportRun) -> Self:
        return cls(mapping=run.mapping, **run.options)

    def options(self) -> dict[str, Any]:
        """Everything but the mapping, as a run keeps it."""
        return {
            "constants": dict(self.constants),
            "zone": self.zone,
            "dates": self.dates,
            "encoding": self.encoding,
            "delimiter": self.delimiter,
        }

    def table(self, content: bytes | Path) -> Table:
        """The file as a table; refused where it is none."""
        try:
            return open_table(content, encoding=self.encoding, delimiter=self.delimiter)
        except UnreadableTable as error:
            raise Refused(str(error), field="file", code="unreadable") from None

    def insist(self, importer: type[Importer], table: Table) -> None:
        """Refuse a plan that cannot work, naming the field that is wrong."""
        self._insist_on_known_names(importer, table)
        for item in importer.fields:
            if item.required and item.name not in self.mapping and item.name not in self.constants:
                raise Refused(
                    _("Map a column to %s; rows are told apart by it.") % item.label, field=item.name
                )
        telling = [item for item in importer.fields if item.tells]
        if telling and not any(item.name in self.mapping for item in telling):
            told = {"listed": ", ".join(str(item.label) for item in telling)}
            message = _("Choose a column for at least one of: %(listed)s. Rows are told apart by them.")
            raise Refused(message % told, field=telling[0].name, code="required")
        self._insist_on_sense(importer, table)

    def _insist_on_known_names(self, importer: type[Importer], table: Table) -> None:
        known = {item.name for item in importer.fields}
        for name in (*self.mapping, *self.constants):
            if name not in known:
                told = {"name": name, "kind": importer.kind, "listed": ", ".join(sorted(known))}
                message = _("%(name)s is no field of %(kind)s. Choose one of: %(listed)s.")
                raise Refused(message % told, field=name)
        for name, column in self.mapping.items():
            if column not in table.header:
                told = {"column": column, "listed": ", ".join(table.header)}
                raise Refused(_("The file has no column %(column)s. It has: %(listed)s.") % told, field=name)

    def _insist_on_sense(self, importer: type[Importer], table: Table) -> None:
        try:
            zone = ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError):
            message = _("“%(name)s” is not a time zone. Write it like Asia/Tokyo.")
            raise Refused(message % {"name": self.zone}, field="zone") from None
        if self.dates and self.dates not in DATE_FORMATS:
            raise Refused(_("Choose one of: %s.") % ", ".join(DATE_FORMATS), field="dates")
        self.formats(importer, table)
        for item in importer.fields:
            try:
                value_of(item, self.constants.get(item.name, ""), zone, "")
            except (InvalidValue, InvalidText) as error:
                raise Refused(str(error), field=f"fill_{item.name}") from None

    def formats(self, importer: type[Importer], table: Table) -> dict[str, str]:
        """Field → format of its date column. Refused where a column can be read in two ways."""
        return dict(self._formats(importer, table))

    def _formats(self, importer: type[Importer], table: Table) -> Iterator[tuple[str, str]]:
        for item in importer.fields:
            column = self.mapping.get(item.name, "")
            if item.form != MOMENT or not column:
                continue
            found = infer_date_format(table.column(column))
            if found.is_ambiguous and not self.dates:
                message = _(
                    "The dates of %(column)s can be read in more than one way: %(listed)s."
                    " Say which, or write yyyy-mm-dd."
                )
                raise Refused(message % {"column": column, "listed": _readings(found)}, field=item.name)
            yield item.name, self.dates or found.format


def _readings(found: DateColumn) -> str:
    """An example, and the day it is in each of the formats."""
    days = {name: parse_date(found.example, fmt=name) for name in (found.format, *found.alternatives)}
    told = [f"{name} = {day.isoformat()}" for name, day in days.items() if day]
    return _("“%(example)s” as %(listed)s") % {"example": found.example, "listed": ", ".join(told)}


def value_of(item: Field, cell: str, zone: ZoneInfo, fmt: str) -> Any:
    """A cell as its field has it; raises InvalidValue with what to write instead."""
    cell = plain_cell(cell)
    if item.form == MOMENT:
        return parse_datetime(cell, zone=zone, fmt=fmt) if cell.strip() else None
    if item.form == NUMBER:
        return parse_decimal(cell)
    if item.form == COUNT:
        return parse_int(cell)
    if item.form == FLAG:
        return parse_flag(cell)
    text = clean_text(cell, multiline=item.form == PROSE)
    return _chosen(item, text) if text and item.choices else text


def _chosen(item: Field, text: str) -> str:
    """The value of a choice, also where its word was written; anything else is left for the importer to refuse."""
    assert item.choices
    said = text.casefold()
    return next((str(value) for value, word in item.choices() if said in (value, str(word).casefold())), text)
