"""The pages of agreements: the list, the contract, its deeds as forms, and the editor of a draft."""

import re

import pytest
from django.urls import reverse

from crm.models import LedgerEntry
from leads.models import Segment
from sla import agreements
from sla.models import Agreement, AgreementStatus, EscalationStep, ReasonRule, Signature
from tests.support.agreeing import DAY, HOUR, brought, drafted, proposed, signed

LIST = "/sla/"
EDITORS = ("marketer", "manager", "admin")
S = AgreementStatus


@pytest.fixture
def desk(cast, client, clock):
    """`desk("manager")` is a client with that person logged in, some hours after the founding."""
    clock.move(hours=5)

    def enter(who):
        client.force_login(getattr(cast, who))
        return client

    return enter


def url(name, row):
    return reverse(f"sla:agreement{name and '-'}{name}", args=[row.pk])


def text_of(answer):
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


# -- the list ---------------------------------------------------------------------------------------------


def test_the_list_groups_by_segment_and_says_what_each_waits_for(cast, desk):
    proposed(cast)
    words = text_of(desk("manager").get(LIST))
    assert words.index("Everybody else") < words.index("Large companies")
    assert "Waits for your signature" in words
    assert "In force since" in words


def test_the_menu_counts_what_waits_for_my_signature(cast, desk):
    row = proposed(cast)
    assert b'nav-count">1' in desk("manager").get(LIST).content
    agreements.sign(row, by=cast.manager, at=cast.at + 2 * HOUR)
    assert b"nav-count" not in desk("manager").get(LIST).content
    assert b"nav-count" not in desk("rep").get(LIST).content


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?status=draft", ["v2"]),
        ("?segment=enterprise", ["v2"]),
        ("?segment=everybody", ["v1"]),
        ("?status=signed", []),
    ],
)
def test_the_list_is_filtered(desk, query, expected):
    words = desk("rep").get(LIST + query).content.decode()
    assert [version for version in ("v1", "v2") if f" {version}</a>" in words] == expected


def test_older_versions_stand_behind_the_filter(cast, desk):
    for _turn in range(8):
        drafted(cast)
    answer = desk("rep").get(LIST)
    assert "3 older versions" in text_of(answer)
    whole = desk("rep").get(f"{LIST}?segment=everybody")
    assert whole.content.decode().count("data-row-link") == 9


def test_the_export_holds_the_rows_of_the_list(cast, desk):
    signed(cast, proposed(cast))
    rows = desk("rep").get("/sla/export.csv?status=in_force").content.decode("utf-8-sig").splitlines()
    assert len(rows) == 2
    assert "Marketer,Manager" in rows[1]


def test_the_list_asks_as_often_for_many_as_for_few(cast, desk, django_assert_max_num_queries):
    client = desk("manager")
    client.get(LIST)
    for turn in range(4):
        signed(cast, proposed(cast, at=cast.at + turn * DAY), at=cast.at + turn * DAY + HOUR)
    with django_assert_max_num_queries(16):
        client.get(LIST)


# -- the contract -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["rep", *EDITORS])
def test_everybody_in_the_company_reads_it(desk, who):
    answer = desk(who).get(url("", Agreement.objects.current()))
    assert "Sales makes the first contact within 24 working hours of the handoff." in text_of(answer)


def test_it_is_read_in_the_language_asked_for_and_the_page_stays_in_ones_own(desk):
    answer = desk("rep").get(url("", Agreement.objects.current()) + "?in=ja")
    assert 'lang="ja"' in answer.content.decode()
    assert "引き渡しから24営業時間以内に初回対応を行う" in text_of(answer)
    assert "Compare with" in text_of(answer)


def test_what_changed_against_another_version_stands_in_the_text(cast, desk):
    row = drafted(cast)
    agreements.revise(row, accept_hours=16, by=cast.marketer, at=cast.at)
    page = desk("rep").get(url("", row) + "?against=1").content.decode()
    assert "<del>40</del><ins>16</ins>" in page
    assert "1 clause differs from Marketing and sales v1." in page


def test_a_version_nobody_knows_compares_with_nothing(desk):
    answer = desk("rep").get(url("", Agreement.objects.current()) + "?against=ninety")
    assert answer.status_code == 200
    assert b"<del>" not in answer.content


def test_signatures_stand_at_the_end_with_name_day_and_fingerprint(cast, desk):
    row = signed(cast, proposed(cast))
    page = desk("rep").get(url("", row)).content.decode()
    foot = page[page.index("contract-foot") :]
    digest = Signature.objects.filter(agreement=row).first().digest
    assert all(word in foot for word in ("Marketer", "Manager", digest, "1 Jun 2026"))


def test_the_history_tells_who_did_what(cast, desk):
    row = signed(cast, proposed(cast))
    words = text_of(desk("rep").get(url("", row)))
    for line in (
        "Drafted",
        "Proposed to both sides",
        "Signed for marketing",
        "Signed for sales",
        "Came into force",
    ):
        assert line in words


