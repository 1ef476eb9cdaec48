"""Who hears of what: lines in the bell and letters, queued in the transaction of the fact."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import bulk, mailing
from crm.mailing import Letter
from crm.models import Notification, Role, User
from sla import ladder
from sla.models import Handoff, Told

# A deadline that is near or over waits for no daily mail.
URGENT = {"handoff.warning", "handoff.breach", "handoff.escalated"}
# Subject and text of each letter; what is said is translated for its reader.
_SENTENCES = {
    "handoff.offered": (
        gettext_lazy("New lead: %(person)s"),
        gettext_lazy("%(person)s is yours now. First contact is due by %(due)s."),
    ),
    "handoff.hot": (
        gettext_lazy("Hot lead: %(person)s"),
        gettext_lazy(
            "%(person)s was handed to sales and is with %(assignee)s. First contact is due by %(due)s."
        ),
    ),
    "handoff.reassigned": (
        gettext_lazy("Passed to you: %(person)s"),
        gettext_lazy("%(person)s was passed to you. First contact is due by %(due)s."),
    ),
    "handoff.reopened": (
        gettext_lazy("It came back: %(person)s"),
        gettext_lazy(
            "Your mail to %(person)s did not arrive. The clock runs on; first contact is due by %(due)s."
        ),
    ),
    "handoff.warning": (
        gettext_lazy("Due soon: %(person)s"),
        gettext_lazy("First contact with %(person)s is due by %(due)s."),
    ),
    "handoff.breach": (
        gettext_lazy("Overdue: %(person)s"),
        gettext_lazy("First contact with %(person)s was due by %(due)s. It is with %(assignee)s."),
    ),
    "handoff.escalated": (
        gettext_lazy("Still waiting: %(person)s"),
        gettext_lazy("Nobody has reached %(person)s since %(due)s. It is with %(assignee)s."),
    ),
    "handoff.acceptance": (
        gettext_lazy("Accept or reject: %(person)s"),
        gettext_lazy("Say whether you take %(person)s. It is with %(assignee)s."),
    ),
    "handoff.feedback_soon": (
        gettext_lazy("Feedback due soon: %(person)s"),
        gettext_lazy("Marketing would like to hear what became of %(person)s. It is with %(assignee)s."),
    ),
    "handoff.feedback": (
        gettext_lazy("Feedback overdue: %(person)s"),
        gettext_lazy("Marketing is waiting to hear what became of %(person)s. It is with %(assignee)s."),
    ),
}


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
    staff = _Staff()
    _tell(
        _Told("handoff.offered", person, row, "offered")
        for row in rows
        for person in ([row.assignee] if row.assignee else staff.of(None))
    )
    _tell(_Told("handoff.hot", person, row, "hot") for row in rows for person in staff.watching(row))


def reassigned(rows: Sequence[Handoff], at: datetime) -> None:
    """The new owner hears of each time it is passed on, also when it comes back to them."""
    occasion = f"reassigned:{at:%y%m%d%H%M%S%f}"
    _tell(_Told("handoff.reassigned", row.assignee, row, occasion) for row in rows if row.assignee)


def reopened(row: Handoff, at: datetime) -> None:
    """What had answered came back: the owner has to try again."""
    people = [row.assignee] if row.assignee else _Staff().of(row.team_id)
    occasion = f"reopened:{at:%y%m%d%H%M%S}"
    _tell(_Told("handoff.reopened", person, row, occasion) for person in people)


def escalated(found: Iterable[Any]) -> None:
    """Whom the frozen terms name hears of each level: the owner, the managers, marketing."""
    staff, told = _Staff(), []
    for each in found:
        people = _distinct(_people(each.handoff, each.tells, staff))
        told += [_Told(_kind(each), person, each.handoff, each.level) for person in people]
    _tell(told)


def _kind(each: Any) -> str:
    """What is told of a promise other than the first contact has words of its own."""
    if each.clock == ladder.RESPONSE:
        return str(each.kind)
    if each.clock == ladder.ACCEPTANCE:
        return "handoff.acceptance"
    return "handoff.feedback" if each.percent >= ladder.BREACH else "handoff.feedback_soon"


def _people(row: Handoff, tells: Sequence[str], staff: _Staff) -> list[User]:
    people = [row.assignee] if row.assignee and Told.OWNER in tells else []
    # What waits in the open queue has no owner to hear of it.
    if Told.MANAGER in tells or row.assignee is None:
        people += staff.of(row.team_id)
    return [*people, *staff.marketing] if Told.MARKETING in tells else people


def _distinct(people: Iterable[User]) -> list[User]:
    return list({person.pk: person for person in people}.values())


class _Staff:
    """Managers and marketing; asked for once, however many handoffs they are told of."""

    @cached_property
    def marketing(self) -> list[User]:
        return list(User.objects.active().filter(role=Role.MARKETER).order_by("pk"))

    @cached_property
    def _managers(self) -> list[User]:
        return list(User.objects.active().filter(role=Role.MANAGER).order_by("pk"))

    @cached_property
    def _watchers(self) -> list[User]:
        return list(User.objects.active().filter(hears_hot_leads=True).order_by("pk"))

    def watching(self, row: Handoff) -> list[User]:
        """Who asked to hear of hot leads and may see this one, beside whom it was given to."""
        told = {row.assignee_id} if row.assignee_id else {person.pk for person in self.of(None)}
        return [one for one in self._watchers if one.pk not in told and _watches(one, row)]

    def of(self, team_id: int | None) -> list[User]:
        return [manager for manager in self._managers if team_id in (None, manager.team_id)]


def _watches(person: User, row: Handoff) -> bool:
    if person.role in (Role.MARKETER, Role.ADMIN):
        return True
    is_theirs = person.role == Role.MANAGER and person.team_id is not None and person.team_id == row.team_id
    return is_theirs or row.lead.owner_id == person.pk


def _tell(told: Iterable[_Told]) -> None:
    if told := list(told):
        bulk.insert_new(Notification, _lines(told))
        mailing.tell(map(_letter, told))


def _lines(told: Sequence[_Told]) -> dict[str, list[Any]]:
    return {
        "user": [one.person.pk for one in told],
        "key": [one.key for one in told],
        "kind": [one.kind for one in told],
        "subject_type": ["handoff"] * len(told),
        "subject_id": [one.row.pk for one in told],
        "data": [_said(one.row) for one in told],
    }


def _said(row: Handoff) -> dict[str, str]:
    return {
        "person": str(row.contact),
        "respond_by": row.respond_by.isoformat(),
        "assignee": str(row.assignee or ""),
    }


def _letter(told: _Told) -> Letter:
    """A short letter in the reader's language and time zone."""
    person, row = told.person, told.row
    subject, text, nobody = _sentences(told.kind, person.language)
    due = _moment(row.respond_by, person.language, person.time_zone)
    words = {"person": row.contact, "due": due, "assignee": row.assignee or nobody}
    return Letter(
        key=f"mail:{told.key}",
        user=person,
        kind=told.kind,
        subject=subject % words,
        body=text % words,
        link=f"{settings.BASE_URL}/handoffs/{row.pk}/",
        urgent=told.kind in URGENT,
    )


# Of many letters most say the same things; to translate and to format takes longer than all the rest.
@lru_cache(maxsize=256)
def _sentences(kind: str, language: str) -> tuple[str, str, str]:
    """Subject, text, and who has what nobody has."""
    with translation.override(language):
        subject, text = map(str, _SENTENCES[kind])
        return subject, text, _("nobody yet")


@lru_cache(maxsize=1024)
def _moment(at: datetime, language: str, time_zone: str) -> str:
    with translation.override(language):
        return date_format(at.astimezone(ZoneInfo(time_zone)), "DATETIME_FORMAT")
