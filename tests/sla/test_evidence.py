"""What answers a handoff: evidence, never a status."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from sla import evidence

OFFERED = datetime(2026, 6, 1, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Deed:
    hours: float
    outcome: str = "no_answer"
    channel: str = "call"
    direction: str = "outbound"

    @property
    def occurred_at(self) -> datetime:
        return OFFERED + timedelta(hours=self.hours)


def answered(*deeds: Deed, counts: str = "attempt", attempts: int = 1, channels: int = 1) -> float | None:
    terms = {"response_counts": counts, "attempts": attempts, "channels": channels}
    found = evidence.answer(deeds, terms, since=OFFERED)
    return found.hours if found else None


@pytest.mark.parametrize("outcome", ["reached", "no_answer", "left_message"])
def test_an_attempt_answers_where_attempts_count(outcome):
    assert answered(Deed(1, outcome)) == 1


@pytest.mark.parametrize("outcome", ["bounced", "auto_reply", "none"])
def test_what_did_not_arrive_answers_nothing(outcome):
    assert answered(Deed(1, outcome)) is None


@pytest.mark.parametrize("deed", [Deed(1, "reached", direction="inbound"), Deed(1, "reached", "note")])
def test_a_note_or_a_mail_from_the_person_is_no_attempt(deed):
    assert answered(deed) is None


def test_what_happened_before_the_offer_does_not_count():
    assert answered(Deed(-1, "reached")) is None


def test_only_having_reached_the_person_counts_where_the_terms_say_so():
    assert answered(Deed(1), Deed(2), Deed(3, "reached"), counts="reached") == 3


def test_so_many_attempts_on_so_many_channels_answer_with_the_one_that_completes_them():
    calls = [Deed(1), Deed(2), Deed(3)]
    assert answered(*calls, attempts=3) == 3
    assert answered(*calls, attempts=3, channels=2) is None
    assert answered(*calls, Deed(5, channel="email"), attempts=3, channels=2) == 5


def test_having_reached_the_person_answers_before_the_attempts_are_complete():
    assert answered(Deed(1), Deed(2, "reached"), attempts=5, channels=3) == 2


def test_the_order_in_which_they_were_logged_does_not_matter():
    assert answered(Deed(4), Deed(1, "reached"), Deed(2)) == 1
