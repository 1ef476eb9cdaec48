"""What a file becomes: plans that cannot work are refused at the field, cells become values, headings are guessed."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from crm import imports
from crm.exporting import safe_cell
from crm.importing import COUNT, FLAG, MOMENT, NUMBER, PROSE, Field, importer_of
from crm.imports import Plan
from crm.imports.plan import value_of
from crm.states import Refused
from crm.tabular import open_table
from tests.support.files import brought, received, table

TOKYO = ZoneInfo("Asia/Tokyo")


def insist(kind: str, content: bytes, plan: Plan) -> None:
    plan.insist(importer_of(kind), open_table(content))


@pytest.mark.parametrize(
    ("kind", "plan", "field", "says"),
    [
        ("leads", Plan({"mail": "a"}), "mail", "no field of leads"),
        ("leads", Plan({"email": "z"}), "email", "no column z"),
        ("accounts", Plan({"industry": "a"}), "name", "Map a column to name"),
        ("leads", Plan({"company": "a"}), "email", "at least one of"),
        ("leads", Plan({"email": "a"}, zone="Mars/Olympus"), "zone", "no time zone|not a time zone"),
        ("leads", Plan({"email": "a"}, dates="mm/yyyy"), "dates", "Choose one of"),
        ("leads", Plan({"email": "a"}, {"consent": "maybe"}), "fill_consent", "neither yes nor no"),
    ],
)
def test_a_plan_that_cannot_work_is_refused_at_its_field(kind, plan, field, says):
    with pytest.raises(Refused, match=says) as refused:
        insist(kind, b"a,b\n1,2\n", plan)
    assert refused.value.field == field


def test_dates_with_two_readings_are_refused_until_somebody_says_which():
    content = b"email,day\na@x.example,03/04/2026\nb@x.example,05/06/2026\n"
    mapping = {"email": "email", "captured_at": "day"}
    with pytest.raises(Refused, match="dd/mm/yyyy = 2026-04-03, mm/dd/yyyy = 2026-03-04") as refused:
        insist("leads", content, Plan(mapping))
    assert refused.value.field == "captured_at"
    insist("leads", content, Plan(mapping, dates="mm/dd/yyyy"))


@pytest.mark.parametrize(
    ("form", "cell", "value"),
    [
        (MOMENT, "2026-01-31 09:30", datetime(2026, 1, 31, 0, 30, tzinfo=UTC)),
        (MOMENT, " ", None),
        (NUMBER, "¥1,234", 1234),
        (COUNT, "１２", 12),
        (FLAG, "はい", True),
        ("text", " a\nb\u200b ", "a b"),
        (PROSE, "a\r\nb", "a\nb"),
        ("text", safe_cell("=1+1"), "=1+1"),
        ("text", safe_cell("+81 3 1234 5678"), "+81 3 1234 5678"),
    ],
)
def test_a_cell_becomes_a_value(form, cell, value):
    assert value_of(Field("x", "x", form), cell, TOKYO, "") == value


def test_a_choice_may_be_written_in_words():
    role = next(item for item in importer_of("leads").fields if item.name == "stakeholder_role")
    with translation.override("ja"):
        assert [value_of(role, cell, TOKYO, "") for cell in ("経営層", "IT", "boss")] == [
            "executive",
            "it",
            "boss",
        ]


@pytest.mark.parametrize(
    ("kind", "header", "expected"),
    [
        ("leads", ["E-mail", "Last name", "Job_Title"], {"email": 0, "last_name": 1, "job_title": 2}),
        ("leads", ["氏", "メールアドレス", "会社名", "役職"], {"email": 1, "company": 2, "job_title": 3}),
        ("leads", ["mql_id", "first_contact_date", "landing_page_id", "origin"],
         {"external_id": 0, "captured_at": 1, "source": 3}),
        ("accounts", ["account", "sector", "employees"], {"name": 0, "industry": 1, "employee_count": 2}),
        ("accounts", ["ＥＤＩＮＥＴコード", "提出者名", "提出者法人番号"],
         {"external_id": 0, "name": 1, "corporate_number": 2}),
        ("deals", ["opportunity_id", "sales_agent", "product", "account", "deal_stage", "engage_date", "close_date",
                   "close_value"],
         {"external_id": 0, "owner": 1, "product": 2, "account": 3, "stage": 4, "engaged_at": 5, "closed_at": 6,
          "amount": 7}),
        ("contacts", ["nothing", "known"], {}),
    ],
)  # fmt: skip
def test_headings_are_guessed(kind, header, expected):
    found = imports.guess_mapping(importer_of(kind), header)
    assert found == {name: header[place] for name, place in expected.items()}


def test_no_column_is_guessed_twice():
    found = imports.guess_mapping(importer_of("deals"), ["mql_id", "value", "amount"])
    # But for what rows cannot do without: the deal is told by its lead.
    assert found == {"lead": "mql_id", "external_id": "mql_id", "amount": "amount"}


@pytest.mark.django_db
def test_the_columns_of_the_last_such_file_are_remembered(cast):
    content = table(["who", "mail"], [("Mori", "mori@x.example")])
    plan = {"last_name": "who", "email": "mail"}
    brought(content, cast.marketer, cast.at, mapping=plan, constants={"source": "fair"})
    again = received(table(["mail", "who", "more"], [("a@x.example", "A", "")]), cast.marketer, cast.at)
    known = imports.remembered(again, by=cast.marketer)
    assert known
    assert (known.mapping, known.constants) == (plan, {"source": "fair"})
    assert imports.remembered(again, by=cast.admin) is None
    other = received(table(["mail"], [("a@x.example",)]), cast.marketer, cast.at)
    assert imports.remembered(other, by=cast.marketer) is None


@pytest.mark.django_db
def test_the_very_same_file_is_recognised(cast):
    content = table(["email"], [("mori@x.example",)])
    run = brought(content, cast.marketer, cast.at)
    again = received(content, cast.marketer, cast.at)
    assert imports.same_file(again, by=cast.marketer) == run
    assert imports.same_file(received(content + b"\n", cast.marketer, cast.at), by=cast.marketer) is None
