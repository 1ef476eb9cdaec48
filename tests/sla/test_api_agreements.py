"""REST: agreements with their terms and signatures, the deeds that move them, and data tasks."""

import pytest

from leads.models import Segment
from sla import agreements, handoffs, terms
from sla.models import Agreement, DataTask
from tests.support.agreeing import HOUR, drafted, proposed, signed
from tests.support.calling import Caller, pointers


@pytest.fixture
def later(cast, clock):
    clock.move(hours=5)
    return cast


def body_of(cast, row):
    return Caller(cast.rep).get(f"/agreements/{row.pk}/").json()


# -- what is told -------------------------------------------------------------------------------------------


def test_an_agreement_tells_everything_that_was_agreed(cast):
    shown = body_of(cast, Agreement.objects.current())
    agreed = terms.contract_body(Agreement.objects.current())
    unsaid = set(agreed) - set(shown) - {"audience", "hours"}
    assert unsaid == set()
    assert shown["definition"] == agreed["definition"]
    assert [step | {"tells": sorted(step["tells"])} for step in shown["steps"]] == agreed["steps"]
    assert {reason["code"] for reason in shown["reasons"]} == set(agreed["reasons"])


def test_signatures_come_with_side_person_and_fingerprint(cast):
    row = signed(cast, proposed(cast))
    told = body_of(cast, row)["signatures"]
    assert {(one["side"], one["user"]) for one in told} == {
        ("marketing", cast.marketer.pk),
        ("sales", cast.manager.pk),
    }
    assert {one["digest"] for one in told} == {terms.digest_of(Agreement.objects.get(pk=row.pk).text)}


def test_the_current_one_is_that_of_the_segment_or_else_everybodys(cast):
    segment = Segment.objects.get(code="enterprise")
    other = Segment.objects.create(code="public", name="Public sector")
    row = signed(
        cast, agreements.propose(drafted(cast, segment=segment), by=cast.marketer, at=cast.at + HOUR)
    )
    caller = Caller(cast.rep)
    assert caller.get("/agreements/current/").json()["version"] == 1
    assert caller.get("/agreements/current/", segment="enterprise").json()["version"] == row.version
    assert caller.get("/agreements/current/", segment=other.code).json()["version"] == 1


def test_a_segment_nobody_knows_is_refused(cast):
    answer = Caller(cast.rep).get("/agreements/current/", segment="moon")
    assert (answer.status_code, pointers(answer)) == (400, ["/segment"])


def test_agreements_are_filtered(cast):
    caller = Caller(cast.rep)
    assert caller.listed("/agreements/", status="in_force") == [Agreement.objects.current().pk]
    assert caller.listed("/agreements/", segment="enterprise") == [Agreement.objects.get(version=2).pk]


# -- what is done -------------------------------------------------------------------------------------------


def test_an_agreement_goes_all_the_way_by_rest(later):
    cast, row = later, drafted(later)
    Caller(cast.marketer).post(f"/agreements/{row.pk}/propose/")
    Caller(cast.marketer).post(f"/agreements/{row.pk}/sign/")
    answer = Caller(cast.manager).post(f"/agreements/{row.pk}/sign/")
    assert (answer.status_code, answer.json()["status"]) == (200, "in_force")


def test_a_proposal_names_its_start_and_is_taken_back(later):
    row, caller = drafted(later), Caller(later.marketer)
    answer = caller.post(f"/agreements/{row.pk}/propose/", {"effective_from": "2026-07-01T00:00:00+09:00"})
    assert answer.json()["effective_from"] == "2026-06-30T15:00:00Z"
    answer = caller.post(f"/agreements/{row.pk}/return/", {"reason": "A typo"})
    assert (answer.json()["status"], answer.json()["effective_from"]) == ("draft", None)


@pytest.mark.parametrize("deed", ["propose", "sign", "return"])
def test_a_rep_may_read_and_not_do(later, deed):
    row = drafted(later) if deed == "propose" else proposed(later)
    assert Caller(later.rep).post(f"/agreements/{row.pk}/{deed}/").status_code == 403


def test_the_wrong_state_is_a_conflict(later):
    current = Agreement.objects.current()
    answer = Caller(later.marketer).post(f"/agreements/{current.pk}/propose/")
    assert (answer.status_code, answer.json()["state"]) == (409, "in_force")


def test_a_token_that_may_only_read_moves_nothing(later):
    row = drafted(later)
    answer = Caller(later.marketer, "handoffs:read").post(f"/agreements/{row.pk}/propose/")
    assert answer.status_code == 403


# -- data tasks ---------------------------------------------------------------------------------------------


@pytest.fixture
def task(later):
    row = later.handoff()
    handoffs.reject(row, reason="insufficient-data", comment="No phone", by=later.rep, at=later.at)
    later.at = row.offered_at + HOUR
    return DataTask.objects.get(handoff=row)


def test_a_data_task_names_what_is_still_missing(later, task):
    task.handoff.agreement.definition.required_fields = ["email", "phone", "job_title"]
    task.handoff.agreement.definition.save()
    told = Caller(later.marketer).get(f"/data-tasks/{task.pk}/").json()
    assert (told["kind"], told["asked"], told["missing"]) == ("fix_data", "No phone", ["phone", "job_title"])


def test_data_tasks_are_filtered_and_seen_by_whom_they_concern(later, task):
    assert Caller(later.marketer).listed("/data-tasks/", done="false") == [task.pk]
    assert Caller(later.marketer).listed("/data-tasks/", done="true") == []
    assert Caller(later.rep).listed("/data-tasks/") == [task.pk]
    assert Caller(later.stranger).listed("/data-tasks/") == []


def test_finishing_offers_the_lead_again(later, task):
    answer = Caller(later.marketer).post(f"/data-tasks/{task.pk}/finish/", {"result": "Asked for it"})
    assert (answer.status_code, answer.json()["result"]) == (200, "Asked for it")
    assert task.handoff.lead.handoffs.running().get().assignee == later.rep


def test_finishing_may_end_in_nurture(later, task):
    Caller(later.marketer).post(
        f"/data-tasks/{task.pk}/finish/", {"result": "No reply", "offer_again": False}
    )
    assert not task.handoff.lead.handoffs.running().exists()


@pytest.mark.parametrize(("who", "body", "code"), [("rep", {"result": "x"}, 403), ("marketer", {}, 400)])
def test_finishing_is_marketings_and_says_what_was_mended(later, task, who, body, code):
    assert Caller(getattr(later, who)).post(f"/data-tasks/{task.pk}/finish/", body).status_code == code
    assert DataTask.objects.open().count() == 1
