"""Taking a batch of lines in, and counting what became of them."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.core.exceptions import PermissionDenied
from django.db import DataError, IntegrityError, transaction
from django.utils.translation import gettext as _

from crm.identity import InvalidIdentity
from crm.importing import REJECTED, UNCHANGED, Context, Importer, Line, Notes
from crm.imports.reading import tell_overruled, tell_repeated
from crm.models import BadRow
from crm.states import Refused, UnableToMove

log = logging.getLogger(__name__)

MOST_BAD_ROWS = 5000
LONGEST_ROW = 20_000  # characters of a bad row that are kept
REFUSALS = (Refused, UnableToMove, PermissionDenied, InvalidIdentity)


@dataclass
class Report:
    """What became of the lines so far."""

    notes: Notes = field(default_factory=Notes)
    counts: Counter[str] = field(default_factory=Counter)
    bad: list[BadRow] = field(default_factory=list)

    def add(self, lines: Sequence[Line], *, room: int = MOST_BAD_ROWS) -> None:
        """Count lines, keep those that are bad, and let go of what stood in them."""
        self.counts.update(line.outcome for line in lines)
        rejected = [line for line in lines if line.outcome == REJECTED]
        self.bad += [_bad_row(line) for line in rejected[: max(0, room - len(self.bad))]]
        for line in lines:
            line.forget()


def _bad_row(line: Line) -> BadRow:
    is_cut = sum(map(len, line.cells)) > LONGEST_ROW
    cells = [cell[:1000] for cell in line.cells] if is_cut else list(line.cells)
    return BadRow(line=line.number, cells=cells, is_cut=is_cut, problems=[list(one) for one in line.problems])


def take(importer: type[Importer], lines: Sequence[Line], context: Context) -> None:
    """Take lines in, in one transaction of the caller's. A row that breaks its batch is found and refused alone."""
    good = [line for line in lines if not line.problems]
    for line in good:
        tell_overruled(importer, line, context.notes)
    _take_in_rounds(importer, [line for line in good if line.echoes is None], context)
    # Nothing is new in a row that echoes one before it; only where that one was refused it has to be tried.
    for line in good:
        line.outcome = UNCHANGED if line.echoes and line.echoes.outcome != REJECTED else line.outcome
    again = [line for line in good if line.echoes and line.echoes.outcome == REJECTED]
    _take_in_rounds(importer, again, context)
    tell_repeated(good, context.notes)


def _take_in_rounds(importer: type[Importer], lines: Sequence[Line], context: Context) -> None:
    for part in _rounds(lines):
        _take_apart(importer, part, context)


def _rounds(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Lines about one record come one after the other, so that no call sees two of them."""
    waiting = list(lines)
    while waiting:
        seen: set[tuple[str, str]] = set()
        now: list[Line] = []
        later: list[Line] = []
        for line in waiting:
            (now if seen.isdisjoint(line.keys) else later).append(line)
            seen.update(line.keys)
        yield now
        waiting = later


def _take_apart(importer: type[Importer], lines: Sequence[Line], context: Context) -> None:
    """All at once; where that is refused, in halves, down to the row it is about."""
    notes = Notes()
    try:
        with transaction.atomic():
            importer().take(
                [line for line in lines if not line.problems], Context(context.by, context.at, notes)
            )
    except (*REFUSALS, IntegrityError, DataError) as error:
        if len(lines) == 1:
            lines[0].refuse(getattr(error, "field", ""), _words(error))
            return
        middle = len(lines) // 2
        _take_apart(importer, lines[:middle], context)
        _take_apart(importer, lines[middle:], context)
    else:
        context.notes.join(notes)


def _words(error: Exception) -> str:
    if isinstance(error, REFUSALS):
        return str(error)
    log.warning("import_row_refused", extra={"error": type(error).__name__})
    return _("The database refused this row: a value is out of bounds, or another record has the same key.")
