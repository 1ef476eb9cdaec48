"""State machines in the small: which moves are allowed, and the refusal when one is not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import CheckConstraint, Q
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

# Records that have a state, as a sentence names them.
SUBJECTS: Mapping[str, Any] = {
    "lead": pgettext_lazy("record", "lead"),
    "handoff": pgettext_lazy("record", "handoff"),
    "deal": pgettext_lazy("record", "deal"),
    "agreement": pgettext_lazy("record", "agreement"),
    "scoring model": pgettext_lazy("record", "scoring model"),
    "import": pgettext_lazy("record", "import"),
    "run": pgettext_lazy("record", "run"),
}

Moves = Mapping[str, frozenset[str]]


class UnableToMove(Exception):
    """The record is not in a state this deed starts from: 409 in JSON, a message on a page.

    `came_from` and `to` are words for people; `state` is the code of the state it is in, for programs. `subject` is
    the kind of record, as the ledger names it.
    """

    def __init__(self, subject: str, came_from: str, to: str, *, state: str) -> None:
        self.subject, self.came_from, self.to, self.state = subject, came_from, to, state
        super().__init__(subject, came_from, to, state)

    def __str__(self) -> str:
        return _(
            "This %(subject)s is “%(state)s” now, so it cannot become “%(to)s”. Load it again to see what happened."
        ) % {
            "subject": SUBJECTS.get(self.subject, self.subject),
            "state": self.came_from,
            "to": self.to,
        }


class Refused(Exception):
    """A deed that good manners or the agreement forbid; the text says what to do instead."""

    def __init__(self, message: str, *, field: str = "", code: str = "refused") -> None:
        self.field, self.code = field, code
        super().__init__(message)


def origins(moves: Moves, to: str) -> frozenset[str]:
    """The states from which `to` may be reached."""
    return frozenset(state for state, targets in moves.items() if to in targets)


def one_of(field: str, choices: Any, *, name: str) -> CheckConstraint:
    """A CHECK that a text column holds one of the choices."""
    return CheckConstraint(
        condition=Q(**{f"{field}__in": list(choices.values)}),
        name=name,
        violation_error_message=_("Choose one of the listed values."),
    )
