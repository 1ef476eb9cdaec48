"""What an importer is: its fields, the rows on their way in, and which kinds of table there are.

An importer turns rows into deeds. It never writes beside them, so a row that is known already changes
nothing, and the same file twice is the same as once. `crm.imports` runs files through them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, NamedTuple, Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from crm.models import User
from crm.states import Refused

BATCH = 1000
MOST_NOTES = 200
CREATED, UPDATED, UNCHANGED, REJECTED = "created", "updated", "unchanged", "rejected"
MOMENT, NUMBER, COUNT, FLAG, TEXT, PROSE = "moment", "number", "count", "flag", "text", "prose"
# A whole name, read as `last_name` and `first_name` where the row does not tell these themselves.
NAME = "name"

Choices = Sequence[tuple[str, str | Promise]]


@dataclass(frozen=True, slots=True)
class Field:
    """What a column may be mapped to.

    `tells` marks what rows are told apart by: at least one of those has to be there. `fill` says that one value
    for all rows makes sense; `choices` are the values it may have.
    """

    name: str
    label: str | Promise
    form: str = TEXT
    required: bool = False
    tells: bool = False
    fill: bool = False
    choices: Callable[[], Choices] | None = None


@dataclass(slots=True)
class Line:
    """One row on its way in: typed values by field, its cells as they stand in the file, and what became of it.

    `keys` tell its own record; `overruled` are fields where an earlier row of the file said otherwise and counts;
    `repeats` is the first row about the same record, and `echoes` is it too where it has said all of this already.
    """

    number: int
    values: dict[str, Any]
    cells: Sequence[str] = ()
    outcome: str = REJECTED
    problems: list[tuple[str, str]] = field(default_factory=list)
    keys: tuple[tuple[str, str], ...] = ()
    overruled: list[str] = field(default_factory=list)
    repeats: Line | None = None
    echoes: Line | None = None

    def text(self, name: str) -> str:
        value = self.values.get(name)
        return str(value).strip() if value else ""

    def refuse(self, field_name: str, message: str) -> None:
        self.outcome = REJECTED
        self.problems.append((field_name, message))

    def forget(self) -> None:
        """Keep only what became of it: later rows ask for no more, and a long file would fill the memory."""
        self.values, self.cells, self.problems = {}, (), []


class Subject(NamedTuple):
    """A record that a row speaks of: every key that tells it, the fields that overwrite what is known of it, and
    those that only fill what is blank."""

    keys: tuple[tuple[str, str], ...]
    fields: tuple[str, ...]
    fills: tuple[str, ...] = ()


class Notes:
    """What is worth telling about rows that were kept, said once with a count and the first line."""

    def __init__(self, told: Iterable[Mapping[str, Any]] = ()) -> None:
        self._counts: Counter[str] = Counter()
        self._first: dict[str, int] = {}
        for note in told:
            self._count(note["message"], note["line"], note["rows"])

    def add(self, message: str, line: int) -> None:
        self._count(message, line, 1)

    def join(self, others: Notes) -> None:
        for message, rows in others._counts.items():
            self._count(message, others._first[message], rows)

    def _count(self, message: str, line: int, rows: int) -> None:
        if message not in self._counts and len(self._counts) >= MOST_NOTES:
            message = _("There are more notes than fit here.")
        self._counts[message] += rows
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
    """One kind of table.

    `take` sets the outcome of every line it is given, within one transaction; no two of them are about one
    record. `subjects` names the line's own record first.
    """

    kind: ClassVar[str]
    fields: ClassVar[Sequence[Field]]

    def take(self, lines: Sequence[Line], context: Context) -> None: ...

    def subjects(self, line: Line) -> Sequence[Subject]: ...


_kinds: dict[str, type[Importer]] = {}


def register(importer: type[Importer]) -> None:
    _kinds[importer.kind] = importer


def kinds() -> dict[str, type[Importer]]:
    return dict(_kinds)


def importer_of(kind: str) -> type[Importer]:
    if kind not in _kinds:
        raise Refused(_("Choose one of: %s.") % ", ".join(_kinds), field="kind")
    return _kinds[kind]


def keyed(*keys: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    """The keys that are given: those with a value."""
    return tuple(key for key in keys if key[1])