def test_a_calendar_changed_since_is_pointed_out(cast, desk):
    row = signed(cast, proposed(cast))
    assert "has been changed since" not in text_of(desk("rep").get(url("", row)))
    row.calendar.windows = {"mon": [["10:00", "12:00"]]}
    row.calendar.save()
    page = text_of(desk("rep").get(url("", row)))
    assert "has been changed since" in page


def test_one_that_does_not_exist_is_missing(desk):
    assert desk("rep").get("/sla/agreements/999999/").status_code == 404


# -- the deeds --------------------------------------------------------------------------------------------

OFFERED = {
    S.DRAFT: {"edit", "propose", "draft"},
    S.PROPOSED: {"sign", "return", "draft"},
    S.SIGNED: {"return", "draft"},
    S.IN_FORCE: {"draft"},
    S.SUPERSEDED: {"draft"},
}


@pytest.mark.parametrize("status", S)
def test_only_the_deeds_that_are_possible_are_offered(cast, desk, status):
    row = brought(cast, status)
    page = desk("manager").get(url("", row)).content.decode()
    assert {name for name in OFFERED[S.DRAFT] | OFFERED[S.PROPOSED] if url(name, row) in page} == OFFERED[
        status
    ]


def test_a_rep_is_offered_none(cast, desk):
    page = desk("rep").get(url("", proposed(cast))).content.decode()
    assert "Your move" not in page


@pytest.mark.parametrize("name", ["draft", "propose", "sign", "return", "edit"])
def test_a_deed_of_others_is_forbidden_to_a_rep(cast, desk, name):
    row = brought(cast, S.PROPOSED if name in ("sign", "return") else S.DRAFT)
    before = LedgerEntry.objects.count()
    assert desk("rep").get(url(name, row)).status_code == 403
    assert desk("rep").post(url(name, row), {"read": "on"}).status_code == 403
    assert LedgerEntry.objects.count() == before


def test_drafting_leads_to_the_editor(cast, desk):
    answer = desk("marketer").post(url("draft", Agreement.objects.current()))
    draft = Agreement.objects.latest("version")
    assert answer.headers["Location"] == url("edit", draft)
    assert draft.status == S.DRAFT


def test_proposing_takes_a_first_day(cast, desk):
    row = drafted(cast)
    desk("marketer").post(url("propose", row), {"effective_from": "2026-06-10"})
    row.refresh_from_db()
    assert row.status == S.PROPOSED
    assert row.effective_from.isoformat() == "2026-06-09T15:00:00+00:00"  # midnight in Tokyo


@pytest.mark.parametrize("day", ["2026-06-01", "2020-01-01", "soon", "9999-12-31"])
def test_a_first_day_that_cannot_be_is_refused_beside_its_field(cast, desk, day):
    row = drafted(cast)
    answer = desk("marketer").post(url("propose", row), {"effective_from": day})
    assert answer.status_code == 422
    assert answer.context["form"].errors["effective_from"]
    row.refresh_from_db()
    assert row.status == S.DRAFT


def test_signing_asks_whether_it_was_read(cast, desk):
    row = proposed(cast)
    assert desk("manager").post(url("sign", row)).status_code == 422
    assert Signature.objects.count() == 0
    desk("manager").post(url("sign", row), {"read": "on"})
    assert Signature.objects.get().side == "sales"


def test_an_administrator_is_asked_for_which_side(cast, desk):
    row = proposed(cast)
    assert "side" in desk("admin").get(url("sign", row)).context["form"].fields
    desk("admin").post(url("sign", row), {"read": "on", "side": "marketing"})
    assert Signature.objects.get().side == "marketing"


def test_taking_back_keeps_why(cast, desk):
    row = proposed(cast)
    desk("manager").post(url("return", row), {"reason": "Two hours are too few"})
    assert "Two hours are too few" in text_of(desk("marketer").get(url("", row)))


def test_who_comes_too_late_sees_the_page_as_it_is_now(cast, desk):
    row = brought(cast, S.IN_FORCE)
    answer = desk("marketer").post(url("propose", row))
    assert answer.status_code == 409
    assert "so it cannot become" in text_of(answer)


def test_in_a_dialog_the_same_address_gives_the_form_alone(cast, desk):
    row = proposed(cast)
    part = desk("manager").get(url("sign", row), headers={"HX-Request": "true"}).content
    assert b"<html" not in part
    assert b"hx-post" in part


# -- the editor -------------------------------------------------------------------------------------------


def typed(client, row):
    """What the editor's form would send as it stands."""
    draft = client.get(url("edit", row)).context["draft"]
    told = {}
    for form in (
        draft.terms,
        draft.definition,
        *draft.rules,
        draft.steps.management_form,
        *draft.steps.forms,
    ):
        for field in form:
            value = field.value()
            if value is not None and value is not False and value != "":
                told[field.html_name] = "on" if value is True else value
    return told


