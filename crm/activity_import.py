"""The importer of activities: calls, mails and meetings that another tool has kept.

They are evidence like any other: an outbound one that reached or tried the person answers their running handoff, with
the time it happened.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import activities, importing
from crm.activities import Entry, Logged
from crm.identity import lookup_key
from crm.importing import CREATED, UNCHANGED, UPDATED, Context, Field, Line, Subject
from crm.models import Channel, Contact, Direction, Outcome

# field, its choices, what a blank cell means
CODES: tuple[tuple[str, Any, str], ...] = (
    ("channel", Channel, ""),
    ("direction", Direction, Direction.OUTBOUND),
    ("outcome", Outcome, Outcome.NONE),
)


class Activities:
    """People by e-mail or external id. Without an external id of its own a row is told by all that it says."""

    kind: ClassVar[str] = "activities"
    fields: ClassVar[Sequence[Field]] = (
        Field("email", gettext_lazy("e-mail of the contact")),
        Field("contact_external_id", gettext_lazy("external id of the contact")),
        Field("channel", gettext_lazy("channel"), required=True),
        Field("direction", gettext_lazy("direction")),
        Field("outcome", gettext_lazy("outcome")),
        Field("occurred_at", gettext_lazy("occurred at"), importing.MOMENT, required=True),
        Field("note", gettext_lazy("note")),
        Field("external_id", gettext_lazy("external id")),
    )

    def take(self, lines: Sequence[Line], context: Context) -> None:
        people = _People(lines)
        entries = [(line, entry) for line in lines if (entry := _entry(line, people))]
        done = activities.log_many([entry for _line, entry in entries], by=context.by, at=context.at)
        for (line, _entry_told), logged in zip(entries, done, strict=True):
            _answer(line, logged)

    def subjects(self, line: Line) -> list[Subject]:
        """Rows of one activity of one person; the same id with somebody else is told as a mistake."""
        said = sorted((name, str(value)) for name, value in line.values.items())
        own = repr((line.text("email"), line.text("contact_external_id"), line.text("external_id") or said))
        return [Subject((("activity", own),), tuple(item.name for item in self.fields))]


def _answer(line: Line, logged: Logged) -> None:
    if logged.refusal:
        line.refuse(logged.refusal.field, str(logged.refusal))
    elif logged.is_new:
        line.outcome = CREATED
    else:
        line.outcome = UPDATED if logged.has_bounced else UNCHANGED


def _entry(line: Line, people: _People) -> Entry | None:
    codes = {name: _code(line, name, choices, blank) for name, choices, blank in CODES}
    person = people.find(line)
    if person is None:
        line.refuse("email", _("There is no such contact. Import the people first."))
    if len(line.text("external_id")) > 120:
        line.refuse("external_id", _("Use at most %(most)d characters.") % {"most": 120})
    if person is None or line.problems:
        return None
    return Entry(
        contact=person,
        note=line.text("note"),
        occurred_at=line.values["occurred_at"],
        external_id=line.text("external_id") or _mark(person, line, codes),
        **codes,
    )


def _code(line: Line, name: str, choices: Any, blank: str) -> str:
    """“Auto reply” and “auto-reply” are auto_reply."""
    code = line.text(name).casefold().replace("-", "_").replace(" ", "_") or blank
    if code not in choices.values:
        line.refuse(name, _("Choose one of: %s.") % ", ".join(choices.values))
    return code


def _mark(person: Contact, line: Line, codes: dict[str, str]) -> str:
    """The same row in the same file, sent again, is the same activity."""
    said = (person.pk, line.values["occurred_at"].isoformat(), *codes.values(), line.text("note"))
    return f"row:{sha256(repr(said).encode()).hexdigest()[:40]}"


class _People:
    """The contacts a batch names, in two queries."""

    def __init__(self, lines: Sequence[Line]) -> None:
        keys = {key for line in lines if (key := lookup_key(line.text("email")))}
        names = {name for line in lines if (name := line.text("contact_external_id"))}
        standing = Contact.objects.standing()
        self._by_email = {row.email_key: row for row in standing.filter(email_key__in=keys)}
        self._by_name = {row.external_id: row for row in standing.filter(external_id__in=names)}

    def find(self, line: Line) -> Contact | None:
        by_email = self._by_email.get(lookup_key(line.text("email")))
        return by_email or self._by_name.get(line.text("contact_external_id"))


def register() -> None:
    importing.register(Activities)
