"""Who hears of what: lines in the bell and mails, queued in the transaction of the fact."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from crm import outbox
from crm.models import Notification, Role, User
from sla import ladder
from sla.models import Handoff, Told


def offered(rows: Sequence[Handoff]) -> None:
    """A lead is hot: its new owner hears at once; one in the open queue is told to the managers."""
    told = [(person, row) for row in rows for person in ([row.assignee] if row.assignee else _managers(None))]
    _tell("handoff.offered", told, key="offered")


def reassigned(row: Handoff) -> None:
    if row.assignee:
        _tell("handoff.reassigned", [(row.assignee, row)], key=f"reassigned:{row.assignee_id}")


def reopened(row: Handoff, at: datetime) -> None:
    """What had answered came back: the owner has to try again."""
    people = [row.assignee] if row.assignee else _managers(row.team_id)
    _tell("handoff.reopened", [(person, row) for person in people], key=f"reopened:{at:%y%m%d%H%M%S}")


def escalated(found: Iterable[Any]) -> None:
    """Whom the frozen terms name hears of each level: the owner, the managers, marketing."""
    for each in found:
        people = _distinct(_people(each.handoff, each.tells))
        kind = "handoff.feedback" if each.clock == ladder.FEEDBACK else each.kind
        kind = "handoff.acceptance" if each.clock == ladder.ACCEPTANCE else kind
        _tell(kind, [(person, each.handoff) for person in people], key=each.level)


def _people(row: Handoff, tells: Sequence[str]) -> list[User]:
    people = [row.assignee] if row.assignee and Told.OWNER in tells else []
    # What waits in the open queue has no owner to hear of it.
    if Told.MANAGER in tells or row.assignee is None:
        people += _managers(row.team_id)
    if Told.MARKETING in tells:
        people += list(User.objects.active().filter(role=Role.MARKETER))
    return people


def _distinct(people: Iterable[User]) -> list[User]:
    return list({person.pk: person for person in people}.values())


def _managers(team_id: int | None) -> list[User]:
    managers = User.objects.active().filter(role=Role.MANAGER)
    return list(managers.filter(team_id=team_id) if team_id else managers)


def _tell(kind: str, told: Sequence[tuple[User, Handoff]], *, key: str) -> None:
    lines = [_line(kind, person, row, key) for person, row in told]
    Notification.objects.bulk_create(lines, ignore_conflicts=True)
    outbox.mails([_letter(kind, person, row, key) for person, row in told if person.email], topic=kind)


def _line(kind: str, person: User, row: Handoff, key: str) -> Notification:
    data = {
        "person": str(row.contact),
        "respond_by": row.respond_by.isoformat(),
        "assignee": str(row.assignee or ""),
    }
    return Notification(
        user=person,
        key=f"{key}:{row.pk}:{person.pk}",
        kind=kind,
        subject_type="handoff",
        subject_id=row.pk,
        data=data,
    )


def _letter(kind: str, person: User, row: Handoff, key: str) -> dict[str, str]:
    """A short mail in the reader's language and time zone."""
    with translation.override(person.language):
        due = date_format(row.respond_by.astimezone(ZoneInfo(person.time_zone)), "DATETIME_FORMAT")
        words = {"person": row.contact, "due": due, "assignee": row.assignee or _("nobody yet")}
        subject, text = _sentences(kind)
        link = f"{settings.BASE_URL}/handoffs/{row.pk}/"
        return {
            "key": f"mail:{key}:{row.pk}:{person.pk}",
            "to": person.email,
            "subject": subject % words,
            "body": f"{text % words}\n\n{link}\n",
        }


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
        "handoff.reopened": (
            _("It came back: %(person)s"),
            _("Your mail to %(person)s did not arrive. The clock runs on; first contact is due by %(due)s."),
        ),
        "handoff.warning": (_("Due soon: %(person)s"), _("First contact with %(person)s is due by %(due)s.")),
        "handoff.breach": (
            _("Overdue: %(person)s"),
            _("First contact with %(person)s was due by %(due)s. It is with %(assignee)s."),
        ),
        "handoff.escalated": (
            _("Still waiting: %(person)s"),
            _("Nobody has reached %(person)s since %(due)s. It is with %(assignee)s."),
        ),
        "handoff.acceptance": (
            _("Accept or reject: %(person)s"),
            _("Say whether you take %(person)s. It is with %(assignee)s."),
        ),
        "handoff.feedback": (
            _("Feedback overdue: %(person)s"),
            _("Marketing is waiting to hear what became of %(person)s. It is with %(assignee)s."),
        ),
    }
    return sentences[kind]
