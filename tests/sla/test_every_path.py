"""By whatever path an activity arrives, the same rule says whether it answers the handoff."""

import pytest

from crm import imports, outbox
from crm.models import Activity
from sla import handoffs
from sla.models import Agreement, Handoff
from tests.support.calling import Caller

CODES = ("reached", "no_answer", "left_message", "bounced", "auto_reply", "none")
ANSWERS = {"attempt": {"reached", "no_answer", "left_message"}, "reached": {"reached"}}


def by_deed(cast, row, outcome):
    handoffs.contact(row, channel="email", outcome=outcome, by=cast.rep, at=cast.at)


def by_handoff_rest(cast, row, outcome):
    told = {"channel": "email", "outcome": outcome}
    assert Caller(cast.rep).post(f"/handoffs/{row.pk}/contact/", told).status_code == 200


def by_activity_rest(cast, row, outcome, direction="outbound"):
    told = {"lead": row.lead_id, "channel": "email", "direction": direction, "outcome": outcome}
    assert Caller(cast.marketer).post("/activities/", told).status_code == 201


def by_file(cast, row, outcome, direction="outbound"):
    told = {
        "email": row.contact.email,
        "channel": "email",
        "direction": direction,
        "outcome": outcome,
        "occurred_at": cast.at.isoformat(),
    }
    content = f"{','.join(told)}\n{','.join(told.values())}\n".encode()
    mapping = {name: name for name in told}
    report = imports.run("activities", content, mapping, by=cast.marketer, at=cast.at)
    assert report.counts["created"] == 1, report.bad


def inbound_by_rest(cast, row, outcome):
    by_activity_rest(cast, row, outcome, "inbound")


def inbound_by_file(cast, row, outcome):
    by_file(cast, row, outcome, "inbound")


PATHS = [by_deed, by_handoff_rest, by_activity_rest, by_file]


@pytest.fixture(params=["attempt", "reached"])
def counts(request, cast, clock):
    Agreement.objects.in_force().update(response_counts=request.param)
    return request.param


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("outcome", CODES)
def test_an_outcome_answers_or_does_not_whatever_the_path(cast, counts, path, outcome):
    row = cast.handoff()
    path(cast, row, outcome)
    row.refresh_from_db()
    assert Activity.objects.get().outcome == outcome
    assert (row.status == "contacted") == (outcome in ANSWERS[counts])
    assert (row.first_contact_at == cast.at) == (outcome in ANSWERS[counts])


@pytest.mark.parametrize("outcome", ["reached", "no_answer", "left_message"])
def test_a_page_answers_as_far_as_the_terms_say(cast, client, counts, outcome):
    row = cast.handoff()
    client.force_login(cast.rep)
    client.post(f"/handoffs/{row.pk}/contact/", {"channel": "call", "outcome": outcome})
    row.refresh_from_db()
    assert (row.status == "contacted") == (outcome in ANSWERS[counts])


def test_a_mail_sent_from_here_is_an_attempt_and_no_more(cast, client, counts):
    row = cast.handoff()
    client.force_login(cast.rep)
    page = client.get(f"/handoffs/{row.pk}/mail/").context["form"].initial
    client.post(f"/handoffs/{row.pk}/mail/", page)
    row.refresh_from_db()
    assert (row.status == "contacted") == (counts == "attempt")
    outbox.send_mail()
    assert Handoff.objects.get(pk=row.pk).status == row.status


INBOUND = [inbound_by_rest, inbound_by_file]


@pytest.mark.parametrize("path", INBOUND)
@pytest.mark.parametrize("outcome", CODES)
def test_what_comes_in_from_the_person_answers_nothing(cast, clock, path, outcome):
    """An automatic reply, a bounce, even a real answer: none of them is something sales did."""
    row = cast.handoff()
    path(cast, row, outcome)
    row.refresh_from_db()
    assert Activity.objects.get().direction == "inbound"
    assert (row.status, row.first_contact_at) == ("open", None)


def test_told_late_it_counts_from_when_it_happened(cast, clock):
    row = cast.handoff()
    clock.set(row.respond_by)
    clock.move(hours=1)
    told = {"lead": row.lead_id, "channel": "call", "outcome": "reached", "occurred_at": cast.at.isoformat()}
    Caller(cast.marketer).post("/activities/", told)
    row.refresh_from_db()
    assert (row.first_contact_at, row.responded_in_time) == (cast.at, True)
