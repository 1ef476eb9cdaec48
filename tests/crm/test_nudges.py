"""Nudges: a sweep runs soon after what it is for, once for many, and nothing depends on it."""

import pytest
from django.core.cache import cache
from kombu.exceptions import OperationalError

from crm import nudges
from leads.models import Lead

pytestmark = pytest.mark.django_db
DUPLICATES = ("sla.duplicates", {"countdown": 5, "expires": 60, "retry": False})


@pytest.fixture
def sent(cast, monkeypatch):
    cache.clear()
    messages = []
    monkeypatch.setattr(
        nudges.current_app, "send_task", lambda name, **options: messages.append((name, options))
    )
    return messages


def test_a_capture_has_duplicates_looked_for_within_seconds(cast, sent):
    cast.lead()
    assert sent == [DUPLICATES]


def test_who_comes_before_it_runs_needs_no_further_message(cast, sent):
    for _number in range(3):
        cast.lead()
    assert len(sent) == 1


def test_who_comes_later_has_one_of_their_own(cast, sent):
    cast.lead()
    cache.clear()  # the seconds have passed
    cast.lead()
    assert len(sent) == 2


def test_a_queue_that_does_not_answer_fails_no_capture(cast, sent, monkeypatch):
    def silent(*_args, **_options):
        raise OperationalError("nobody there")

    monkeypatch.setattr(nudges.current_app, "send_task", silent)
    assert Lead.objects.filter(pk=cast.lead().pk).exists()


def test_what_changes_no_lead_sends_nothing(cast, sent):
    lead = cast.lead()
    sent.clear()
    cache.clear()
    cast.lead(email=lead.contact.email)
    assert sent == []
