"""What a tool sends or exports, as rows: JSON of one or many, lines of JSON, or a table. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from crm.states import Refused
from crm.tabular import UnreadableTable, open_table
from leads.events.mappings.places import find


def spread(payload: Any, rows_at: str) -> list[Any]:
    """The events of a payload: a list as it is, one object by itself, or the list inside it."""
    outer = payload if isinstance(payload, list) else [payload]
    if not rows_at:
        return outer
    rows: list[Any] = []
    for one in outer:
        inner = find(one, rows_at)
        rows += inner if isinstance(inner, list) else [inner if inner is not None else one]
    return rows


def rows_of(content: bytes) -> Any:
    """A file or a pasted text: JSON when it begins like that, else a table. Raises Refused where it is neither."""
    start = content.lstrip(b"\xef\xbb\xbf \t\r\n")
    if start[:1] in (b"{", b"["):
        return _json(start)
    try:
        rows = list(_table(content))
    except UnreadableTable as error:
        raise Refused(str(error), field="payload", code="unreadable") from None
    if not rows:
        raise Refused(_("There is a heading here, and no row below it."), field="payload", code="no_rows")
    return rows


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError as error:
        if b"\n" in content.strip():
            return _lines(content)
        raise _unreadable(error) from None


def _lines(content: bytes) -> list[Any]:
    try:
        return [json.loads(line) for line in content.splitlines() if line.strip()]
    except ValueError as error:
        raise _unreadable(error) from None


def _unreadable(error: ValueError) -> Refused:
    message = _("This is neither JSON nor one JSON object per line: %(why)s")
    return Refused(message % {"why": error}, field="payload", code="unreadable")


def _table(content: bytes) -> Iterator[Any]:
    for row in open_table(content).rows():
        yield None if row.error else {name: cell.strip() for name, cell in row.values.items()}
