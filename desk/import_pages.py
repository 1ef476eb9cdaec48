"""What the pages of an import show: words for kinds and encodings, samples of a file, bad rows with their reasons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.components.faces import Words
from crm.importing import Importer, importer_of
from crm.models import BadRow, ImportRun
from crm.tabular import Table
from crm.text import shown

SAMPLE, EXAMPLE, LOOKED_AT = 5, 24, 50


@dataclass(frozen=True, slots=True)
class Kind:
    """`page` is where its rows are listed."""

    label: Words
    says: Words
    page: str = ""


KINDS = {
    "leads": Kind(
        gettext_lazy("Leads"),
        gettext_lazy("People who might buy, with the company they work for."),
        "desk:lead-list",
    ),
    "accounts": Kind(gettext_lazy("Accounts"), gettext_lazy("Companies."), "desk:account-list"),
    "contacts": Kind(gettext_lazy("Contacts"), gettext_lazy("People at companies; no lead is made of them.")),
    "deals": Kind(
        gettext_lazy("Deals"),
        gettext_lazy("Deals in the state they are in elsewhere; nobody is called to act."),
        "desk:deal-list",
    ),
    "events": Kind(
        gettext_lazy("Behaviour"),
        gettext_lazy(
            "What people did, such as visits, downloads and webinars; strangers' waits until they appear."
        ),
        "desk:lead-list",
    ),
}
# Kinds that only a command brings in; their runs are listed as well.
OTHERS = {"users": gettext_lazy("People"), "products": gettext_lazy("Products")}

ENCODINGS: Mapping[str, Words] = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8",
    "cp932": "Shift JIS (CP932)",
    "euc-jp": "EUC-JP",
    "utf-16": "UTF-16",
    "utf-32": "UTF-32",
    "cp1252": gettext_lazy("Western European (CP1252)"),
}
DELIMITERS: Mapping[str, Words] = {
    ",": gettext_lazy("comma"),
    ";": gettext_lazy("semicolon"),
    "\t": gettext_lazy("tab"),
    "|": gettext_lazy("vertical bar"),
}
CHOOSABLE = ("utf-8", "cp932", "euc-jp", "utf-16", "cp1252")


def kind_label(kind: str) -> str:
    return str(KINDS[kind].label if kind in KINDS else OTHERS.get(kind, kind))


def how_read(table: Table) -> str:
    """How the file was read, in a sentence."""
    told = {
        "encoding": ENCODINGS.get(table.encoding, table.encoding),
        "delimiter": DELIMITERS.get(table.delimiter, table.delimiter),
    }
    if len(table.header) == 1:
        return _("Read as %(encoding)s, with one column.") % told
    return _("Read as %(encoding)s, columns divided by %(delimiter)s.") % told


@dataclass(frozen=True, slots=True)
class Sample:
    """The first rows as they stand in the file, and one example per column."""

    header: Sequence[str]
    rows: list[list[str]]
    examples: dict[str, str]


def sample_of(table: Table) -> Sample:
    rows = list(islice((row for row in table.rows() if not row.error), LOOKED_AT))
    examples = {
        name: next((shown(row.values[name], most=EXAMPLE) for row in rows if row.values[name].strip()), "")
        for name in table.header
    }
    first = [[shown(row.values[name], most=80) for name in table.header] for row in rows[:SAMPLE]]
    return Sample(table.header, first, examples)


# Bad rows ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Problem:
    line: int
    field: str
    message: str


def problems_of(rows: Iterable[BadRow], kind: str) -> list[Problem]:
    labels = _labels(importer_of(kind))
    return [
        Problem(row.line, labels.get(name, name), message) for row in rows for name, message in row.problems
    ]


def _labels(importer: type[Importer]) -> dict[str, str]:
    return {item.name: _capital(str(item.label)) for item in importer.fields}


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]


def bad_table(run: ImportRun, rows: Iterable[BadRow]) -> tuple[list[str], list[list[str]]]:
    """Header and rows as they stand in the file, with the row's number and the reason behind the last column.

    A reason that came along from an earlier download gives way to the new one.
    """
    reason, labels = _("Reason"), _labels(importer_of(run.kind))
    old = run.header.index(reason) if reason in run.header else None
    header = [name for place, name in enumerate(run.header) if place != old]
    return [*header, reason], [_bad_cells(row, len(header), old, labels) for row in rows]


def _bad_cells(row: BadRow, width: int, old: int | None, labels: Mapping[str, str]) -> list[str]:
    cells = [cell for place, cell in enumerate(row.cells) if place != old]
    told = [f"{labels[name]}: {message}" if name in labels else message for name, message in row.problems]
    if row.is_cut:
        told.append(_("The row is too long to be kept whole; take it from your file."))
    where = _("Row %(line)d: %(problems)s") % {"line": row.line, "problems": " ".join(told)}
    padded = [*cells[:width], *[""] * (width - len(cells))]
    return [*padded, where, *cells[width:]]


def context_of(run: ImportRun) -> dict[str, Any]:
    """What every page of one import says at its head."""
    return {"run": run, "kind": KINDS.get(run.kind), "kind_label": kind_label(run.kind)}
