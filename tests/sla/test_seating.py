"""Who could get a lead now: load, days off, working hours, territories and the daily limit, as stored."""

from datetime import timedelta

from crm.models import Calendar, Leave, User
from leads.models import Segment
from sla import escalation, handoffs, seating
from sla.models import Agreement, Handoff, Routing, Territory


def route(cast, **known):
    """A lead handed over by the rules, not to a named person."""
    lead = cast.lead(**known)
    return handoffs.hand_over(lead, by=cast.marketer, at=cast.at)


def test_an_inactive_person_never_gets_one(cast):
    User.objects.filter(pk__in=[cast.rep.pk, cast.colleague.pk]).update(is_active=False)
    assert {route(cast).assignee for _ in range(4)} == {cast.stranger}


def test_who_has_a_day_off_gets_none_by_the_date_where_they_are(cast):
    today = cast.at.date()
    for person in (cast.rep, cast.colleague):
        Leave.objects.create(user=person, starts_on=today, ends_on=today)
    assert route(cast).assignee == cast.stranger
    cast.at += timedelta(hours=15)  # past midnight in Tokyo, still the same date in UTC
    assert {seat.user for seat in seating.seats(cast.at) if seat.away} == set()


def test_at_the_daily_limit_the_next_goes_to_somebody_else(cast):
    User.objects.filter(role="rep").exclude(pk=cast.rep.pk).update(capacity=1)
    User.objects.filter(pk=cast.rep.pk).update(daily_limit=2, capacity=100)
    got = [route(cast).assignee for _ in range(5)]
    assert got.count(cast.rep) == 2
    assert got[-1] is None


def test_a_territory_goes_to_its_team_and_says_so(cast):
    north = Segment.objects.create(code="north", name="North", countries=["Hokkaido "])
    Territory.objects.create(segment=north, team=cast.stranger.team)
    row = route(cast, country="ＨＯＫＫＡＩＤＯ")
    assert row.assignee == cast.stranger
    assert row.routed["team"] == cast.stranger.team_id
    assert route(cast, country="Kyushu").assignee != cast.stranger


def test_a_territory_without_a_team_waits_in_the_open_queue(cast):
    Territory.objects.create(segment=Segment.objects.create(code="web", name="Web", sources=["web"]))
    assert route(cast, source="web").assignee is None
    assert route(cast, source="fair").assignee is not None


def test_under_an_agreement_with_an_open_queue_the_first_to_claim_owns_it(cast):
    Agreement.objects.in_force().update(routing=Routing.QUEUE)
    row = route(cast)
    assert (row.assignee, row.routed) == (None, {"rule": "open_queue"})
    assert handoffs.claim(row, by=cast.rep, at=cast.at).assignee == cast.rep


def test_who_is_at_work_gets_it_while_the_others_sleep(cast):
    london = Calendar.objects.create(name="London", time_zone="Europe/London", holiday_country="GB")
    tokyo = Calendar.objects.create(name="Tokyo", time_zone="Asia/Tokyo")
    for person, calendar in ((cast.rep, tokyo), (cast.stranger, london)):
        person.team.calendar = calendar
        person.team.save()
    assert {route(cast).assignee for _ in range(3)} <= {
        cast.rep,
        cast.colleague,
    }  # ten in the morning in Tokyo
    cast.at += timedelta(hours=9)
    assert route(cast).assignee == cast.stranger


def test_a_preview_writes_nothing_and_chooses_as_the_offer_does(cast):
    leads = [cast.lead() for _ in range(5)]
    agreements = dict.fromkeys([lead.pk for lead in leads], Agreement.objects.current())
    preview = seating.preview(leads, agreements, at=cast.at)
    assert not Handoff.objects.exists()
    rows = [handoffs.hand_over(lead, by=cast.marketer, at=cast.at) for lead in leads]
    assert [preview[row.lead_id].user for row in rows] == [row.assignee_id for row in rows]


def test_what_expires_goes_back_to_the_queue_where_the_terms_say_so(cast):
    Agreement.objects.in_force().update(after_expiry="queue")
    row = cast.handoff()
    escalation.sweep(at=row.expires_at)
    again = Handoff.objects.get(lead=row.lead, status="open")
    assert (again.assignee, again.routed["rule"]) == (None, "open_queue")
