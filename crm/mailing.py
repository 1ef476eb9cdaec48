"""The one door for mails to our own people: it decides whether, when, and together with what.

A letter goes out at once, at the end of the reader's quiet hours, or as a line of their daily mail, as they prefer;
more than three in one call become one mail. Each key is told once. Whether it is quiet is asked of the clock of the
moment, as the outbox does, and not of the fact, which may lie far back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from crm import digests, outbox, present, quiet_hours
from crm.days_off import WEEKENDS, DaysOff
from crm.digests import Bundle
from crm.models import Calendar, DigestLine, Mails, OutboxMessage, Team, User
from crm.quiet_hours import Habits

AT_MOST_SINGLY = 3


@dataclass(frozen=True, slots=True)
class Letter:
    """One thing to tell a person, in their language. An urgent one waits for no daily mail."""

    key: str
    user: User
    kind: str
    subject: str
    body: str
    link: str = ""
    urgent: bool = False


def tell(letters: Iterable[Letter]) -> None:
    """Queue letters as their readers prefer. Who wants no mail gets none; the bell is the caller's."""
    mailed = _untold([letter for letter in letters if digests.is_mailed(letter.user)])
    if not mailed:
        return
    now = present.now()
    habits = habits_of([letter.user for letter in mailed])
    lines: list[DigestLine] = []
    together: dict[tuple[int, datetime], list[Letter]] = defaultdict(list)
    for letter in mailed:
        own = habits[letter.user.pk]
        if letter.user.mails == Mails.DIGEST and not letter.urgent:
            lines.append(_line(letter, now, quiet_hours.next_digest(own, now)))
        else:
            together[letter.user.pk, _earliest(letter, own, now)].append(letter)
    with transaction.atomic():
        digests.keep(lines)
        _post(together, now)


def _untold(letters: Sequence[Letter]) -> list[Letter]:
    """Those whose key was neither mailed nor kept for a mail."""
    keys = [_key(letter) for letter in letters]
    known = set(OutboxMessage.objects.filter(key__in=keys).values_list("key", flat=True))
    known |= set(DigestLine.objects.filter(key__in=keys).values_list("key", flat=True))
    return [letter for key, letter in zip(keys, letters, strict=True) if key not in known]


def _key(letter: Letter) -> str:
    return letter.key[:120]


def _earliest(letter: Letter, habits: Habits, now: datetime) -> datetime:
    if letter.urgent and letter.user.urgent_always:
        return now
    return quiet_hours.free_from(habits, now)


def _post(together: Mapping[tuple[int, datetime], Sequence[Letter]], now: datetime) -> None:
    """A few letters for one person go singly, many as one mail."""
    singly: dict[tuple[str, datetime], list[dict[str, str]]] = defaultdict(list)
    floods = {place: group for place, group in together.items() if len(group) > AT_MOST_SINGLY}
    for (person, moment), group in together.items():
        for letter in group if (person, moment) not in floods else ():
            singly[letter.kind, moment].append(_written(letter))
    for (kind, moment), mails in singly.items():
        outbox.mails(mails, topic=kind, due_at=moment)
    _post_floods(floods, now)


def _post_floods(floods: Mapping[tuple[int, datetime], Sequence[Letter]], now: datetime) -> None:
    fresh = digests.keep(
        [_line(letter, now, moment) for (_person, moment), group in floods.items() for letter in group]
    )
    bundles: dict[tuple[int, datetime], list[DigestLine]] = defaultdict(list)
    for line in fresh:
        bundles[line.user_id, line.due_at].append(line)
    digests.post([Bundle(lines[0].user, lines, due) for (_person, due), lines in bundles.items()], at=now)


def _written(letter: Letter) -> dict[str, str]:
    body = digests.signed(letter.user, f"{letter.body}\n\n{letter.link}".rstrip())
    return {"key": _key(letter), "to": letter.user.email, "subject": letter.subject, "body": body}


def _line(letter: Letter, now: datetime, due_at: datetime) -> DigestLine:
    return DigestLine(
        user=letter.user,
        key=_key(letter),
        kind=letter.kind,
        subject=letter.subject[:400],
        link=letter.link,
        told_at=now,
        due_at=due_at,
    )


def habits_of(users: Iterable[User]) -> dict[int, Habits]:
    """What each person chose, by their id."""
    people = {user.pk: user for user in users}
    off = _days_off({user.team_id for user in people.values() if user.quiet_days_off and user.team_id})
    return {pk: _habits(user, off) for pk, user in people.items()}


def _habits(user: User, off: dict[int, DaysOff]) -> Habits:
    chosen = Habits(ZoneInfo(user.time_zone), user.digest_hour, user.quiet_from, user.quiet_until)
    return replace(chosen, is_day_off=off.get(user.team_id or 0, WEEKENDS)) if user.quiet_days_off else chosen


def _days_off(teams: set[int]) -> dict[int, DaysOff]:
    if not teams:
        return {}
    rows = Team.objects.filter(pk__in=teams, calendar__isnull=False).select_related("calendar")
    return {
        row.pk: _rule(row.calendar)
        for row in rows.prefetch_related("calendar__closures")
        if row.calendar is not None
    }


def _rule(calendar: Calendar) -> DaysOff:
    closures = frozenset(closure.day for closure in calendar.closures.all())
    return DaysOff(calendar.windows, calendar.holiday_country, closures, calendar.always_open)
