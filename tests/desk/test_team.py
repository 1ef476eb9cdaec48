"""Team today: who has what, who is away, what was late; and giving handoffs to somebody else."""

import re
from datetime import timedelta

import pytest

from crm import leaves
from crm.models import Leave, User
from sla import handoffs
from sla.models import Handoff

HOUR = timedelta(hours=1)


def shown(answer):
    """The counts of each person by their user name; the open queue is ''."""
    return {
        member.person.username if member.person else "": {t.code: t.count for t in member.tallies if t.count}
        for member in answer.context["people"]
    }


def listed(answer):
    return [row.handoff.pk for row in answer.context["rows"]]


def said(answer):
    return [str(message) for message in answer.context["messages"]]


@pytest.mark.parametrize("who", ["rep", "marketer"])
def test_it_is_for_who_leads_people(desk, cast, who):
    web = desk(getattr(cast, who))
    assert web.get("/team/").status_code == 403
    assert "/team/" not in web.get("/inbox/").content.decode()


def test_who_leads_finds_it_in_the_navigation(desk, cast):
    for who in (cast.manager, cast.admin):
        assert 'href="/team/"' in desk(who).get("/inbox/").content.decode()


def test_each_person_with_their_handoffs_by_state_and_the_queue(desk, cast, clock):
    first, second = cast.handoff(), cast.handoff()
    cast.handoff(to=cast.colleague)
    Handoff.objects.filter(pk=second.pk).update(assignee=None)
    handoffs.contact(first, channel="call", outcome="reached", by=cast.rep, at=clock.now)
    clock.set(first.respond_by + HOUR)
    counts = shown(desk(cast.manager).get("/team/"))
    assert counts["rep"] == {"feedback": 1}
    assert counts["colleague"] == counts[""] == {"overdue": 1}
    assert "stranger" not in counts
    assert "stranger" in shown(desk(cast.admin).get("/team/"))


def test_every_figure_opens_its_rows(desk, cast, clock):
    row = cast.handoff()
    cast.handoff(to=cast.colleague)
    clock.set(row.respond_by + HOUR)
    web = desk(cast.manager)
    [mine] = [m for m in web.get("/team/").context["people"] if m.person == cast.rep]
    [tally] = [t for t in mine.tallies if t.count]
    assert listed(web.get(f"/team/{tally.url.partition('#')[0]}")) == [row.pk]


def test_capacity_and_the_daily_limit_are_those_of_routing(desk, cast):
    User.objects.filter(pk=cast.rep.pk).update(capacity=2, daily_limit=3)
    for _ in range(2):
        cast.handoff()
    page = desk(cast.manager).get("/team/").content.decode()
    assert "2 of 2" in page
    assert "2 of 3" in page
    assert "Rep · 2 of 2" in page


def test_breaches_are_told_with_their_cause_and_counted(desk, cast, clock):
    row = cast.handoff(last_name="Onodera", first_name="Kentaro")
    clock.set(row.respond_by + HOUR)
    answer = desk(cast.manager).get("/team/")
    assert answer.context["breaches"].count == 1
    assert "Nobody tried" in answer.content.decode()
    assert listed(desk(cast.manager).get("/team/?state=breached")) == [row.pk]
    handoffs.contact(row, channel="call", outcome="reached", by=cast.rep, at=clock.now)
    assert listed(desk(cast.manager).get("/team/?state=breached")) == [row.pk]
    clock.move(days=8)
    assert desk(cast.manager).get("/team/").context["breaches"].count == 0


def test_who_is_away_is_marked_and_days_off_are_noted_and_taken_back(desk, cast):
    web = desk(cast.manager)
    days = {"person": cast.rep.pk, "starts_on": "2026-06-01", "ends_on": "2026-06-03"}
    assert web.post("/team/leave/", days)["Location"] == "/team/"
    page = web.get("/team/").content.decode()
    assert "away; back" in page
    assert "Undo" in page  # beside the message
    leave = Leave.objects.get()
    web.post(f"/team/leave/{leave.pk}/remove/")
    assert not Leave.objects.exists()


def test_days_off_that_were_taken_back_can_be_put_back(desk, cast):
    web, day = desk(cast.manager), cast.at.date()
    leave = leaves.add(cast.rep, starts_on=day, ends_on=day, by=cast.manager, at=cast.at)
    page = web.post(f"/team/leave/{leave.pk}/remove/", follow=True).content.decode()
    [undo] = re.findall(r"/team/leave/\d+/restore/", page)
    web.post(undo)
    web.post(undo)
    back = Leave.objects.get()
    assert (back.user, back.starts_on, back.ends_on) == (cast.rep, day, day)


def test_what_another_team_took_back_does_not_exist(desk, cast):
    day = cast.at.date()
    entry = leaves.remove(
        leaves.add(cast.stranger, starts_on=day, ends_on=day, by=cast.admin, at=cast.at),
        by=cast.admin,
        at=cast.at,
    )
    assert desk(cast.manager).post(f"/team/leave/{entry}/restore/").status_code == 404
    assert not Leave.objects.exists()


