"""Activities over REST: logged once, seen by who sees the person, taken back by a bounce."""

import pytest

from crm.models import Activity
from tests.support.calling import Caller, pointers

CALL = {"channel": "call", "outcome": "reached", "external_id": "cti-1"}


@pytest.fixture(autouse=True)
def _still(clock):
    """Nothing moves but what a test moves."""


@pytest.fixture
def row(cast):
    return cast.handoff()


def test_it_is_told_as_it_was_kept(cast, row):
    body = {
        **CALL,
        "lead": row.lead_id,
        "occurred_at": "2026-06-01T09:30:00+09:00",
        "note": "Budget in April",
    }
    answer = Caller(cast.rep).post("/activities/", body)
    shown = answer.json()
    assert answer.status_code == 201, shown
    assert (shown["contact"], shown["direction"], shown["by"]) == (row.contact_id, "outbound", cast.rep.pk)
    assert (shown["occurred_at"], shown["note"]) == ("2026-06-01T00:30:00Z", "Budget in April")
    assert Caller(cast.rep).get(f"/activities/{shown['id']}/").json() == shown


def test_sent_again_it_is_the_same_and_answers_200(cast, row):
    body, rep = {**CALL, "contact": row.contact_id}, Caller(cast.rep)
    first, again = rep.post("/activities/", body), rep.post("/activities/", body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert Activity.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"contact": None}, "/contact"),
        ({"lead": 987654321}, "/lead"),
        ({"channel": "pigeon"}, "/channel"),
        ({"outcome": "happy"}, "/outcome"),
        ({"direction": "sideways"}, "/direction"),
        ({"occurred_at": "2026-06-01T09:30:00"}, "/occurred_at"),
        ({"occurred_at": "2026-06-02T09:30:00Z"}, "/occurred_at"),
        ({"external_id": "x" * 121}, "/external_id"),
        ({"mood": "good"}, "/mood"),
    ],
)
def test_what_cannot_be_taken_is_pointed_at_and_nothing_is_kept(cast, row, wrong, pointer):
    body = {**CALL, "contact": row.contact_id, **wrong}
    if wrong == {"contact": None}:
        del body["contact"]
    answer = Caller(cast.rep).post("/activities/", body)
    assert (answer.status_code, pointers(answer)) == (400, [pointer])
    assert not Activity.objects.exists()


def test_a_lead_of_somebody_else_is_refused(cast, row):
    other = cast.lead()
    answer = Caller(cast.marketer).post("/activities/", {**CALL, "contact": row.contact_id, "lead": other.pk})
    assert (answer.status_code, pointers(answer)) == (400, ["/lead"])


def test_an_external_id_of_a_person_the_caller_does_not_see_tells_nothing(cast, row):
    Caller(cast.rep).post("/activities/", {**CALL, "contact": row.contact_id, "note": "secret"})
    mine = cast.handoff(to=cast.stranger)
    answer = Caller(cast.stranger).post("/activities/", {**CALL, "contact": mine.contact_id})
    assert (answer.status_code, pointers(answer)) == (409, ["/external_id"])
    assert "secret" not in answer.content.decode()


def test_strangers_see_nothing_of_it(cast, row):
    made = Caller(cast.rep).post("/activities/", {**CALL, "contact": row.contact_id}).json()
    stranger = Caller(cast.stranger)
    assert stranger.listed("/activities/") == []
    assert stranger.get(f"/activities/{made['id']}/").status_code == 404
    assert stranger.post(f"/activities/{made['id']}/bounce/").status_code == 404
    assert stranger.post("/activities/", {**CALL, "contact": row.contact_id}).status_code == 400


@pytest.mark.parametrize(
    ("scope", "reads", "writes"),
    [
        ("handoffs:read", 200, 403),
        ("leads:read", 200, 403),
        ("handoffs:write", 403, 201),
        ("leads:write", 403, 201),
        ("deals:write", 403, 403),
    ],
)
def test_either_scope_is_enough(cast, row, scope, reads, writes):
    caller = Caller(cast.rep, scope)
    assert caller.get("/activities/").status_code == reads
    assert caller.post("/activities/", {**CALL, "contact": row.contact_id}).status_code == writes


def test_a_bounce_takes_it_back_and_the_handoff_is_open_again(cast, row):
    rep = Caller(cast.rep)
    mail = {"channel": "email", "outcome": "left_message", "contact": row.contact_id}
    made = rep.post("/activities/", mail).json()
    row.refresh_from_db()
    assert row.status == "contacted"
    answers = [rep.post(f"/activities/{made['id']}/bounce/") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json()["outcome"] == "bounced"
    row.refresh_from_db()
    assert (row.status, row.first_contact_at) == ("open", None)


def test_a_call_cannot_bounce(cast, row):
    made = Caller(cast.rep).post("/activities/", {**CALL, "contact": row.contact_id}).json()
    assert Caller(cast.rep).post(f"/activities/{made['id']}/bounce/").status_code == 409


def test_delta_sync_hears_of_a_bounce(cast, row, clock):
    rep = Caller(cast.rep)
    mail = {"channel": "email", "outcome": "left_message", "contact": row.contact_id}
    made = rep.post("/activities/", mail).json()
    rep.post(f"/activities/{made['id']}/bounce/")
    since = rep.get(f"/activities/{made['id']}/").json()["updated_at"]
    assert since >= made["updated_at"]
    assert rep.listed("/activities/", updated_since=made["updated_at"]) == [made["id"]]


def test_lists_are_narrowed_by_each_filter(cast, row):
    rep, other = Caller(cast.rep), cast.handoff()
    first = rep.post("/activities/", {**CALL, "contact": row.contact_id}).json()["id"]
    mail = {"channel": "email", "direction": "inbound", "outcome": "auto_reply"}
    second = rep.post("/activities/", {**mail, "contact": other.contact_id}).json()["id"]
    assert rep.listed("/activities/", contact=row.contact_id) == [first]
    assert rep.listed("/activities/", lead=other.lead_id) == [second]
    assert rep.listed("/activities/", channel="call") == [first]
    assert rep.listed("/activities/", direction="inbound") == [second]
    assert rep.listed("/activities/", outcome="auto_reply") == [second]
    assert rep.listed("/activities/", external_id="cti-1") == [first]
    assert rep.listed("/activities/", until="2026-06-01T00:00:00Z") == []
    assert len(rep.listed("/activities/", since="2026-06-01T00:00:00Z", by=cast.rep.pk)) == 2
    assert rep.get("/activities/", mood="good").status_code == 400


def test_more_rows_cost_no_more_queries(cast, row, django_assert_max_num_queries):
    rep = Caller(cast.rep)
    for number in range(6):
        rep.post("/activities/", {"channel": "call", "contact": row.contact_id, "note": str(number)})
    with django_assert_max_num_queries(6):
        assert len(rep.listed("/activities/")) == 6
