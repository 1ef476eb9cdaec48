"""What if: asked, played, cancelled, kept for whoever asked, made a draft; and its pages."""

import csv
import io
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.states import Refused, UnableToMove
from leads.models import Lead
from sla import agreements, runs, simulate
from sla.models import Agreement, AgreementStatus, Handoff, RunStatus, SimulationRun
from sla.replay import play
from sla.replay.contracts import Changes
from tests.sla.asking import WEEK, draft, live, played

LOWER = Changes(definition={"threshold": 45.0})


@pytest.fixture(autouse=True)
def _now(clock, at):
    clock.set(at + 10 * WEEK)


def _page(user, name, *args, **query):
    client = Client()
    client.force_login(user)
    return client.get(reverse(f"sla:{name}", args=args), query)


def _post(user, name, *args, **body):
    client = Client()
    client.force_login(user)
    return client.post(reverse(f"sla:{name}", args=args), body)


# -- the deeds ------------------------------------------------------------------------------------


def test_a_lower_bar_lets_more_leads_qualify_and_nothing_is_written(cast):
    live(cast)
    before = list(Lead.objects.order_by("pk").values()), Handoff.objects.count()
    run = played(cast, draft(cast), LOWER)
    assert run.status == RunStatus.DONE
    assert (run.result["present"]["mqls"], run.result["changed"]["mqls"]) == (8, 16)
    assert run.result["counts"] == {"gained": 8}
    assert (list(Lead.objects.order_by("pk").values()), Handoff.objects.count()) == before


def test_the_agreement_in_force_without_changes_is_what_happened(cast):
    live(cast)
    result = played(cast, Agreement.objects.current(), Changes()).result
    assert result["present"] == result["changed"]
    assert result["leads"] == []
    assert result["reproduction"]["mqls_found"] == result["reproduction"]["mqls"] == 8
    assert result["reproduction"]["causes"] == {}


def test_what_really_took_place_is_fact_and_the_rest_expectation(cast):
    live(cast)
    basis = played(cast, draft(cast), LOWER).result["changed"]["basis"]
    assert basis == {"fact": 8, "expected": 8}


def test_a_shorter_deadline_is_broken_by_those_who_took_longer(cast):
    live(cast)  # contacted 3, 4, … 9 hours after the offer; the eighth was offered on a holiday
    result = played(cast, draft(cast), Changes(terms={"response_hours": 4.5})).result
    assert result["present"]["late"]["response"]["late"] == 0
    assert result["changed"]["late"]["response"]["late"] == 5


def test_another_question_by_the_same_person_waits_for_its_turn(cast):
    first = simulate.ask(draft(cast), LOWER, by=cast.marketer, at=cast.at)
    again = simulate.ask(first.agreement, LOWER, by=cast.marketer, at=cast.at)
    other = simulate.ask(first.agreement, Changes(), by=cast.marketer, at=cast.at)
    assert first == again
    assert simulate.perform_next(at=cast.at) == first
    assert simulate.perform_next(at=cast.at) == other
    assert simulate.perform_next(at=cast.at) is None


def test_terms_that_contradict_each_other_are_refused_before_anything_is_played(cast):
    with pytest.raises(Refused):
        simulate.ask(draft(cast), Changes(terms={"expire_hours": 2.0}), by=cast.marketer, at=cast.at)
    assert not SimulationRun.objects.exists()


def test_only_marketing_and_managers_ask(cast):
    with pytest.raises(PermissionDenied):
        simulate.ask(draft(cast), LOWER, by=cast.rep, at=cast.at)


def test_a_run_that_is_cancelled_on_the_way_keeps_nothing(cast, monkeypatch):
    live(cast)
    run = simulate.ask(draft(cast), LOWER, by=cast.marketer, at=cast.at + 10 * WEEK)
    engine = play.engine.play

    def cancelled_meanwhile(*args, **options):
        runs.cancel(run, by=cast.marketer, at=cast.at)
        return engine(*args, **options)

    monkeypatch.setattr(play.engine, "play", cancelled_meanwhile)
    simulate.perform_next(at=cast.at + 10 * WEEK)
    run.refresh_from_db()
    assert (run.status, run.result, run.cancelled_at) == (RunStatus.CANCELLED, None, cast.at)


def test_a_finished_run_cannot_be_cancelled(cast):
    run = played(cast, draft(cast), LOWER)
    with pytest.raises(UnableToMove):
        runs.cancel(run, by=cast.marketer, at=cast.at)