def test_who_is_away_from_tomorrow_is_told_today(desk, cast):
    day = cast.at.date() + timedelta(days=1)
    leaves.add(cast.rep, starts_on=day, ends_on=day, by=cast.manager, at=cast.at)
    assert "away from tomorrow" in desk(cast.manager).get("/team/").content.decode()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"ends_on": "2026-05-01"}, "comes before"),
        ({"person": "stranger"}, "valid choice"),
        ({"starts_on": ""}, "required"),
    ],
)
def test_days_off_that_cannot_be_noted_are_refused_beside_the_field(desk, cast, wrong, words):
    days = {"person": cast.rep.pk, "starts_on": "2026-06-01", "ends_on": "2026-06-03", **wrong}
    if days["person"] == "stranger":
        days["person"] = cast.stranger.pk
    answer = desk(cast.manager).post("/team/leave/", days)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Leave.objects.exists()


def test_the_leave_of_another_team_does_not_exist(desk, cast):
    leave = leaves.add(
        cast.stranger, starts_on=cast.at.date(), ends_on=cast.at.date(), by=cast.admin, at=cast.at
    )
    assert desk(cast.manager).post(f"/team/leave/{leave.pk}/remove/").status_code == 404
    assert Leave.objects.exists()


def test_several_are_given_to_a_colleague_at_once(desk, cast):
    rows = [cast.handoff() for _ in range(3)]
    web = desk(cast.manager)
    body = {
        "handoffs": [row.pk for row in rows[:2]],
        "assignee": cast.colleague.pk,
        "next": "/team/?person=7",
    }
    assert web.post("/team/reassign/", body)["Location"] == "/team/?person=7"
    assert set(Handoff.objects.filter(assignee=cast.colleague)) == set(rows[:2])
    assert said(web.get("/team/")) == ["2 handoffs are with Colleague now."]


def test_one_decided_meanwhile_is_named_and_the_others_move(desk, cast):
    decided, open_one = cast.handoff(), cast.handoff()
    web = desk(cast.manager)
    handoffs.reject(decided, reason="no-need", by=cast.rep, at=cast.at)
    web.post("/team/reassign/", {"handoffs": [decided.pk, open_one.pk], "assignee": cast.colleague.pk})
    assert said(web.get("/team/")) == [
        "1 handoff is with Colleague now.",
        "1 was decided meanwhile and stays as it is.",
    ]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"assignee": "colleague"}, "Choose at least one handoff first."),
        ({"handoffs": "row"}, "Choose who takes them over."),
        ({"handoffs": "foreign", "assignee": "colleague"}, "One of them is gone. Look at the list again."),
    ],
)
def test_without_somebody_or_something_nothing_moves(desk, cast, body, words):
    row, foreign = cast.handoff(), cast.handoff(to=cast.stranger)
    known = {"row": row.pk, "foreign": foreign.pk, "colleague": cast.colleague.pk}
    web = desk(cast.manager)
    web.post("/team/reassign/", {name: known[value] for name, value in body.items()})
    assert said(web.get("/team/")) == [words]
    assert not Handoff.objects.filter(assignee=cast.colleague).exists()


def test_another_site_is_not_followed(desk, cast):
    body = {"handoffs": cast.handoff().pk, "assignee": cast.colleague.pk, "next": "https://evil.example/"}
    assert desk(cast.manager).post("/team/reassign/", body)["Location"] == "/team/"


def test_the_list_is_sorted_by_what_is_asked_next_and_exported_as_it_is(desk, cast, clock):
    told, waits = cast.handoff(last_name="Mori"), cast.handoff(last_name="Abe")
    handoffs.contact(told, channel="call", outcome="reached", by=cast.rep, at=clock.now)
    web = desk(cast.manager)
    assert listed(web.get("/team/")) == [waits.pk, told.pk]
    assert listed(web.get("/team/?sort=person")) == [waits.pk, told.pk]
    assert listed(web.get("/team/?sort=-person")) == [told.pk, waits.pk]
    rows = web.get("/team/export.csv?state=feedback").content.decode().splitlines()
    assert len(rows) == 2
    assert "Mori" in rows[1]


def test_filters_that_leave_nothing_say_so_and_a_quiet_day_is_quiet(desk, cast):
    web = desk(cast.manager)
    assert "No handoff of the team is running." in web.get("/team/").content.decode()
    assert "No handoffs match" in web.get("/team/?state=overdue").content.decode()
    assert web.get("/team/?state=x&person=y&team=z&sort=w&cursor=v").status_code == 200


def test_an_administrator_narrows_it_to_a_team(desk, cast):
    cast.handoff(to=cast.stranger)
    web = desk(cast.admin)
    people = shown(web.get(f"/team/?team={cast.stranger.team_id}"))
    assert set(people) == {"stranger", ""}


def test_queries_do_not_grow_with_the_rows(desk, cast, clock, django_assert_max_num_queries):
    web = desk(cast.manager)
    web.get("/team/")
    for _ in range(6):
        row = cast.handoff()
    clock.set(row.respond_by + HOUR)
    with django_assert_max_num_queries(28):
        assert len(listed(web.get("/team/"))) == 6
