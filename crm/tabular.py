"""Tables from anywhere: encoding, delimiter and header recognised, bad rows told by line, never dropped. Pure.

table = open_table(path_or_bytes)
for row in table.rows():
    if row.error: ...   # says what is wrong in line row.line; row.values is empty
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO, NamedTuple

from django.utils.translation import gettext as _

from crm.exporting import plain_cell, safe_cell, write_table
from crm.text import shown

__all__ = ["Row", "Table", "UnreadableTable", "open_table", "plain_cell", "safe_cell", "write_table"]

DELIMITERS = (",", ";", "\t", "|")
SAMPLE_RECORDS = 200
MOST_COLUMNS = 500
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its mark begins with UTF-16's
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Python's CP932 lets bytes through that the code page leaves empty; text with them was something else.
_FIGURES = re.compile(r"[\d.,:/%¥$ -]*\d[\d.,:/%¥$ -]*")
# What Excel keeps its workbooks in: a zip archive, or an OLE file in former times.
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_NOT_CP932 = frozenset("\x80\xa0\uf8f0\uf8f1\uf8f2\uf8f3")


class UnreadableTable(ValueError):
    """A file that is no table we can read; the message says why and what to do."""


class Row(NamedTuple):
    """One record: the line it starts on (from 1), its cells by column name, or what is wrong with it.

    `cells` are there in either case, as they stand in the file; where quotes are broken the record is one cell.
    """

    line: int
    values: Mapping[str, str]
    error: str = ""
    cells: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """A table whose header is read; `rows()` may be walked any number of times, each time from the start.

    The file is decoded as it is walked: a table of any length takes the memory of a line.
    """

    encoding: str
    delimiter: str
    preamble_lines: int
    header: tuple[str, ...]
    file: _File

    def rows(self) -> Iterator[Row]:
        """Every record below the header that is not blank; cells as they stand in the file, not stripped."""
        records = _records(self.file, self.delimiter)
        for line, _cells, error in records:
            if line > self.preamble_lines and not error:
                break
        for line, cells, error in records:
            if error or cells:
                yield self._row(line, cells, error)

    def _row(self, line: int, cells: list[str], error: str) -> Row:
        if not error and len(cells) != len(self.header):
            counts = {"found": len(cells), "expected": len(self.header)}
            error = _("This row has %(found)s cells; the header has %(expected)s.") % counts
        return Row(line, {} if error else dict(zip(self.header, cells, strict=True)), error, tuple(cells))

    def column(self, name: str, *, most: int = 20_000) -> list[str]:
        """The different cells of a column that are not blank, from the first row to the last, for recognising its
        format; of a column with more than `most` the first so many."""
        cells = (row.values[name] for row in self.rows() if not row.error)
        found: dict[str, None] = {}
        for cell in cells:
            if cell.strip():
                found[cell] = None
            if len(found) >= most:
                break
        return list(found)


def open_table(source: bytes | str | Path, *, encoding: str = "", delimiter: str = "") -> Table:
    """Read a delimited file: its bytes, or the path to it.

    Encoding: byte order mark, then strict UTF-8, then CP932; never CP932 first, because UTF-8 can decode as
    it. Delimiter: the one of , ; tab | that gives the most even table. Lines above the header (a report's
    title, a download date) are skipped and counted. `encoding` and `delimiter` overrule the recognition.
    Raises UnreadableTable when it is no text, holds NUL, is empty or names a column twice.
    """
    start = _File(source, "").start()
    _refuse_workbook(start)
    file = _decodable(source, start, encoding)
    delimiter, width = _shape(file, delimiter)
    line, cells = _header(file, delimiter, width)
    return Table(file.encoding, delimiter, line - 1, _names(cells), file)


@dataclass(frozen=True, repr=False)
class _File:
    """The text of a file, read anew each time it is asked for."""

    source: bytes | str | Path
    encoding: str

    def start(self) -> bytes:
        with self._opened() as raw:
            return raw.read(8)

    def lines(self) -> Iterator[str]:
        """Its lines with their ends as they stand."""
        with io.TextIOWrapper(self._opened(), self.encoding, newline="") as text:
            yield from text

    def _opened(self) -> BinaryIO:
        return io.BytesIO(self.source) if isinstance(self.source, bytes) else Path(self.source).open("rb")


def _decodable(source: bytes | str | Path, start: bytes, encoding: str) -> _File:
    marked = next((name for mark, name in _BOMS if start.startswith(mark)), "")
    for name in [encoding or marked] if encoding or marked else ["utf-8", "cp932"]:
        file = _File(source, name)
        try:
            if _is_text(file):
                return file
        except (UnicodeError, LookupError):
            continue
    if encoding:
        raise UnreadableTable(_("This file cannot be read as %s. Choose another encoding.") % encoding)
    raise UnreadableTable(
        _("This file is neither UTF-8 nor Shift JIS (CP932). Save it as UTF-8 and try again.")
    )


def _is_text(file: _File) -> bool:
    """Whether every line is text of this encoding; raises where one cannot be decoded, or holds NUL."""
    empty = 0
    for number, line in enumerate(file.lines(), start=1):
        if file.encoding == "cp932" and not _NOT_CP932.isdisjoint(line):
            return False
        empty = empty or ("\0" in line and number)
    if empty:
        message = _("Line %s holds a NUL character, so this is no text table. Save it as CSV in UTF-8.")
        raise UnreadableTable(message % empty)
    return True


def _refuse_workbook(start: bytes) -> None:
    if start.startswith(_WORKBOOKS):
        message = _(
            "This is an Excel workbook, not a text table. In Excel save it as “CSV UTF-8” and try again."
        )
        raise UnreadableTable(message)


class _Lines:
    """The lines of a file, and those the record being read is made of."""

    def __init__(self, file: _File) -> None:
        self._lines = file.lines()
        self.read: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        self.read.append(next(self._lines))
        return self.read[-1]


def _records(file: _File, delimiter: str) -> Iterator[tuple[int, list[str], str]]:
    """(first line, cells, error) of every record, blank ones with no cells; a broken one does not end it."""
    lines = _Lines(file)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        lines.read.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, ["".join(lines.read).rstrip("\r\n")], _broken(error)
            continue
        yield line, cells if any(map(str.strip, cells)) else [], ""


def _broken(error: csv.Error) -> str:
    if "field limit" in str(error):
        most = f"{csv.field_size_limit():,}"
        return (
            _("A cell of this row is longer than %s characters; look for a quote that is never closed.")
            % most
        )
    return _("The quotes of this row are broken (%s).") % error


def _shape(file: _File, delimiter: str) -> tuple[str, int]:
    """The delimiter and the usual number of cells: the candidate that most records agree on, then the widest.

    Only the later half of the sample has a say, for what stands above a header is narrow.
    """
    found = []
    for candidate in (delimiter,) if delimiter else DELIMITERS:
        records = [(cells, error) for _line, cells, error in _sample(file, candidate) if cells or error]
        widths = Counter(0 if error else len(cells) for cells, error in records[len(records) // 2 :])
        if widths:
            width, agreeing = max(widths.items(), key=lambda item: (item[1], item[0]))
            found.append((width > 1, agreeing / widths.total(), width, candidate))
    if not found:
        raise UnreadableTable(_("This file is empty."))
    _wide, _agreeing, width, best = max(found, key=lambda each: each[:3])
    return best, width


def _sample(file: _File, delimiter: str) -> Iterator[tuple[int, list[str], str]]:
    return islice(_records(file, delimiter), SAMPLE_RECORDS)


def _header(file: _File, delimiter: str, width: int) -> tuple[int, list[str]]:
    """The first record as wide as the table with most of its cells filled; what is above is preamble.

    When that one holds figures and a record of names, one cell longer or shorter, stands above it, the names
    are the header: better every row reported as too long than the first one taken for the header.
    """
    nearly: tuple[int, list[str]] | None = None
    for line, cells, error in _sample(file, delimiter):
        if error:
            continue
        filled = sum(1 for cell in cells if cell.strip())
        if len(cells) == width and 2 * filled > width:
            return nearly if nearly is not None and _has_figures(cells) else (line, cells)
        if 1 < filled == len(cells) and abs(width - filled) == 1 and not _has_figures(cells):
            nearly = line, cells
    raise UnreadableTable(_("This file has no header row. The first row has to name the columns."))


def _has_figures(cells: list[str]) -> bool:
    return any(_FIGURES.fullmatch(cell.strip()) for cell in cells)


def _names(cells: list[str]) -> tuple[str, ...]:
    if len(cells) > MOST_COLUMNS:
        message = _("This file has %(found)s columns; at most %(most)s are read.")
        raise UnreadableTable(message % {"found": f"{len(cells):,}", "most": MOST_COLUMNS})
    names = tuple(cell.strip() or _("Column %s") % number for number, cell in enumerate(cells, start=1))
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        message = _("The column %s is there twice. Give every column its own name.")
        raise UnreadableTable(message % shown(twice[0]))
    return names
