"""The handoff page and its deeds: plain forms, htmx answers, refusals, and who may."""

import pytest

from sla import handoffs
from sla.models import Handoff, Status

HTMX = {"HTTP_HX_REQUEST": "true", "HTTP_HX_CURRENT_URL": "http://testserver/inbox/"}


def at(row, deed=""):
    return f"/handoffs/{row.pk}/{deed + '/' if deed else ''}"


def test_one_screen_tells_who_why_and_by_when(desk, cast):
    row = cast.handoff(job_title="CFO", company="Alpha East K.K.", stakeholder_role="executive")
    page = desk(cast.rep).get(at(row)).content.decode()
    for words in (
        "CFO",
        "Alpha East",
        "business hours",
        "Agreement, version 1",
        "Return and risk",
        "Handed over",
    ):
        assert words in page


def test_beside_the_list_only_the_detail_is_sent(desk, cast):
    page = desk(cast.rep).get(at(cast.handoff()), HTTP_HX_REQUEST="true", HTTP_HX_TARGET="detail")
    assert "<html" not in page.content.decode()


def test_a_foreign_handoff_is_missing(desk, cast):
    row = cast.handoff()
    assert desk(cast.stranger).get(at(row)).status_code == 404
    assert desk(cast.stranger).post(at(row, "accept")).status_code == 404


def test_a_marketer_reads_and_may_not_answer(desk, cast):
    row = cast.handoff()
    page = desk(cast.marketer).get(at(row))
    assert "/accept/" not in page.content.decode()
    assert desk(cast.marketer).post(at(row, "accept")).status_code == 403


def test_the_button_that_stands_out_is_the_first_contact_until_there_was_one(desk, cast):
    row, web = cast.handoff(), desk(cast.rep)
    handoffs.accept(row, by=cast.rep, at=cast.at)
    assert 'button-primary" data-key="c"' in web.get(at(row)).content.decode()
    web.post(at(row, "contact"), {"channel": "call", "outcome": "reached"})
    page = web.get(at(row)).content.decode()
    assert 'button-primary" data-key="v"' in page
    assert 'button-primary" data-key="c"' not in page


@pytest.mark.parametrize(("outcome", "stays"), [("reached", True), ("no_answer", False)])
def test_after_a_talk_the_list_stays_with_the_person_and_after_an_attempt_it_goes_on(
    desk, cast, outcome, stays
):
    said = {"channel": "call", "outcome": outcome}
    answer = desk(cast.rep).post(at(cast.handoff(), "contact"), said, **HTMX)
    assert answer["HX-Redirect"] == "/inbox/"
    assert answer.has_header("Baton-Stays") is stays


@pytest.mark.parametrize("deed", ["contact", "accept", "reject", "convert", "claim"])
def test_every_deed_has_a_page_without_script(desk, cast, deed):
    answer = desk(cast.rep).get(at(cast.handoff(), deed))
    assert answer.status_code == 200
    assert 'method="post"' in answer.content.decode()


def test_the_whole_job_by_plain_forms(desk, cast):
    row, web = cast.handoff(), desk(cast.rep)
    said = {"channel": "call", "outcome": "reached", "note": "Budget in April"}
    assert web.post(at(row, "contact"), said)["Location"] == at(row)
    web.post(at(row, "accept"))
    values = web.get(at(row, "convert")).context["form"].initial
    web.post(at(row, "convert"), {**values, "amount": "1200000"})
    row.refresh_from_db()
    assert row.status == Status.CONVERTED
    assert row.deal.amount == 1200000
    assert row.deal.name == str(row.account)
    assert "Budget in April" in web.get(at(row)).content.decode()


def test_each_reason_spells_out_what_follows(desk, cast):
    page = desk(cast.rep).get(at(cast.handoff(), "reject")).content.decode()
    assert "Back to nurture “Timing”, returns after 90 days." in page
    assert "The lead is closed and is not nurtured any more." in page


