"""Several letters in one mail: the daily one at its hour, and what would otherwise be a flood.

A line is kept until it is sent, and marked in the transaction that queues its mail: a lost run costs time, a doubled
one nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm import outbox
from crm.bulk import insert_missing
from crm.models import DigestLine, Mails, User

MOST_LISTED = 50
_KEPT = ("user", "key", "kind", "subject", "link", "told_at", "due_at")


@dataclass(frozen=True, slots=True)
class Bundle:
    """Lines that go to one person in one mail."""

    user: User
    lines: Sequence[DigestLine]
    due_at: datetime


def is_mailed(user: User) -> bool:
    return bool(user.email) and user.is_active and user.mails != Mails.NONE


def keep(lines: Sequence[DigestLine]) -> list[DigestLine]:
    """Keep lines for a mail to come; returns those that were not kept before."""
    by_key = {line.key: line for line in sorted(lines, key=lambda line: line.key)}
    fresh = []
    for pk, key in insert_missing(list(by_key.values()), fields=_KEPT, returning=("id", "key")):
        by_key[key].pk = pk
        fresh.append(by_key[key])
    return fresh


def send_due(*, at: datetime) -> int:
    """Queue the mail of everybody who has lines due; returns how many mails."""
    people = DigestLine.objects.due(at).order_by("user").values_list("user", flat=True).distinct()
    return sum(_send(person, at) for person in people)


def _send(person: int, at: datetime) -> bool:
    with transaction.atomic():
        # Two beats at once: one holds the person, the other has nothing to do.
        rows = User.objects.select_for_update(skip_locked=True, no_key=True)
        user = rows.filter(pk=person).first()
        lines = list(DigestLine.objects.due(at).filter(user=person)) if user else []
        if user is None or not lines:
            return False
        post([Bundle(user, lines, at)], at=at)
    return True


def post(bundles: Iterable[Bundle], *, at: datetime) -> None:
    """Queue one mail for each bundle, and mark the lines as sent."""
    mails: dict[datetime, list[dict[str, str]]] = defaultdict(list)
    sent: list[int] = []
    for bundle in bundles:
        sent += [line.pk for line in bundle.lines]
        if bundle.lines and is_mailed(bundle.user):
            mails[bundle.due_at].append(_written(bundle))
    for due_at, several in mails.items():
        outbox.mails(several, topic="digest", due_at=due_at)
    DigestLine.objects.filter(pk__in=sent).update(sent_at=at)


def _written(bundle: Bundle) -> dict[str, str]:
    user, lines = bundle.user, sorted(bundle.lines, key=lambda line: (line.told_at, line.pk))
    with translation.override(user.language):
        subject, body = _subject(len(lines)), _body(user, lines)
    key = f"digest:{user.pk}:{max(line.pk for line in lines)}"
    return {"key": key, "to": user.email, "subject": subject, "body": signed(user, body)}


def _subject(count: int) -> str:
    return ngettext("%(count)d message from Baton", "%(count)d messages from Baton", count) % {"count": count}


def _body(user: User, lines: Sequence[DigestLine]) -> str:
    zone = ZoneInfo(user.time_zone)
    shown = [_listed(line, zone) for line in lines[:MOST_LISTED]]
    more = len(lines) - len(shown)
    if more:
        said = ngettext("and %(count)d more: %(link)s", "and %(count)d more: %(link)s", more)
        shown.append(said % {"count": more, "link": f"{settings.BASE_URL}/notifications/"})
    return "\n\n".join(shown)


def _listed(line: DigestLine, zone: ZoneInfo) -> str:
    told = date_format(line.told_at.astimezone(zone), "SHORT_DATETIME_FORMAT")
    return f"{told}  {line.subject}\n{line.link}".rstrip()


def signed(user: User, body: str) -> str:
    """The body with the way to change what one is mailed, in the reader's language."""
    with translation.override(user.language):
        said = _("What you are mailed, and when, is your choice: %(link)s")
    return f"{body}\n\n-- \n{said % {'link': f'{settings.BASE_URL}/preferences/'}}\n"


def forget(*, before: datetime, limit: int = 10_000) -> int:
    """Drop lines that were sent long ago."""
    old = DigestLine.objects.filter(sent_at__lt=before).order_by("sent_at", "pk")
    ids = list(old.values_list("pk", flat=True)[:limit])
    DigestLine.objects.filter(pk__in=ids).delete()
    return len(ids)
