"""Tables for others: no cell of ours is run as a formula in a spreadsheet. Pure.

A cell that a spreadsheet would take for a formula is written with a leading ' (OWASP, "CSV Injection").
`plain_cell` takes that mark off again, so that what was exported can be imported unchanged.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Protocol

# Full-width signs too: Japanese spreadsheets read them as their narrow twins.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")


class Writable(Protocol):
    """Anything that takes text, such as an open file or a streaming answer."""

    def write(self, text: str, /) -> object: ...


def safe_cell(value: object) -> str:
    """A value as a cell. Numbers stay numbers, -5 too; texts that begin like a formula get a leading '.

    None is blank, dates and times are ISO 8601 to the second, decimals are never in exponent form.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, datetime | time):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    text = str(value)
    return f"'{text}" if _FORMULA.match(text) else text


def plain_cell(text: str) -> str:
    """A cell as it was before `safe_cell`: `plain_cell(safe_cell(text)) == text` for every text."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def write_table(stream: Writable, header: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Write a CSV (commas, CRLF, quotes where needed) with every cell made safe; answers the rows written.

    Open files with `newline=""`, and with `encoding="utf-8-sig"` where Excel is to read them.
    """
    writer = csv.writer(stream)
    writer.writerow([safe_cell(name) for name in header])
    count = 0
    for row in rows:
        writer.writerow([safe_cell(value) for value in row])
        count += 1
    return count
