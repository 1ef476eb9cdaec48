"""A letter goes when and how its reader prefers, once, and a flood becomes one mail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from crm import digests, mailing, outbox, present
from crm.mailing import Letter
from crm.models import Calendar, Closure, DigestLine, Mails, OutboxMessage, Team, User
from tests.support import mail_server
from tests.support.clock import START, Clock
from tests.support.mail_server import MailServer
from tests.support.threads import at_once, pause

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 6, 1, 23, tzinfo=UTC)  # the next day, 8:00 in Tokyo
Person = Callable[..., User]


@pytest.fixture
def person() -> Person:
    def hire(name: str = "rep", **chosen: Any) -> User:
        user: User = User.objects.create_user(name, f"{name}@a.jp", "a long enough one", **chosen)
        return user

    return hire


def _letter(user: User, number: int = 1, **more: Any) -> Letter:
    values: dict[str, Any] = {
        "key": f"k:{number}:{user.pk}",
        "user": user,
        "kind": "test.told",
        "subject": f"Subject {number}",
        "body": f"Body {number}",
        "link": f"http://x/{number}",
    }
    return Letter(**(values | more))


def _tell(user: User, count: int = 1, **more: Any) -> None:
    mailing.tell([_letter(user, number, **more) for number in range(1, count + 1)])


def _due() -> list[datetime]:
    return sorted(OutboxMessage.objects.values_list("due_at", flat=True))


# -- when ---------------------------------------------------------------------------------------------------------


def test_by_default_a_letter_goes_at_once_with_its_link_and_the_way_to_change_that(
    person: Person, clock: Clock
) -> None:
    _tell(person())
    outbox.send_mail()
    [letter] = mail.outbox
    assert (letter.subject, letter.to) == ("Subject 1", ["rep@a.jp"])
    assert letter.body.startswith("Body 1\n\nhttp://x/1\n")
    assert "/preferences/" in letter.body


@pytest.mark.parametrize("chosen", [{"mails": Mails.NONE}, {"is_active": False}])
def test_who_wants_no_mail_or_left_gets_none(person: Person, chosen: dict[str, Any]) -> None:
    _tell(person(**chosen), urgent=True)
    assert not OutboxMessage.objects.exists()
    assert not DigestLine.objects.exists()


def test_who_has_no_address_gets_none(person: Person) -> None:
    user = person()
    user.email = ""
    _tell(user)
    assert not OutboxMessage.objects.exists()


def test_in_the_night_a_letter_waits_for_the_morning(person: Person, clock: Clock) -> None:
    user = person(quiet_from=time(9), quiet_until=time(8))
    _tell(user)
    assert _due() == [MORNING]
    assert outbox.send_mail() == 0
    clock.set(MORNING)
    assert outbox.send_mail() == 1


@pytest.mark.parametrize(("allowed", "due"), [(False, MORNING), (True, START)])
def test_an_urgent_one_waits_too_unless_the_person_allows_it(
    person: Person, clock: Clock, allowed: bool, due: datetime
) -> None:
    _tell(person(quiet_from=time(9), quiet_until=time(8), urgent_always=allowed), urgent=True)
    assert _due() == [due]


def test_what_is_quiet_is_asked_of_the_clock_and_not_of_an_old_fact(person: Person, clock: Clock) -> None:
    clock.move(days=1000)
    _tell(person())
    assert _due() == [clock.now]


def test_a_day_off_is_that_of_the_teams_calendar(person: Person, clock: Clock) -> None:
    calendar = Calendar.objects.create(name="Tokyo", holiday_country="JP")
    Closure.objects.create(calendar=calendar, day=date(2026, 6, 1))
    team = Team.objects.create(name="Tokyo", calendar=calendar)
    _tell(person(team=team, quiet_days_off=True))
    _tell(person("other", team=team))
    assert _due() == [START, datetime(2026, 6, 1, 15, tzinfo=UTC)]


# -- together -----------------------------------------------------------------------------------------------------


def test_a_daily_mail_holds_what_the_day_brought_in_the_readers_zone(person: Person, clock: Clock) -> None:
    user = person(mails=Mails.DIGEST, digest_hour=8, language="ja")
    for number in (1, 2):
        mailing.tell([_letter(user, number)])
        clock.move(hours=1)
    assert digests.send_due(at=clock.now) == 0
    clock.set(MORNING)
    assert (digests.send_due(at=clock.now), outbox.send_mail()) == (1, 1)
    [letter] = mail.outbox
    assert letter.body.index("10:00  Subject 1\nhttp://x/1") < letter.body.index(
        "11:00  Subject 2\nhttp://x/2"
    )
    assert "2" in letter.subject


def test_an_urgent_one_waits_for_no_daily_mail(person: Person, clock: Clock) -> None:
    _tell(person(mails=Mails.DIGEST), urgent=True)
    assert _due() == [START]


@pytest.mark.parametrize(("count", "mails"), [(3, 3), (4, 1), (60, 1)])
def test_more_than_three_at_once_become_one_mail(
    person: Person, clock: Clock, count: int, mails: int
) -> None:
    user = person()
    _tell(user, count)
    assert outbox.send_mail() == mails
    told = "".join(letter.body for letter in mail.outbox)
    listed = min(count, digests.MOST_LISTED)
    assert f"http://x/{listed}\n" in told
    assert ("10 more" in told) is (count == 60)
    assert not DigestLine.objects.filter(sent_at=None).exists()


def test_a_flood_for_one_person_is_none_for_another(person: Person, clock: Clock) -> None:
    many, few = person("many"), person("few")
    letters = [_letter(many, number) for number in range(5)] + [_letter(few, 9)]
    mailing.tell(letters)
    outbox.send_mail()
    assert Counter(letter.to[0] for letter in mail.outbox) == {"many@a.jp": 1, "few@a.jp": 1}


def test_a_flood_in_the_night_is_one_mail_in_the_morning(person: Person, clock: Clock) -> None:
    _tell(person(quiet_from=time(9), quiet_until=time(8)), 5)
    assert _due() == [MORNING]


@pytest.mark.parametrize("each", [1, 5])
def test_many_letters_are_queued_in_a_few_statements(person: Person, clock: Clock, each: int) -> None:
    people = [person(f"p{number}") for number in range(30)]
    with CaptureQueriesContext(connection) as few:
        mailing.tell([_letter(people[0], number) for number in range(each)])
    with CaptureQueriesContext(connection) as many:
        mailing.tell([_letter(user, 100 + number) for user in people for number in range(each)])
    assert len(many) == len(few)


# -- once ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mails", [Mails.AT_ONCE, Mails.DIGEST])
@pytest.mark.parametrize("count", [1, 5])
def test_a_key_is_told_once_however_often_it_comes(
    person: Person, clock: Clock, mails: Mails, count: int
) -> None:
    user = person(mails=mails)
    for _ in range(2):
        _tell(user, count)
    _tell(user, 1)
    clock.set(MORNING)
    digests.send_due(at=clock.now)
    _tell(user, count)
    digests.send_due(at=clock.move(days=2))
    outbox.send_mail()
    assert len(mail.outbox) == 1


def test_a_daily_mail_is_sent_once_by_two_runs_one_after_the_other(person: Person, clock: Clock) -> None:
    _tell(person(mails=Mails.DIGEST), 5)
    clock.set(MORNING)
    assert [digests.send_due(at=clock.now) for _ in range(2)] == [1, 0]


def test_a_run_that_was_lost_costs_time_and_no_letter(person: Person, clock: Clock) -> None:
    _tell(person(mails=Mails.DIGEST), 2)
    clock.move(days=5)
    assert digests.send_due(at=clock.now) == 1


def test_who_chose_no_mail_meanwhile_gets_none(person: Person, clock: Clock) -> None:
    user = person(mails=Mails.DIGEST)
    _tell(user)
    User.objects.filter(pk=user.pk).update(mails=Mails.NONE)
    digests.send_due(at=clock.set(MORNING))
    assert not OutboxMessage.objects.exists()
    assert not DigestLine.objects.filter(sent_at=None).exists()


def _queued_digests(person: Person) -> int:
    users = [person(f"p{number}", mails=Mails.DIGEST) for number in range(4)]
    mailing.tell([_letter(user, number) for user in users for number in (1, 2)])
    late = present.now() + timedelta(days=3)
    at_once(*[lambda: digests.send_due(at=late)] * 2)
    return OutboxMessage.objects.filter(topic="digest").count()


@pytest.mark.django_db(transaction=True)
def test_two_beats_send_each_daily_mail_once(person: Person) -> None:
    assert _queued_digests(person) == 4


@pytest.mark.django_db(transaction=True)
def test_without_lock_and_key_two_beats_send_it_twice(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control."""
    numbers = iter(range(1000))

    def careless(user_pk: int, at: datetime) -> bool:
        lines = list(DigestLine.objects.due(at).filter(user=user_pk))
        pause(0.3)
        if lines:
            outbox.mail(key=f"d:{next(numbers)}", to="a@a.jp", subject="S", body="B", topic="digest")
        DigestLine.objects.filter(user=user_pk).update(sent_at=at)
        return bool(lines)

    monkeypatch.setattr(digests, "_send", careless)
    assert _queued_digests(person) > 4


