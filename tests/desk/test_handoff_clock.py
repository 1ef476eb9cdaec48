"""Pausing, other terms, mails and what the customer said, as pages: plain forms, htmx, refusals."""

import pytest
from django.core import mail

from crm import outbox
from crm.models import Activity
from sla import handoffs
from sla.models import Agreement, Bant, Handoff, Pause

HTMX = {"HTTP_HX_REQUEST": "true", "HTTP_HX_CURRENT_URL": "http://testserver/inbox/"}


def at(row, deed=""):
    return f"/handoffs/{row.pk}/{deed + '/' if deed else ''}"


DEEDS = ("pause", "resume", "mail", "bant", "returned")


@pytest.mark.parametrize("deed", [*DEEDS, "rebase"])
def test_each_has_a_page_without_a_script_and_none_for_strangers(desk, cast, deed):
    row = cast.handoff()
    answer = desk(cast.manager).get(at(row, deed))
    assert answer.status_code == 200
    assert 'method="post"' in answer.content.decode()
    assert desk(cast.stranger).get(at(row, deed)).status_code == 404


# -- the clock ------------------------------------------------------------------------------------


def test_a_paused_clock_says_why_since_when_and_until_when(desk, cast):
    row, web = cast.handoff(), desk(cast.rep)
    assert "Asked to be called later" in web.get(at(row, "pause")).content.decode()
    web.post(at(row, "pause"), {"reason": "Back on Thursday"})
    page = web.get(at(row)).content.decode()
    for words in ("Back on Thursday", "at the latest until", "Let the clock run on", "stands still"):
        assert words in page
    web.post(at(row, "resume"))
    assert not Pause.objects.filter(ends_at=None).exists()


def test_without_a_reason_or_beyond_the_agreed_number_the_form_says_so(desk, cast):
    row, web = cast.handoff(), desk(cast.rep)
    assert web.post(at(row, "pause"), {"reason": ""}).status_code == 422
    for _ in range(row.terms.body["max_pauses"]):
        web.post(at(row, "pause"), {"reason": "x"})
        web.post(at(row, "resume"))
    answer = web.post(at(row, "pause"), {"reason": "x"})
    assert answer.status_code == 422
    assert "Ask your manager" in answer.content.decode()
    assert at(row, "pause") not in web.get(at(row)).content.decode()
    assert at(row, "pause") in desk(cast.manager).get(at(row)).content.decode()


def test_the_inbox_pauses_and_lets_run_on(desk, cast):
    row, web = cast.handoff(), desk(cast.rep)
    assert at(row, "pause") in web.get("/inbox/").content.decode()
    assert web.post(at(row, "pause"), {"reason": "x"}, **HTMX)["HX-Redirect"] == "/inbox/"
    page = web.get("/inbox/")
    assert [str(group.label) for group in page.context["groups"]] == ["Paused"]
    assert at(row, "resume") in page.content.decode()


def test_only_a_manager_puts_it_under_other_terms_and_says_why(desk, cast):
    row = cast.handoff()
    assert at(row, "rebase") not in desk(cast.rep).get(at(row)).content.decode()
    assert desk(cast.rep).post(at(row, "rebase"), {"note": "x"}).status_code == 403
    assert at(row, "rebase") in desk(cast.manager).get(at(row)).content.decode()
    assert desk(cast.manager).post(at(row, "rebase"), {"note": ""}).status_code == 422
    assert desk(cast.manager).post(at(row, "rebase"), {"note": "As agreed"})["Location"] == at(row)


# -- mails ----------------------------------------------------------------------------------------


def test_a_mail_is_sent_as_it_was_written_logged_and_stops_the_clock(desk, cast):
    row, web = cast.handoff(email="taro@kyushu.example"), desk(cast.rep)
    letter = web.get(at(row, "mail")).context["form"].initial
    for _ in range(2):  # a double click
        web.post(at(row, "mail"), {**letter, "subject": "Tomorrow?", "body": "Dear Taro,\n\n{{ you }}"})
    outbox.send_mail()
    [sent] = [one for one in mail.outbox if one.to == ["taro@kyushu.example"]]
    assert (sent.subject, sent.body) == ("Tomorrow?", "Dear Taro,\n\n{{ you }}")
    row.refresh_from_db()
    assert row.status == "contacted"
    assert "Tomorrow?" in web.get(at(row)).content.decode()


def test_who_opted_out_cannot_be_written_to_and_the_page_says_so(desk, cast):
    row, web = cast.handoff(), desk(cast.rep)
    type(row.contact).objects.filter(pk=row.contact_id).update(consent="withdrawn")
    page = web.get(at(row)).content.decode()
    assert at(row, "mail") not in page
    assert "has withdrawn consent" in page
    form = web.get(at(row, "mail"))
    assert "has withdrawn consent" in form.content.decode()
    answer = web.post(at(row, "mail"), form.context["form"].initial)
    assert answer.status_code == 422
    assert not Activity.objects.exists()


