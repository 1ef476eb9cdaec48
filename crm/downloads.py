"""Lists as CSV files: short ones at once, long ones as the database reads them, in the memory of a page.

`?encoding=cp932` is for Excel in Japanese that is set to Shift JIS; a list with a character it lacks comes in
UTF-8 all the same, for a name must not turn into question marks.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import IO, Any

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.utils import translation

from crm.exporting import safe_cell

AT_ONCE, AT_A_TIME = 2000, 2000
KEY, JAPANESE = "encoding", "cp932"


def all_of(rows: QuerySet) -> Iterator[Any]:
    """The rows of a list by a cursor in the database, so that a long list is never in memory as a whole."""
    return rows.iterator(chunk_size=AT_A_TIME)


def table(
    name: str, header: Sequence[object], rows: Iterable[Sequence[object]], query: QueryDict | None = None
) -> HttpResponseBase:
    """The answer that hands a table out; every cell is safe for a spreadsheet."""
    lines = _lines([str(word) for word in header], rows)
    if query is not None and query.get(KEY) == JAPANESE:
        return _in_japanese(name, lines)
    first = list(islice(lines, AT_ONCE))
    if len(first) < AT_ONCE:  # also tells of a fault before the answer has begun
        return _named(name, HttpResponse("\ufeff" + "".join(first), content_type="text/csv; charset=utf-8"))
    whole = (line.encode() for line in chain(["\ufeff"], first, lines))
    return _named(name, StreamingHttpResponse(whole, content_type="text/csv; charset=utf-8"))


class _Echo:
    """What is written is handed back: the csv module then makes one line at a time."""

    def write(self, text: str) -> str:
        return text


def _lines(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """In the language of the person who asked, also where the answer is read after the request is over."""
    writer, language = csv.writer(_Echo()), translation.get_language()
    for row in chain([header], rows):
        with translation.override(language):
            yield writer.writerow([safe_cell(value) for value in row])


def _in_japanese(name: str, lines: Iterable[str]) -> HttpResponseBase:
    """Whether all of it fits is known at its end, so it is written to a file first."""
    file = tempfile.TemporaryFile("w+b")  # noqa: SIM115 - whoever reads the answer closes it
    fits = _written(lines, file)
    file.seek(0)
    charset = "Shift_JIS" if fits else "utf-8"
    parts = _parts(file, JAPANESE if fits else "utf-8", "" if fits else "\ufeff")
    return _named(name, StreamingHttpResponse(parts, content_type=f"text/csv; charset={charset}"))


def _parts(file: IO[bytes], encoding: str, mark: str) -> Iterator[bytes]:
    with file:
        yield mark.encode(encoding)
        for line in file:
            yield line.decode().encode(encoding)


def _named(name: str, answer: HttpResponseBase) -> HttpResponseBase:
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def _written(lines: Iterable[str], file: IO[bytes]) -> bool:
    """Whether every character of the lines, which are now in the file, is one of CP932."""
    fits = True
    for line in lines:
        file.write(line.encode())
        fits = fits and _fits(line)
    return fits


def _fits(line: str) -> bool:
    try:
        line.encode(JAPANESE)
    except UnicodeEncodeError:
        return False
    return True
