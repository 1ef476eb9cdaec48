"""A mail to a customer: queued and logged in one breath, never sent to who opted out, taken back when it fails."""

from email.header import decode_header, make_header
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from django.core import mail

from crm import correspondence, directory, outbox
from crm.models import Activity, Contact, OutboxMessage
from crm.states import Refused

SLIP = "0" * 32


@pytest.fixture
def person(cast, clock):
    return cast.lead(email="taro@kyushu.example").contact


def write(cast, person, **known):
    values = {"subject": "Your question", "body": "Dear Taro,\n\nthank you.", "slip": SLIP}
    return correspondence.write(person, **(values | known), by=cast.rep, at=cast.at)


def opt_out(cast, person):
    directory.edit_contact(person, by=cast.marketer, at=cast.at, consent="withdrawn")
    return Contact.objects.get(pk=person.pk)


def test_it_is_queued_and_logged_together_with_one_message_id(cast, person):
    logged = write(cast, person)
    queued = OutboxMessage.objects.get(topic="letter")
    assert (logged.channel, logged.direction, logged.outcome) == ("email", "outbound", "left_message")
    assert logged.external_id == outbox.message_id(queued.key)
    assert "Dear Taro" in logged.note


def test_it_goes_out_in_the_name_of_who_wrote_it_and_answers_reach_them(cast, person):
    cast.rep.first_name, cast.rep.last_name = "美咲", "佐藤"
    logged = write(cast, person)
    outbox.send_mail()
    [sent] = [one for one in mail.outbox if one.to == ["taro@kyushu.example"]]
    assert sent.reply_to == ["rep@baton.example"]
    assert str(make_header(decode_header(sent.from_email))) == "佐藤 美咲 <baton@localhost>"
    assert sent.message()["Message-ID"] == logged.external_id


def test_a_form_sent_twice_is_one_mail(cast, person):
    assert write(cast, person).pk == write(cast, person).pk
    assert OutboxMessage.objects.filter(topic="letter").count() == Activity.objects.count() == 1


def test_who_opted_out_is_not_written_to(cast, person):
    with pytest.raises(Refused, match="withdrawn consent"):
        write(cast, opt_out(cast, person))
    assert not OutboxMessage.objects.filter(topic="letter").exists()
    assert not Activity.objects.exists()


def test_who_opts_out_before_it_leaves_is_not_written_to_either(cast, person):
    logged = write(cast, person)
    opt_out(cast, person)
    outbox.send_mail()
    assert [one for one in mail.outbox if one.to == ["taro@kyushu.example"]] == []
    assert OutboxMessage.objects.get(topic="letter").failed_at
    logged.refresh_from_db()
    assert logged.outcome == "bounced"


@pytest.mark.parametrize("wrong", [{"subject": " "}, {"body": "\n"}, {"subject": "half \ud800"}])
def test_an_empty_or_damaged_letter_is_refused_by_field(cast, person, wrong):
    with pytest.raises(Refused) as refused:
        write(cast, person, **wrong)
    assert refused.value.field == next(iter(wrong))
    assert not Activity.objects.exists()


def test_a_person_without_an_address_and_a_writer_without_one_are_told_so(cast, person):
    with pytest.raises(Refused, match="no e-mail address of"):
        write(cast, cast.lead(email="", phone="+81312345678").contact)
    cast.rep.email = ""
    with pytest.raises(Refused, match="no e-mail address of your own"):
        write(cast, person)


def test_a_subject_cannot_forge_a_header(cast, person):
    write(cast, person, subject="Hello\r\nBcc: everybody@kyushu.example")
    outbox.send_mail()
    [sent] = [one for one in mail.outbox if one.to == ["taro@kyushu.example"]]
    assert (sent.message()["Bcc"], sent.bcc) == (None, [])


def fail(monkeypatch, error):
    def refuse(_letter):
        raise error

    monkeypatch.setattr(outbox.EmailMessage, "send", refuse)


def test_refused_for_good_it_is_given_up_at_once_and_counts_as_bounced(cast, person, monkeypatch):
    logged = write(cast, person)
    fail(monkeypatch, SMTPRecipientsRefused({"taro@kyushu.example": (550, b"no such user")}))
    outbox.send_mail()
    queued = OutboxMessage.objects.get(topic="letter")
    assert queued.failed_at
    assert queued.attempts == 1
    assert "no such user" in queued.error
    logged.refresh_from_db()
    assert logged.outcome == "bounced"


def test_what_may_pass_by_is_tried_again_and_still_counts(cast, person, monkeypatch):
    logged = write(cast, person)
    fail(monkeypatch, SMTPServerDisconnected("try later"))
    outbox.send_mail()
    assert OutboxMessage.objects.get(topic="letter").failed_at is None
    logged.refresh_from_db()
    assert logged.outcome == "left_message"