@pytest.mark.parametrize("wrong", [{"subject": ""}, {"body": " "}, {"slip": "mine"}])
def test_an_empty_or_forged_letter_is_refused(desk, cast, wrong):
    row, web = cast.handoff(), desk(cast.rep)
    letter = web.get(at(row, "mail")).context["form"].initial
    assert web.post(at(row, "mail"), letter | wrong).status_code == 422
    assert not Activity.objects.exists()


def test_a_mail_that_came_back_is_reported_where_it_answered(desk, cast):
    row, web = cast.handoff(), desk(cast.rep)
    web.post(at(row, "mail"), web.get(at(row, "mail")).context["form"].initial)
    assert at(row, "returned") in web.get(at(row)).content.decode()
    web.post(at(row, "returned"))
    row.refresh_from_db()
    assert row.status == "open"
    page = web.get(at(row)).content.decode()
    assert "A mail bounced" in page
    assert at(row, "returned") not in page


def test_after_a_call_nothing_can_come_back(desk, cast):
    row, web = cast.handoff(), desk(cast.rep)
    handoffs.contact(row, channel="call", outcome="reached", by=cast.rep, at=cast.at)
    assert at(row, "returned") not in web.get(at(row)).content.decode()


# -- what the customer said -----------------------------------------------------------------------


def test_it_is_filled_in_while_contacting_and_shown(desk, cast):
    row, web = cast.handoff(), desk(cast.rep)
    said = {"channel": "call", "outcome": "reached", "need": "urgent", "problem": "Too many spreadsheets"}
    web.post(at(row, "contact"), said)
    page = web.get(at(row)).content.decode()
    assert "Urgent" in page
    assert "Too many spreadsheets" in page
    assert web.get(at(row, "contact")).context["form"].initial["need"] == "urgent"


@pytest.mark.parametrize(("asked", "is_open"), [([], False), (["timing"], True)])
def test_the_fields_are_folded_away_unless_the_agreement_asks(desk, cast, asked, is_open):
    Agreement.objects.in_force().update(sql_fields=asked)
    page = desk(cast.rep).get(at(cast.handoff(), "contact")).content.decode()
    assert ('<details class="fold" open>' in page) == is_open


def test_converting_asks_exactly_for_what_is_still_missing(desk, cast):
    Agreement.objects.in_force().update(sql_fields=["authority", "timing"])
    row, web = cast.handoff(), desk(cast.rep)
    web.post(at(row, "contact"), {"channel": "call", "outcome": "reached", "authority": "decides"})
    form = web.get(at(row, "convert")).context["form"]
    assert [field.name for field in form.findings()] == ["timing"]
    deal = {"name": "Deal", "currency": "JPY"}
    answer = web.post(at(row, "convert"), deal)
    assert answer.status_code == 422
    assert "timing" in answer.context["form"].errors
    web.post(at(row, "convert"), {**deal, "timing": "half"})
    assert Handoff.objects.get(pk=row.pk).status == "converted"
    assert Bant.objects.values_list("authority", "timing").get() == ("decides", "half")


def test_without_such_a_clause_converting_asks_nothing_of_it(desk, cast):
    row, web = cast.handoff(), desk(cast.rep)
    web.post(at(row, "contact"), {"channel": "call", "outcome": "reached"})
    assert web.get(at(row, "convert")).context["form"].findings() == []


def test_it_can_be_put_right_on_its_own(desk, cast):
    row, web = cast.handoff(), desk(cast.rep)
    web.post(at(row, "bant"), {"budget": "planned"})
    web.post(at(row, "bant"), {"budget": "approved", "need": ""})
    assert Bant.objects.get().budget == "approved"


# -- earlier rounds -------------------------------------------------------------------------------


def test_the_next_round_comes_with_what_was_said_and_when_not_before(desk, cast, clock):
    row = cast.handoff()
    handoffs.reject(
        row,
        reason="bad-timing",
        comment="Budget in autumn",
        not_before=cast.at.date().replace(month=12),
        by=cast.rep,
        at=cast.at,
    )
    assert "not before" in desk(cast.rep).get(at(row)).content.decode()
    again = handoffs.hand_over(row.lead, by=cast.marketer, at=clock.move(days=200), assignee=cast.rep)
    page = desk(cast.rep).get(at(again)).content.decode()
    for words in ("2nd time; rejected 1 Jun 2026: Bad timing", "Budget in autumn", "1 Dec 2026"):
        assert words in page
    assert "2nd time; rejected" in desk(cast.rep).get("/inbox/").content.decode()


def test_at_the_last_agreed_round_every_reason_says_that_it_ends(desk, cast):
    Agreement.objects.in_force().update(max_rounds=1)
    page = desk(cast.rep).get(at(cast.handoff(), "reject")).content.decode()
    assert "The agreed rounds are used up: the lead is closed." in page
    assert "Back to nurture" not in page
