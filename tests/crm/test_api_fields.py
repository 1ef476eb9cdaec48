"""Plain bodies are read quickly, and exactly as the serializer reads them; every other one is left to it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.exceptions import ParseError, ValidationError

from crm.api import parsing
from crm.api.batches import checked_rows
from crm.api.fields import Input, Text, Whole
from crm.api.parsing import BadLine
from leads.serializers import EventInput, LeadInput, LeadPatch

EVENT = {
    "source": "mailer", "external_id": "e-1", "kind": "page_view", "occurred_at": "2026-01-31T09:00:00+09:00",
    "email": "rin@acme.example", "properties": {"url": "/"},
}  # fmt: skip
MOMENTS = (
    "2026-01-31T09:00:00+09:00", "2026-01-31T09:00:00Z", "2026-01-31 09:00+0000", "20260131T090000Z", "2026-01-31",
    "2026-01-31T09:00:00", "1899-12-31T23:59:59Z", "2200-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00", "2026-W05-6T09:00:00Z", "2026-01-31T24:00:00Z", "2026-01-31T09:00:00.1234567Z",
)  # fmt: skip
WORDS = (
    "",
    " ",
    "\t",
    " a ",
    "a\x00",
    "a\nb",
    "が",
    "か\u3099",
    "\u200ba",
    "\u3000a",
    "\ud800",
    "x" * 81,
    "山" * 200,
)
values = st.one_of(
    st.none(), st.booleans(), st.integers(), st.sampled_from([-1, 0, 2**63 - 1, 2**63]), st.floats(),
    st.sampled_from(MOMENTS), st.sampled_from(WORDS), st.text(max_size=300), st.just([]), st.just({"a": [1]}),
    st.datetimes(timezones=st.timezones()).map(lambda moment: moment.isoformat()),
)  # fmt: skip


def bodies(form: type[Input]) -> st.SearchStrategy[dict[str, Any]]:
    names = st.sampled_from([*form().fields, "unknown"])
    return st.one_of(
        st.dictionaries(names, values, max_size=6),
        st.dictionaries(names, values, max_size=2).map(lambda told: EVENT | told),
    )


def in_the_long_way(form: type[Input], body: Any) -> Any:
    try:
        return form().run_validation(body)
    except ValidationError as error:
        return error


@pytest.mark.parametrize("form", [EventInput, LeadInput, LeadPatch])
@given(data=st.data())
def test_what_is_read_quickly_is_what_the_serializer_reads(form: type[Input], data: st.DataObject) -> None:
    body = data.draw(bodies(form))
    quick = form.quickly(body)
    if quick is not None:
        checked = in_the_long_way(form, body)
        assert quick == checked
        assert all(type(quick[name]) is type(checked[name]) for name in quick)


def test_a_usual_event_and_lead_are_read_quickly() -> None:
    assert EventInput.quickly(EVENT) == in_the_long_way(EventInput, EVENT)
    lead = {
        "email": "rin@acme.example",
        "last_name": "佐藤",
        "company": " 山田商店 ",
        "phone": None,
        "consent": True,
    }
    assert LeadInput.quickly(lead) == {**lead, "company": "山田商店"}


@pytest.mark.parametrize("body", [[], "text", None, BadLine("damaged"), {}, EVENT | {"extra": 1}])
def test_what_is_no_plain_event_is_left_to_the_serializer(body: Any) -> None:
    assert EventInput.quickly(body) is None


class OddNames(Input):
    name = Text()

    def validate_name(self, value: str) -> str:
        raise ValidationError("Never.")


class Doubled(Input):
    number = Whole()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return {"number": attrs["number"] * 2}


@pytest.mark.parametrize(("form", "body"), [(OddNames, {"name": "a"}), (Doubled, {"number": 1})])
def test_a_form_with_rules_of_its_own_is_never_read_quickly(form: type[Input], body: dict[str, Any]) -> None:
    assert form.quickly(body) is None


def test_rows_keep_their_places_whichever_way_they_are_read() -> None:
    slow = EVENT | {"external_id": " e\t2 "}
    rows = [EVENT, {"kind": 1}, slow, BadLine("damaged"), EVENT]
    good, bad = checked_rows(EventInput, rows)
    assert [place for place, _values in good] == [0, 2, 4]
    assert [place for place, _errors in bad] == [1, 3]
    assert good[1][1]["external_id"] == "e 2"


# -- the parser, of which most bodies need one look ----------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        r'["\u0000"]',
        r'{"\u0000": 1}',
        r'["\ud800"]',
        r'["\uDFFF"]',
        r'{"a": {"b\udc00": 1}}',
        '["a", 1e999]',
        "[-1e999]",
    ],
)
def test_what_cannot_be_stored_is_found_wherever_it_stands(text: str) -> None:
    with pytest.raises(ParseError):
        parsing.loads(text)


@pytest.mark.parametrize("value", ["\\u0000", "\\ud800", "😀", "1e999", "佐藤"])
def test_a_text_that_only_looks_so_is_taken(value: str) -> None:
    assert parsing.loads(json.dumps([value])) == [value]