def test_a_rejection_asks_for_what_its_reason_needs(desk, cast):
    row, web = cast.handoff(), desk(cast.rep)
    answer = web.post(at(row, "reject"), {"reason": "other"})
    assert answer.status_code == 422
    assert "This reason needs a comment" in answer.content.decode()
    web.post(at(row, "reject"), {"reason": "bad-timing", "not_before": "2026-12-01"})
    row.refresh_from_db()
    assert row.status == Status.REJECTED
    assert row.feedback.reason.code == "bad-timing"


def test_with_htmx_a_deed_in_the_inbox_returns_there(desk, cast):
    row, web = cast.handoff(), desk(cast.rep)
    form = web.get(at(row, "contact"), **HTMX).content.decode()
    assert "<html" not in form
    answer = web.post(at(row, "contact"), {"channel": "call", "outcome": "reached"}, **HTMX)
    assert answer["HX-Redirect"] == "/inbox/"


def test_too_late_is_said_on_the_fresh_page(desk, cast):
    row = cast.handoff()
    handoffs.reject(row, reason="no-need", by=cast.rep, at=cast.at)
    answer = desk(cast.rep).post(at(row, "accept"))
    assert answer.status_code == 409
    assert "cannot become" in answer.content.decode()
    assert "No need" in answer.content.decode()


def test_the_first_to_claim_owns_it(desk, cast):
    row = cast.handoff()
    Handoff.objects.filter(pk=row.pk).update(assignee=None)
    desk(cast.colleague).post(at(row, "claim"))
    row.refresh_from_db()
    assert row.assignee == cast.colleague
    assert desk(cast.rep).post(at(row, "claim")).status_code == 404


def test_a_manager_reassigns_and_a_rep_may_not(desk, cast):
    row = cast.handoff()
    assert desk(cast.rep).post(at(row, "reassign"), {"assignee": cast.colleague.pk}).status_code == 403
    desk(cast.manager).post(at(row, "reassign"), {"assignee": cast.colleague.pk})
    row.refresh_from_db()
    assert row.assignee == cast.colleague


def test_after_the_answer_the_next_person_is_offered(desk, cast):
    first, second = cast.handoff(), cast.handoff(last_name="Mori", first_name="Aiko")
    web = desk(cast.rep)
    assert web.get(at(first)).context["following"] is None
    handoffs.reject(first, reason="no-need", by=cast.rep, at=cast.at)
    page = web.get(at(first))
    assert page.context["following"] == second
    assert "Next: Aiko Mori" in page.content.decode()


def test_others_of_the_company_are_counted_in_full_and_only_where_visible(desk, cast):
    row = cast.handoff(company="Alpha East K.K.", email="a@alpha.example")
    for number in range(8):
        cast.lead(company="Alpha East K.K.", email=f"b{number}@alpha.example", last_name="Mori")
    assert desk(cast.rep).get(at(row)).context["others_count"] == 8
    Handoff.objects.filter(pk=row.pk).update(assignee=None)
    page = desk(cast.stranger).get(at(row))
    assert page.context["others_count"] == 0
    assert "Mori" not in page.content.decode()


def test_a_reason_that_needs_a_comment_says_so(desk, cast):
    page = desk(cast.rep).get(at(cast.handoff(), "reject")).content.decode()
    assert "Asks for a comment." in page


def test_a_comment_some_reasons_ask_for_is_not_called_optional(desk, cast):
    page = desk(cast.rep).get(at(cast.handoff(), "reject")).content.decode()
    label = page.partition('for="id_comment"')[2].partition("</label>")[0]
    assert "Comment (if the reason asks for one)" in label
    assert "(optional)" not in label


def test_what_cannot_be_converted_yet_says_why(desk, cast):
    row, web = cast.handoff(), desk(cast.rep)
    said = 'data-key="v" data-says="Log a contact first; then it can become a deal."'
    assert said in web.get(at(row)).content.decode()
    handoffs.contact(row, channel="call", outcome="reached", by=cast.rep, at=cast.at)
    page = web.get(at(row)).content.decode()
    assert said not in page
    assert 'data-key="v"' in page
