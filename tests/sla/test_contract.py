"""The contract in words: every term is said, in both languages, and what changed is shown word by word."""

import copy

import pytest
from django.utils import translation

from crm.models import Calendar
from leads.models import MqlDefinition, Segment
from sla import contract, reading, terms
from sla.models import Agreement, EscalationStep, ReasonRule, RejectionReason

MODELS = (Agreement, MqlDefinition, ReasonRule, EscalationStep, Segment, Calendar)
LANGUAGES = ("en", "ja")


@pytest.fixture
def names(cast):
    return reading.names()


@pytest.fixture
def body(cast):
    """Everything that can be agreed, each in a state where it matters."""
    segment = Segment(
        code="enterprise",
        industries=["Finance"],
        countries=["JP"],
        sources=["fair"],
        min_employees=100,
        max_employees=900,
    )
    row = Agreement.objects.current()
    row.segment, row.attempts, row.channels, row.note = segment, 3, 2, "Reviewed every quarter."
    row.sql_fields, row.definition.minimum_grade = ["need"], "B"
    rule = ReasonRule.objects.get(agreement=row, reason__code="no-budget")
    rule.max_times = 2
    step = EscalationStep(agreement=row, clock="response", percent=80, tells=["owner"])
    return terms.contract_body(row, rules=[rule], steps=[step])


def said(body, names, language="en"):
    with translation.override(language):
        return [sentence.text for clause in contract.clauses(body, names) for sentence in clause.sentences]


# -- every term is said -----------------------------------------------------------------------------------


def leaves(value, path=()):
    """Where a value stands that could have been agreed otherwise."""
    if isinstance(value, dict) and "windows" not in path and value:
        for key in value:
            yield from leaves(value[key], (*path, key))
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        yield from leaves(value[0], (*path, 0))
    else:
        yield path


def choices_of(name):
    for model in MODELS:
        field = next((each for each in model._meta.concrete_fields if each.name == name), None)
        choices = getattr(field, "choices", None) or getattr(
            getattr(field, "base_field", None), "choices", None
        )
        if choices:
            return [value for value, _label in choices]
    return []


OTHER_CODES = {
    "segment": "elsewhere",
    "programme": "timing",
    "windows": {"mon": [["10:00", "12:00"]]},
    "holiday_country": "DE",
}


def otherwise(name, value):
    """The same term, agreed otherwise."""
    if name in OTHER_CODES:
        return OTHER_CODES[name]
    if isinstance(value, list):
        return [*value, next((one for one in choices_of(name) if one not in value), "US")]
    if choices := choices_of(name):
        return next(one for one in choices if one != value)
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return round(value / 2, 2) if isinstance(value, float) else value + 1
    return f"{value} anew"


def changed_at(body, path):
    fresh = copy.deepcopy(body)
    spot = fresh
    for step in path[:-1]:
        spot = spot[step]
    spot[path[-1]] = otherwise(path[-1], spot[path[-1]])
    return fresh


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_term_is_said_by_some_clause(body, names, language):
    """A term added to the body without words for it stands here until it has some."""
    before = said(body, names, language)
    silent = [path for path in leaves(body) if said(changed_at(body, path), names, language) == before]
    assert silent == []


def test_a_term_without_a_clause_would_be_seen(body, names):
    assert said(body | {"colour": "red"}, names) == said(body | {"colour": "blue"}, names)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_has_a_line_of_its_own(cast, names, language):
    with translation.override(language):
        found = reading.clauses(Agreement.objects.current())
        reasons = next(clause for clause in found if clause.key == "reasons")
        named = [str(row) for row in RejectionReason.objects.order_by("position")]
    assert all(name in line.text for name, line in zip(named, reasons.sentences[2:], strict=True))


# -- how it is said -------------------------------------------------------------------------------------------


def clause(body, names, key):
    return next(clause for clause in contract.clauses(body, names) if clause.key == key)


def test_a_deadline_is_read_in_working_hours(body, names):
    first, *_rest = clause(body, names, "response").sentences
    assert first.text == "Sales makes the first contact within 24 working hours of the handoff."