def test_what_is_not_changed_stays_as_it_was(cast, desk):
    row, client = drafted(cast), desk("marketer")
    before = LedgerEntry.objects.count()
    assert client.post(url("edit", row), typed(client, row)).status_code == 302
    assert LedgerEntry.objects.count() == before


def test_terms_reasons_and_steps_are_changed_together(cast, desk):
    row, client = drafted(cast), desk("marketer")
    told = typed(client, row) | {"accept_hours": "16", "acceptance_rate": "70", "mql-threshold": "65"}
    told |= {"reason-no-budget-disposition": "disqualify", "step-0-percent": "60"}
    del told["reason-other-used"]
    assert client.post(url("edit", row), told).status_code == 302
    row.refresh_from_db()
    assert (row.accept_hours, row.acceptance_rate, row.definition.threshold) == (16, 0.7, 65)
    assert ReasonRule.objects.get(agreement=row, reason__code="no-budget").disposition == "disqualify"
    assert not ReasonRule.objects.filter(agreement=row, reason__code="other").exists()
    assert EscalationStep.objects.filter(agreement=row, clock="response", percent=60).exists()


def test_a_line_is_added_and_one_taken_away(cast, desk):
    row, client = drafted(cast), desk("marketer")
    told = typed(client, row)
    last = int(told["step-TOTAL_FORMS"]) - 1
    told |= {
        f"step-{last}-clock": "acceptance",
        f"step-{last}-percent": "50",
        f"step-{last}-tells": ["manager"],
    }
    told |= {"step-0-DELETE": "on"}
    client.post(url("edit", row), told)
    steps = {(step.clock, step.percent) for step in row.steps.all()}
    assert ("acceptance", 50) in steps
    assert ("response", 50) not in steps


def test_without_a_script_one_more_line_is_a_button(cast, desk):
    row, client = drafted(cast), desk("marketer")
    told = typed(client, row)
    answer = client.post(url("edit", row), told | {"more": "1"})
    assert len(answer.context["draft"].steps.forms) == int(told["step-TOTAL_FORMS"]) + 1
    assert row.steps.count() == int(told["step-INITIAL_FORMS"])


@pytest.mark.parametrize(
    ("changes", "form", "field"),
    [
        ({"expire_hours": "2"}, "terms", "expire_hours"),
        ({"attempts": "1", "channels": "3"}, "terms", "channels"),
        ({"response_hours": "a day"}, "terms", "response_hours"),
        ({"acceptance_rate": "140"}, "terms", "acceptance_rate"),
        ({"mql-threshold": "0"}, "definition", "threshold"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_saved(cast, desk, changes, form, field):
    row, client = drafted(cast), desk("marketer")
    answer = client.post(url("edit", row), typed(client, row) | changes)
    assert answer.status_code == 422
    assert list(getattr(answer.context["draft"], form).errors) == [field]
    assert not LedgerEntry.objects.filter(kind="agreement.revised").exists()


def test_two_lines_about_the_same_moment_are_refused(cast, desk):
    row, client = drafted(cast), desk("marketer")
    answer = client.post(url("edit", row), typed(client, row) | {"step-1-percent": "50"})
    assert answer.status_code == 422
    assert "Two lines are about the same promise" in text_of(answer)


def test_the_preview_follows_what_is_typed_and_saves_nothing(cast, desk):
    row, client = drafted(cast), desk("marketer")
    told = typed(client, row) | {"accept_hours": "16", "expire_hours": "wrong"}
    part = client.post(url("edit", row), told, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "<ins>16</ins>" in part
    assert "48 working hours" in part  # what is wrong keeps its old value
    assert Agreement.objects.get(pk=row.pk).accept_hours == 40


def test_a_draft_somebody_else_changed_is_not_overwritten(cast, desk):
    row, client = drafted(cast), desk("marketer")
    told = typed(client, row)
    agreements.revise(row, accept_hours=20, by=cast.manager, at=cast.at)
    answer = client.post(url("edit", row), told | {"accept_hours": "16"})
    assert answer.status_code == 422
    assert "Somebody else has changed this draft meanwhile" in text_of(answer)


def test_a_proposal_is_not_edited(cast, desk):
    row = proposed(cast)
    assert desk("marketer").get(url("edit", row)).status_code == 409
    assert desk("marketer").post(url("edit", row), {"title": "Other"}).status_code == 409


def test_the_segment_may_be_chosen_while_it_is_a_draft(cast, desk):
    row, client = drafted(cast), desk("marketer")
    segment = Segment.objects.get(code="enterprise")
    client.post(url("edit", row), typed(client, row) | {"segment": segment.pk})
    row.refresh_from_db()
    assert row.segment == segment


# -- links to pages that may not be there -------------------------------------------------------------------


def test_links_to_pages_that_do_not_exist_are_left_out(cast, desk, monkeypatch):
    monkeypatch.setattr("sla.views.agreements.url_of", lambda name, *_args: "")
    page = text_of(desk("manager").get(LIST))
    assert "What if" not in page
    assert "Attainment" not in page