def test_lines_sent_long_ago_are_dropped_and_waiting_ones_kept(person: Person, clock: Clock) -> None:
    user = person(mails=Mails.DIGEST)
    _tell(user)
    digests.send_due(at=clock.set(MORNING))
    mailing.tell([_letter(user, 2)])
    assert digests.forget(before=clock.move(days=1)) == 1
    assert DigestLine.objects.get().sent_at is None


@pytest.mark.parametrize(
    "chosen",
    [
        {"quiet_from": time(22)},
        {"quiet_until": time(7)},
        {"quiet_from": time(7), "quiet_until": time(7)},
        {"digest_hour": 24},
        {"mails": "often"},
    ],
)
def test_the_database_refuses_half_a_night(person: Person, chosen: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        person(**chosen)


# -- a real mail server -------------------------------------------------------------------------------------------


@pytest.fixture
def server(settings: LazySettings) -> Iterator[MailServer]:
    with mail_server.serving_mail() as running:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        yield running


def test_a_letter_arrives_over_smtp_as_it_was_written(
    person: Person, clock: Clock, server: MailServer
) -> None:
    mailing.tell(
        [_letter(person(), subject="新しいリード: 山田 太郎\r\nBcc: x@y.jp", body="山田 太郎\n.\n様")]
    )
    assert outbox.send_mail() == 1
    [letter] = server.letters
    assert letter["Subject"].strip() == "新しいリード: 山田 太郎 Bcc: x@y.jp"
    assert (letter["To"], letter["Bcc"]) == ("rep@a.jp", None)
    assert letter["Message-ID"].startswith("<k.1.")
    assert letter.get_content().splitlines()[:5] == ["山田 太郎", ".", "様", "", "http://x/1"]


def test_an_address_that_is_refused_for_good_holds_up_nobody_and_is_not_tried_again(
    person: Person, clock: Clock, server: MailServer
) -> None:
    server.refuse = {"gone@a.jp"}
    for name in ("gone", "here"):
        _tell(person(name))
    outbox.send_mail()
    assert [letter["To"] for letter in server.letters] == ["here@a.jp"]
    left = OutboxMessage.objects.get(delivered_at=None)
    assert "550" in left.error
    assert left.failed_at
    server.refuse = set()
    clock.set(left.due_at)
    assert outbox.send_mail() == 0


def test_a_mail_server_that_is_down_costs_time_and_no_letter(
    person: Person, clock: Clock, settings: LazySettings
) -> None:
    with mail_server.serving_mail() as gone:
        port = gone.port
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    _tell(person())
    outbox.send_mail()
    left = OutboxMessage.objects.get()
    assert (left.attempts, left.delivered_at) == (1, None)
    assert left.due_at > clock.now
