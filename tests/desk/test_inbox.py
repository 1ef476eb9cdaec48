"""The inbox: who waits, in which group, and at what price."""

from datetime import timedelta

import pytest
from django.urls import reverse

from crm.models import Notification
from sla import handoffs
from sla.models import Handoff


@pytest.fixture
def inbox(client, cast, clock):
    def open_as(person):
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        return client.get(reverse("desk:inbox"))

    return open_as


def labels(answer):
    return {str(group.label): [row.handoff.pk for row in group.rows] for group in answer.context["groups"]}


def test_a_guest_is_asked_to_log_in(client, db):
    assert client.get("/inbox/")["Location"].startswith("/accounts/login/")


def test_home_is_the_inbox(client, db):
    assert client.get("/")["Location"] == "/inbox/"


def test_an_empty_inbox_is_kind(inbox, cast):
    assert "All passed on." in inbox(cast.rep).content.decode()


def test_a_handoff_moves_through_the_groups(inbox, cast, clock):
    row = cast.handoff(company="Alpha East K.K.", job_title="IT manager")
    answer = inbox(cast.rep)
    assert labels(answer) == {"Later": [row.pk]}
    assert "IT manager" in answer.content.decode()
    clock.set(row.warn_at + timedelta(minutes=1))
    assert labels(inbox(cast.rep)) == {"Due soon": [row.pk]}
    clock.set(row.respond_by + timedelta(minutes=1))
    assert labels(inbox(cast.rep)) == {"Overdue": [row.pk]}
    handoffs.contact(row, channel="call", outcome="reached", by=cast.rep, at=clock.now)
    assert labels(inbox(cast.rep)) == {"Waiting for my feedback": [row.pk]}


def test_others_do_not_see_it_and_the_manager_does(inbox, cast):
    row = cast.handoff()
    assert labels(inbox(cast.colleague)) == labels(inbox(cast.stranger)) == {}
    assert labels(inbox(cast.manager)) == {"Later": [row.pk]}


def test_the_open_queue_is_offered_to_claim(inbox, cast):
    row = cast.handoff()
    Handoff.objects.filter(pk=row.pk).update(assignee=None)
    answer = inbox(cast.colleague)
    assert labels(answer) == {"Open queue: claim one": [row.pk]}
    assert f"/handoffs/{row.pk}/claim/" in answer.content.decode()


@pytest.mark.parametrize(
    ("who", "words"),
    [
        ("rep", "1 person waits for you;"),
        ("manager", "1 person waits for your team;"),
        ("marketer", "1 person waits for sales;"),
    ],
)
def test_the_line_above_says_for_whom_they_wait(inbox, cast, who, words):
    cast.handoff()
    assert words in inbox(getattr(cast, who)).context["lede"]


def test_the_line_above_counts_who_waits_for_a_first_contact_and_who_is_overdue(inbox, cast, clock):
    late, answered = cast.handoff(), cast.handoff()
    handoffs.contact(answered, channel="call", outcome="reached", by=cast.rep, at=clock.now)
    clock.set(late.respond_by + timedelta(minutes=1))
    assert inbox(cast.rep).context["lede"] == "1 person waits for you, 1 is overdue."


def test_a_lead_accepted_before_the_first_contact_still_waits_for_it(inbox, cast, clock):
    row = handoffs.accept(cast.handoff(), by=cast.rep, at=clock.now)
    assert "make the first contact" in inbox(cast.rep).content.decode()
    handoffs.contact(row, channel="call", outcome="reached", by=cast.rep, at=clock.now)
    assert "convert or reject" in inbox(cast.rep).content.decode()


def test_queries_do_not_grow_with_the_rows(inbox, cast, client, django_assert_max_num_queries):
    inbox(cast.rep)
    for _number in range(5):
        cast.handoff()
    with django_assert_max_num_queries(13):
        answer = client.get("/inbox/")
    assert sum(len(rows) for rows in labels(answer).values()) == 5


def test_settings_are_kept(inbox, cast, client):
    inbox(cast.rep)
    chosen = {"theme": "dark", "density": "comfortable", "language": "en", "time_zone": "Europe/Paris"}
    answer = client.post("/preferences/", {**chosen, "next": "/inbox/"})
    assert answer["Location"] == "/inbox/"
    cast.rep.refresh_from_db()
    assert (cast.rep.theme, cast.rep.time_zone) == ("dark", "Europe/Paris")


def test_a_wrong_zone_changes_nothing_and_foreign_addresses_are_not_followed(inbox, cast, client):
    inbox(cast.rep)
    answer = client.post("/preferences/", {"time_zone": "Moon/Base", "next": "https://evil.example/"})
    assert answer["Location"] == "/inbox/"
    cast.rep.refresh_from_db()
    assert cast.rep.time_zone == "Asia/Tokyo"


def test_news_are_listed_and_read(inbox, cast, client):
    row = cast.handoff()
    Notification.objects.get_or_create(
        key="t",
        defaults={
            "user": cast.rep,
            "kind": "handoff.breach",
            "subject_type": "handoff",
            "subject_id": row.pk,
        },
    )
    inbox(cast.rep)
    assert f"/handoffs/{row.pk}/" in client.get("/notifications/").content.decode()
    client.post("/notifications/")
    assert not Notification.objects.filter(user=cast.rep, read_at=None).exists()


@pytest.mark.parametrize(
    ("mails", "words"),
    [
        ("at_once", "and in your mail"),
        ("digest", "in your daily mail"),
        ("none", "you chose to get no mails"),
    ],
)
def test_an_empty_inbox_promises_no_mail_that_does_not_come(cast, desk, mails, words):
    cast.rep.mails = mails
    cast.rep.save()
    assert words in desk(cast.rep).get("/inbox/").content.decode()


@pytest.mark.parametrize("who", ["rep", "manager", "marketer", "admin"])
def test_everybody_finds_the_way_to_the_handoffs(cast, desk, who):
    frame = desk(getattr(cast, who)).get("/inbox/").context["frame"]
    assert "/handoffs/" in [link.url for link in (*frame["nav"], *frame["more"])]