def test_where_every_hour_counts_no_office_hours_are_named(body, names):
    anytime = body | {"business_hours": False}
    assert "24 hours of" in clause(anytime, names, "response").sentences[0].text
    assert [line.text for line in clause(anytime, names, "time").sentences] == [
        "Every hour counts, day and night, on holidays too."
    ]


def test_the_working_week_is_read_as_people_say_it(body, names):
    week = {"mon": [["09:00", "12:00"], ["13:00", "18:00"]], "tue": [["09:00", "12:00"], ["13:00", "18:00"]]}
    hours = body["hours"] | {"windows": week | {"sat": [["09:00", "12:00"]]}}
    line = clause(body | {"hours": hours}, names, "time").sentences[0].text
    assert "Monday and Tuesday 09:00–12:00 and 13:00–18:00; Saturday 09:00–12:00 (Asia/Tokyo)" in line


def test_a_reason_spells_out_what_follows(body, names):
    line = clause(body, names, "reasons").sentences[-1].text
    assert line == (
        "“No budget”: The lead goes back to nurture and does not come again within 120 days. It enters the programme"
        " “Budget”. After 2 rejections for this reason it is closed."
    )


def test_japanese_reads_as_a_contract(body, names):
    with translation.override("ja"):
        found = contract.clauses(body, names)
    assert found[0].title == "第1条（目的および対象リード）"
    endings = [line.text for clause in found for line in clause.sentences if clause.key != "note"]
    assert [text for text in endings if "です" in text or "ます。" in text] == []
    assert all(text.endswith("。") for text in endings)


def test_clauses_are_numbered_without_a_gap(body, names):
    titles = [clause.title for clause in contract.clauses(body | {"note": ""}, names)]
    assert [title.split(".")[0] for title in titles] == [str(number) for number in range(1, len(titles) + 1)]


# -- what changed ---------------------------------------------------------------------------------------------


def differing(old, new, names):
    found = contract.diff(contract.clauses(old, names), contract.clauses(new, names))
    return {change.key: change for change in found if change.state != contract.SAME}


def test_nothing_changed_says_so(body, names):
    assert differing(body, copy.deepcopy(body), names) == {}


def test_only_the_words_that_changed_are_marked(body, names):
    changes = differing(body, body | {"accept_hours": 16.0}, names)
    assert list(changes) == ["answer"]
    [line] = [line for line in changes["answer"].lines if line.state == contract.CHANGED]
    marked = [(piece.text, piece.state) for piece in line.pieces if piece.state != contract.SAME]
    assert marked == [("40", contract.REMOVED), ("16", contract.ADDED)]


def test_a_japanese_change_marks_the_number_alone(body, names):
    with translation.override("ja"):
        [change] = differing(body, body | {"accept_hours": 16.0}, names).values()
    pieces = [piece for line in change.lines for piece in line.pieces if piece.state != contract.SAME]
    assert [piece.text for piece in pieces] == ["40", "16"]


def test_a_new_reason_and_a_dropped_one_are_told_apart(body, names):
    rule = body["reasons"]["no-budget"]
    [change] = differing(body, body | {"reasons": {"no-need": rule}}, names).values()
    assert [(line.key, line.state) for line in change.lines if line.state != contract.SAME] == [
        ("reasons.no-budget", contract.REMOVED),
        ("reasons.no-need", contract.ADDED),
    ]


def test_a_clause_that_is_new_or_gone_is_named(body, names):
    without = body | {"note": ""}
    assert differing(without, body, names)["note"].state == contract.ADDED
    assert differing(body, without, names)["note"].state == contract.REMOVED


def test_the_pieces_make_up_both_texts(body, names):
    new = body | {"response_hours": 4.0, "attempts": 5, "routing": "queue"}
    pieces = [
        p for change in differing(body, new, names).values() for line in change.lines for p in line.pieces
    ]
    kept = "".join(piece.text for piece in pieces if piece.state != contract.REMOVED)
    assert all(text in kept for text in set(said(new, names)) - set(said(body, names)))
