"""Who hears of what: lines in the bell and letters, queued in the transaction of the fact."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from crm import mailing
from crm.mailing import Letter
from crm.models import Notification, Role, User
from sla.models import Handoff, Level

# A deadline that is near or over waits for no daily mail.
URGENT = {f"handoff.{level}" for level in (Level.WARNING, Level.BREACH)}


@dataclass(frozen=True, slots=True)
class _Told:
    """One person hears one thing of one handoff; the key makes it once."""

    kind: str
    person: User
    row: Handoff
    occasion: str

    @property
    def key(self) -> str:
        return f"{self.occasion}:{self.row.pk}:{self.person.pk}"


def offered(rows: Sequence[Handoff]) -> None:
    """A lead is hot: its new owner hears at once; one in the open queue is told to the managers."""
    managers = _Managers()
    _tell(
        _Told("handoff.offered", person, row, "offered")
        for row in rows
        for person in ([row.assignee] if row.assignee else managers.of(None))
    )


def reassigned(rows: Sequence[Handoff]) -> None:
    _tell(
        _Told("handoff.reassigned", row.assignee, row, f"reassigned:{row.assignee_id}")
        for row in rows
        if row.assignee
    )


def escalated(found: Iterable[tuple[Handoff, str, datetime]]) -> None:
    """A warning goes to the owner; a breach and overdue feedback to their managers as well."""
    managers, told = _Managers(), []
    for row, level, _due in found:
        people = [row.assignee] if row.assignee else []
        if level != Level.WARNING or not people:
            people += managers.of(row.team_id)
        told += [_Told(f"handoff.{level}", person, row, level) for person in _distinct(people)]
    _tell(told)


def _distinct(people: Iterable[User]) -> list[User]:
    return list({person.pk: person for person in people}.values())


class _Managers:
    """Asked once, however many handoffs they are told of."""

    @cached_property
    def _all(self) -> list[User]:
        return list(User.objects.active().filter(role=Role.MANAGER).order_by("pk"))

    def of(self, team_id: int | None) -> list[User]:
        return [manager for manager in self._all if team_id in (None, manager.team_id)]


def _tell(told: Iterable[_Told]) -> None:
    told = list(told)
    Notification.objects.bulk_create([_line(one) for one in told], ignore_conflicts=True)
    mailing.tell([_letter(one) for one in told])


def _line(told: _Told) -> Notification:
    row = told.row
    data = {
        "person": str(row.contact),
        "respond_by": row.respond_by.isoformat(),
        "assignee": str(row.assignee or ""),
    }
    return Notification(
        user=told.person,
        key=told.key,
        kind=told.kind,
        subject_type="handoff",
        subject_id=row.pk,
        data=data,
    )


def _letter(told: _Told) -> Letter:
    """A short letter in the reader's language and time zone."""
    person, row = told.person, told.row
    with translation.override(person.language):
        due = date_format(row.respond_by.astimezone(ZoneInfo(person.time_zone)), "DATETIME_FORMAT")
        words = {"person": row.contact, "due": due, "assignee": row.assignee or _("nobody yet")}
        subject, text = _sentences(told.kind)
        return Letter(
            key=f"mail:{told.key}",
            user=person,
            kind=told.kind,
            subject=subject % words,
            body=text % words,
            link=f"{settings.BASE_URL}/handoffs/{row.pk}/",
            urgent=told.kind in URGENT,
        )


def _sentences(kind: str) -> tuple[str, str]:
    sentences = {
        "handoff.offered": (
            _("New lead: %(person)s"),
            _("%(person)s is yours now. First contact is due by %(due)s."),
        ),
        "handoff.reassigned": (
            _("Passed to you: %(person)s"),
            _("%(person)s was passed to you. First contact is due by %(due)s."),
        ),
        "handoff.warning": (_("Due soon: %(person)s"), _("First contact with %(person)s is due by %(due)s.")),
        "handoff.breach": (
            _("Overdue: %(person)s"),
            _("First contact with %(person)s was due by %(due)s. It is with %(assignee)s."),
        ),
        "handoff.feedback": (
            _("Feedback overdue: %(person)s"),
            _("Marketing is waiting to hear what became of %(person)s. It is with %(assignee)s."),
        ),
    }
    return sentences[kind]
