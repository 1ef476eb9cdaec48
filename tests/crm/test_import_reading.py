"""Rows of one file that speak of one record: the first that says something counts, so that nothing is changed back."""

from __future__ import annotations

from typing import ClassVar

import pytest

from crm.importing import CREATED, REJECTED, UNCHANGED, Context, Field, Line, Notes, Subject, keyed
from crm.imports import Plan
from crm.imports.reading import batches
from crm.imports.taking import LONGEST_ROW, Report, take
from crm.states import Refused
from crm.tabular import open_table


class Things:
    """An importer that keeps what it is given in a list; `calls` are the numbers of lines of each call."""

    kind: ClassVar[str] = "things"
    fields: ClassVar = (
        Field("id", "id"),
        Field("colour", "colour"),
        Field("size", "size"),
        Field("first", "first"),
    )
    calls: ClassVar[list[list[int]]] = []
    poison: ClassVar[str] = "poison"

    def take(self, lines, context):
        self.calls.append([line.number for line in lines])
        for line in lines:
            line.outcome = CREATED
            context.notes.add("taken", line.number)
        if any(line.text("colour") == self.poison for line in lines):
            raise Refused("This colour cannot be.", field="colour")

    def subjects(self, line):
        return [Subject(keyed(("id", line.text("id"))), ("colour", "size"), ("first",))]


@pytest.fixture(autouse=True)
def _no_calls():
    Things.calls = []


def read(text: str, skip: int = 0) -> list[Line]:
    table = open_table(text.encode())
    plan = Plan({name: name for name in table.header})
    return [line for batch in batches(Things, table, plan, skip=skip) for line in batch]


def said(lines: list[Line]) -> list[tuple[str, str]]:
    return [(line.text("colour"), line.text("size")) for line in lines]


def test_the_first_row_that_says_something_counts():
    lines = read("id,colour,size\n1,red,\n1,blue,L\n1,,M\n2,green,S\n")
    assert said(lines) == [("red", ""), ("red", "L"), ("", "L"), ("green", "S")]
    assert [line.overruled for line in lines] == [[], ["colour"], ["size"], []]


def test_a_row_without_anything_new_echoes_the_first():
    lines = read("id,colour,first\n1,red,\n1,red,\n1,,new\n1,blue,old\n")
    assert [bool(line.echoes) for line in lines] == [False, True, False, True]


def test_rows_without_a_key_are_nobodys_echo():
    assert not any(line.echoes for line in read("id,colour\n,red\n,red\n"))


def test_reading_from_the_middle_remembers_what_stood_before():
    text = "id,colour\n1,red\n2,blue\n1,green\n"
    assert said(read(text, skip=2)) == said(read(text)[2:]) == [("red", "")]


def test_a_broken_row_keeps_its_cells_and_its_reason():
    line, _good = read('id,colour\n1,"red"x\n2,blue\n')
    assert (line.outcome, line.cells, "quotes" in line.problems[0][1]) == (REJECTED, ('1,"red"x',), True)


@pytest.mark.django_db
class TestTaking:
    def take(self, text, at):
        lines, notes = read(text), Notes()
        take(Things, lines, Context(None, at, notes))
        return lines, notes

    def test_no_call_sees_two_lines_of_one_record(self, at):
        lines, _notes = self.take("id,colour,size\n1,red,\n2,red,\n1,,L\n1,red,\n", at)
        assert Things.calls == [[2, 3], [4]]
        assert [line.outcome for line in lines] == [CREATED, CREATED, CREATED, UNCHANGED]

    def test_a_row_that_breaks_its_batch_is_found_and_the_others_stay(self, at):
        text = "id,colour\n" + "".join(f"{n},{'poison' if n == 5 else 'red'}\n" for n in range(8))
        lines, notes = self.take(text, at)
        bad = [line for line in lines if line.outcome == REJECTED]
        assert [(line.number, line.problems) for line in bad] == [(7, [("colour", "This colour cannot be.")])]
        assert notes.told() == [{"message": "taken", "rows": 7, "line": 2}]

    def test_an_echo_of_a_refused_row_is_refused_too(self, at):
        lines, _notes = self.take("id,colour\n1,poison\n1,poison\n", at)
        assert [line.outcome for line in lines] == [REJECTED, REJECTED]

    def test_contradictions_are_told_once_with_their_field(self, at):
        _lines, notes = self.take("id,colour\n1,red\n1,blue\n1,green\n", at)
        told = [note for note in notes.told() if "colour" in note["message"]]
        assert [(note["rows"], note["line"]) for note in told] == [(2, 3)]


def test_an_overlong_bad_row_is_cut_and_says_so():
    line = Line(2, {}, ("x" * (LONGEST_ROW + 1), "y"))
    line.refuse("", "Too long.")
    report = Report()
    report.add([line])
    [row] = report.bad
    assert (row.is_cut, len(row.cells[0]), row.cells[1]) == (True, 1000, "y")


def test_only_so_many_bad_rows_are_kept():
    lines = [Line(n, {}) for n in range(5)]
    report = Report()
    report.add(lines, room=3)
    assert (len(report.bad), report.counts[REJECTED]) == (3, 5)


def test_notes_go_on_where_they_were_and_are_bounded(monkeypatch):
    monkeypatch.setattr("crm.importing.MOST_NOTES", 2)
    notes = Notes([{"message": "a", "rows": 2, "line": 7}])
    for line, message in enumerate(["a", "b", "c", "d"], start=9):
        notes.add(message, line)
    assert [(note["rows"], note["line"]) for note in notes.told()] == [(3, 7), (2, 11), (1, 10)]
