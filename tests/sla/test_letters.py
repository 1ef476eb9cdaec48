"""Sales answers with a mail; one that comes back opens the handoff again, and its owner hears of it."""

from datetime import timedelta
from smtplib import SMTPRecipientsRefused

import pytest
from django.core.exceptions import PermissionDenied

from crm import activities, outbox
from crm.models import Activity, LedgerEntry, Notification, OutboxMessage
from crm.states import Refused, UnableToMove
from project import invariants
from sla import handoffs
from sla.models import Handoff, Pause

SLIP = "a" * 32
HOUR = timedelta(hours=1)


@pytest.fixture
def row(cast, clock):
    return cast.handoff(email="taro@kyushu.example")


def write(cast, row, *, by=None, at=None):
    who = by or cast.rep
    return handoffs.write(row, subject="Hello", body="Dear Taro", slip=SLIP, by=who, at=at or cast.at)


def test_it_stops_the_clock_the_moment_it_is_queued(cast, row):
    write(cast, row)
    row.refresh_from_db()
    assert (row.status, row.first_contact_at, row.responded_in_time) == ("contacted", cast.at, True)
    assert row.answered_with == Activity.objects.get()
    assert OutboxMessage.objects.get(topic="letter").delivered_at is None


def test_a_stranger_and_a_marketer_may_not_write_and_nothing_is_queued(cast, row):
    for who in (cast.stranger, cast.marketer, cast.colleague):
        with pytest.raises(PermissionDenied):
            write(cast, row, by=who)
    assert not OutboxMessage.objects.filter(topic="letter").exists()


def test_once_it_is_decided_no_mail_goes_out(cast, row):
    handoffs.reject(row, reason="no-need", by=cast.rep, at=cast.at)
    with pytest.raises(UnableToMove):
        write(cast, row)
    assert not OutboxMessage.objects.filter(topic="letter").exists()


def test_who_opted_out_is_not_written_to_and_the_clock_runs_on(cast, row):
    type(row.contact).objects.filter(pk=row.contact_id).update(consent="withdrawn")
    with pytest.raises(Refused, match="withdrawn consent"):
        write(cast, row)
    row.refresh_from_db()
    assert row.first_contact_at is None


def test_refused_for_good_by_the_other_side_it_opens_the_handoff_and_tells_the_owner(cast, row, monkeypatch):
    write(cast, row)

    def refuse(_letter):
        raise SMTPRecipientsRefused({"taro@kyushu.example": (550, b"no such user")})

    with monkeypatch.context() as patch:
        patch.setattr(outbox.EmailMessage, "send", refuse)
        outbox.send_mail()
    row.refresh_from_db()
    assert (row.status, row.first_contact_at) == ("open", None)
    assert Notification.objects.get(kind="handoff.reopened").user == cast.rep
    assert OutboxMessage.objects.get(kind="mail", topic="handoff.reopened").payload["to"] == cast.rep.email
    assert invariants.broken(cast.at) == []


def test_the_rep_reports_that_it_came_back(cast, row):
    write(cast, row)
    handoffs.returned(row, by=cast.rep, at=cast.at + HOUR)
    row.refresh_from_db()
    assert (row.status, row.answered_with) == ("open", None)
    assert LedgerEntry.objects.filter(kind="handoff.reopened").count() == 1


def test_a_call_does_not_come_back(cast, row):
    handoffs.contact(row, channel="call", outcome="reached", by=cast.rep, at=cast.at)
    with pytest.raises(Refused):
        handoffs.returned(row, by=cast.rep, at=cast.at)
    row.refresh_from_db()
    assert row.status == "contacted"


def test_an_earlier_call_still_answers_when_the_mail_came_back(cast, row):
    write(cast, row)
    handoffs.contact(row, channel="call", outcome="no_answer", by=cast.rep, at=cast.at + HOUR)
    handoffs.returned(row, by=cast.rep, at=cast.at + 2 * HOUR)
    row.refresh_from_db()
    assert (row.status, row.first_contact_at) == ("contacted", cast.at + HOUR)
    assert not Notification.objects.filter(kind="handoff.reopened").exists()


def test_a_bounce_ends_the_pause_and_the_clock_runs_on(cast, row):
    write(cast, row)
    handoffs.pause(row, reason="on holiday", by=cast.rep, at=cast.at + HOUR)
    activities.bounced(row.contact.activities.get(), at=cast.at + 3 * HOUR)
    assert not Pause.objects.filter(ends_at=None).exists()
    again = Handoff.objects.get(pk=row.pk)
    assert again.respond_by == row.respond_by + 2 * HOUR
    assert again.escalate_at == min(due for level, due in again.rungs if level.startswith("response"))
    assert invariants.broken(cast.at + 3 * HOUR) == []