def test_a_run_whose_worker_died_is_given_up(cast):
    run = simulate.ask(draft(cast), LOWER, by=cast.marketer, at=cast.at)
    SimulationRun.objects.filter(pk=run.pk).update(status=RunStatus.RUNNING, started_at=cast.at)
    assert simulate.perform_next(at=cast.at + timedelta(minutes=14)) is None
    simulate.perform_next(at=cast.at + timedelta(minutes=16))
    run.refresh_from_db()
    assert run.status == RunStatus.FAILED


def test_a_replay_that_fails_says_so_and_holds_up_nobody(cast, monkeypatch):
    broken = simulate.ask(draft(cast), LOWER, by=cast.marketer, at=cast.at)
    monkeypatch.setattr(play, "compare", lambda *args, **options: 1 / 0)
    assert simulate.perform_next(at=cast.at).status == RunStatus.FAILED
    broken.refresh_from_db()
    assert "ZeroDivisionError" in broken.error


def test_only_the_last_runs_of_a_person_are_kept(cast, monkeypatch):
    monkeypatch.setattr(runs, "KEPT", 2)
    row = draft(cast)
    asked = [
        simulate.ask(row, Changes(definition={"threshold": bar}), by=cast.marketer, at=cast.at)
        for bar in (50.0, 60.0, 70.0)
    ]
    assert list(SimulationRun.objects.order_by("pk")) == asked[1:]


def test_a_run_becomes_a_draft_with_its_changes_once(cast):
    asked = Changes(
        terms={"response_hours": 8.0},
        definition={"threshold": 60.0},
        reasons={"no-budget": {"wait_days": 30, "max_times": 2}},
    )
    run = played(cast, draft(cast), asked)
    made = simulate.make_draft(run, by=cast.marketer, at=cast.at)
    made.refresh_from_db()
    rule = made.rules.get(reason__code="no-budget")
    assert (made.status, made.response_hours, made.definition.threshold) == (AgreementStatus.DRAFT, 8, 60)
    assert (rule.wait_days, rule.max_times) == (30, 2)
    assert made.pk != run.agreement_id
    assert run.agreement.definition.threshold == 80
    assert simulate.make_draft(run, by=cast.marketer, at=cast.at) == made


def test_capacities_alone_make_no_draft(cast):
    run = played(cast, draft(cast), Changes(everybody=3))
    with pytest.raises(Refused):
        simulate.make_draft(run, by=cast.marketer, at=cast.at)


# -- the pages ------------------------------------------------------------------------------------


def test_the_form_shows_what_is_agreed_and_asks_only_for_what_differs(cast):
    row = draft(cast)
    assert "Every field shows" in _page(cast.marketer, "what-if", agreement=row.pk).content.decode()
    said = _said(cast, row) | {"threshold": "60", f"capacity_{cast.rep.pk}": "4", "times_no-budget": "2"}
    answer = _post(cast.marketer, "what-if", **said)
    run = SimulationRun.objects.get()
    assert answer.url == reverse("sla:what-if-run", args=[run.pk])
    assert Changes.from_json(run.changes) == Changes(
        definition={"threshold": 60.0},
        capacity={str(cast.rep.pk): 4},
        reasons={"no-budget": {"max_times": 2}},
    )


def _said(cast, row):
    """The form as it stands, untouched."""
    form = _page(cast.marketer, "what-if", agreement=row.pk).context["form"]
    values = {name: form[name].value() for name in form.fields}
    return {"agreement": row.pk} | {
        name: "" if value is None else str(value) for name, value in values.items()
    }


def test_a_contradiction_is_said_beside_its_field(cast):
    row = draft(cast)
    answer = _post(cast.marketer, "what-if", **_said(cast, row) | {"expire_hours": "1"})
    assert answer.status_code == 422
    assert answer.context["form"].errors["expire_hours"]


def test_the_answer_says_in_plain_words_what_would_be(cast):
    live(cast)
    run = played(cast, draft(cast), LOWER)
    text = _page(cast.marketer, "what-if-run", run.pk).content.decode()
    assert "more MQLs a week" in text
    assert "8 leads would qualify that do not now." in text
    assert "Of 16 handoffs 8 went exactly as they really did." in text


def test_a_run_is_seen_by_who_asked_alone(cast):
    run = played(cast, draft(cast), LOWER)
    assert _page(cast.marketer, "what-if-run", run.pk).status_code == 200
    assert _page(cast.manager, "what-if-run", run.pk).status_code == 404
    assert _page(cast.rep, "what-if-run", run.pk).status_code == 403


