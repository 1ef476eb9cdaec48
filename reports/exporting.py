"""Lists and packs of the reports as CSV, and how long a list is said to be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpResponseBase, QueryDict
from django.utils.translation import gettext as _

from crm import downloads
from crm.components import charts
from reports.tables import Table

COUNTED = 1000
all_of = downloads.all_of


def table(
    name: str, header: Sequence[object], rows: Iterable[Sequence[object]], query: QueryDict | None = None
) -> HttpResponseBase:
    return downloads.table(name, header, rows, query)


def bounded(rows: Any) -> str:
    shown: str = rows.shown_count(COUNTED)
    return shown


def figures_header() -> list[str]:
    """Of a file with one figure a line, see `of_table`."""
    return [_("Section"), _("Item"), _("Figure"), _("Value"), _("Note")]


def of_table(table: Table) -> list[list[object]]:
    """A line of a file for each figure: table, line, column, value, and what stands beside it."""
    return [
        [str(table.title), str(row.label), str(column), cell.shown, str(cell.note)]
        for row in table.rows
        for column, cell in zip(table.columns[1:], row.cells, strict=True)
    ]


def of_picture(picture: charts.Picture) -> list[list[object]]:
    """The same of what a picture shows."""
    _head, *columns = picture.table.columns
    return [
        [str(picture.title), str(label), str(column), str(value), ""]
        for label, *values in picture.table.rows
        for column, value in zip(columns, values, strict=True)
    ]
