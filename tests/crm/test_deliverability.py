"""Which failures of a mail are for good."""

from smtplib import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPDataError,
    SMTPRecipientsRefused,
    SMTPServerDisconnected,
)

import pytest

from crm import deliverability
from crm.deliverability import Guard
from crm.models import OutboxMessage


@pytest.mark.parametrize(
    "error",
    [
        SMTPRecipientsRefused({"a@b.example": (550, b"no such user")}),
        SMTPDataError(554, b"spam"),
    ],
)
def test_a_letter_the_other_side_refuses_is_lost(error):
    assert deliverability.is_permanent(error)


@pytest.mark.parametrize(
    "error",
    [
        SMTPRecipientsRefused({"a@b.example": (450, b"mailbox busy")}),
        SMTPRecipientsRefused({"a@b.example": (550, b"no"), "c@b.example": (450, b"busy")}),
        SMTPDataError(451, b"try later"),
        SMTPAuthenticationError(535, b"wrong password"),
        SMTPConnectError(500, b"?"),
        SMTPServerDisconnected("gone"),
        OSError("no route"),
    ],
)
def test_what_is_ours_or_passes_by_is_not(error):
    assert not deliverability.is_permanent(error)


@pytest.mark.django_db
def test_a_guard_that_fails_does_not_hold_up_the_relay(at, monkeypatch, caplog):
    def fail(_message, _at):
        raise ValueError("a bug")

    monkeypatch.setitem(deliverability._guards, "t", Guard(forbids=lambda _payload: "", gave_up=fail))
    deliverability.gave_up(OutboxMessage(topic="t", key="k"), at)
    assert "undelivered_mail_untold" in caplog.text