def test_while_it_is_played_the_page_asks_again_and_then_goes_on(cast):
    run = simulate.ask(draft(cast), LOWER, by=cast.marketer, at=cast.at)
    client = Client(headers={"HX-Request": "true"})
    client.force_login(cast.marketer)
    address = reverse("sla:what-if-run", args=[run.pk])
    assert 'hx-trigger="every 2s"' in client.get(address).content.decode()
    simulate.perform_next(at=cast.at)
    assert client.get(address).headers["HX-Redirect"] == address


def test_cancelling_and_drafting_are_posts_on_the_page(cast):
    run = simulate.ask(draft(cast), LOWER, by=cast.marketer, at=cast.at)
    assert _page(cast.marketer, "what-if-cancel", run.pk).status_code == 405
    _post(cast.marketer, "what-if-cancel", run.pk)
    run.refresh_from_db()
    assert run.status == RunStatus.CANCELLED
    assert "This run was cancelled" in _page(cast.marketer, "what-if-run", run.pk).content.decode()
    done = played(cast, run.agreement, LOWER)
    answer = _post(cast.marketer, "what-if-draft", done.pk)
    done.refresh_from_db()
    assert answer.url == reverse("sla:agreement", args=[done.draft_id])


def test_the_leads_behind_a_figure_are_listed_and_exported(cast):
    live(cast)
    run = played(cast, draft(cast), LOWER)
    page = _page(cast.marketer, "what-if-leads", run.pk, what="gained")
    assert len(page.context["rows"]) == 8
    assert reverse("desk:lead-detail", args=[page.context["rows"][0].lead.pk]) in page.content.decode()
    answer = _page(cast.marketer, "what-if-export", run.pk, what="gained")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 9
    assert not _page(cast.marketer, "what-if-leads", run.pk, what="lost").context["rows"]


@pytest.mark.parametrize("name", ["what-if-run", "what-if-leads"])
def test_a_page_asks_as_often_for_many_leads_as_for_one(cast, name, django_assert_num_queries):
    leads = live(cast)
    few, many = played(cast, draft(cast), LOWER), played(cast, draft(cast), LOWER)
    few.result["leads"] = [entry for entry in few.result["leads"] if entry[0] == leads[1].pk]
    few.save()
    client = Client()
    client.force_login(cast.marketer)
    addresses = [reverse(f"sla:{name}", args=[run.pk]) for run in (few, many)]
    client.get(addresses[0])
    with CaptureQueriesContext(connection) as one:
        client.get(addresses[0])
    with django_assert_num_queries(len(one)):
        client.get(addresses[1])


def test_reading_the_past_takes_as_many_queries_for_many_as_for_few(cast, django_assert_max_num_queries):
    live(cast)
    run = simulate.ask(draft(cast), LOWER, by=cast.marketer, at=cast.at + 10 * WEEK)
    with django_assert_max_num_queries(400):  # two for each day of the period, and some for each side
        play.compare(run.agreement, LOWER, since=run.since, until=run.until, known_at=run.asked_at)


def test_a_manager_sees_the_leads_of_the_team_and_how_many_more_there_are(cast):
    live(cast)
    row = draft(cast)
    simulate.ask(row, LOWER, by=cast.manager, at=cast.at + 10 * WEEK)
    run = simulate.perform_next(at=cast.at + 10 * WEEK)
    page = _page(cast.manager, "what-if-leads", run.pk)
    assert page.context["rows"] == []
    assert "8 more leads are not yours to see." in page.content.decode()


def test_without_an_agreement_in_force_there_is_nothing_to_ask(cast):
    Agreement.objects.in_force().update(status=AgreementStatus.SUPERSEDED)
    assert "No agreement is in force" in _page(cast.marketer, "what-if").content.decode()


def test_reps_are_kept_out(cast):
    assert _page(cast.rep, "what-if").status_code == 403


def test_one_of_several_agreements_in_force_can_be_asked_about(cast):
    large = Agreement.objects.get(segment__code="enterprise")
    agreements.found(large, at=cast.at)
    run = played(cast, Agreement.objects.get(pk=large.pk), Changes(definition={"threshold": 40.0}))
    assert run.result["changed"]["terms"]["threshold"] == 40
    assert run.result["present"]["terms"]["threshold"] == 60
