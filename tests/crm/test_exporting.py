import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.exporting import plain_cell, safe_cell, write_table
from crm.tabular import open_table


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_a_formula_is_no_formula_any_more(sign: str) -> None:
    assert safe_cell(f"{sign}cmd|' /C calc'!A0") == f"'{sign}cmd|' /C calc'!A0"


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (-5, "-5"),
        (1.5, "1.5"),
        (-0.25, "-0.25"),
        (Decimal("-1E+3"), "-1000"),
        (Decimal("0.10"), "0.10"),
        (None, ""),
        (True, "true"),
        (date(2026, 1, 31), "2026-01-31"),
        (datetime(2026, 1, 31, 9, 0, 0, 5, tzinfo=UTC), "2026-01-31T09:00:00+00:00"),
        ("a=b", "a=b"),
        ("+81312345678", "'+81312345678"),
        ("", ""),
    ],
)
def test_values_become_cells(value: object, cell: str) -> None:
    assert safe_cell(value) == cell


@given(st.text() | st.from_regex(r"\A'{0,3}[=+@-].*", fullmatch=True))
def test_every_text_comes_back(text: str) -> None:
    assert plain_cell(safe_cell(text)) == text


@given(st.text())
def test_no_cell_of_text_begins_like_a_formula(text: str) -> None:
    assert not safe_cell(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_an_exported_table_is_imported_unchanged(encoding: str) -> None:
    stream = io.StringIO(newline="")
    written = [["=1+1", "髙﨑, 隆", '"'], ["'=x", "two\nlines", " "], ["'", "-", "a;b"]]
    assert write_table(stream, ["=id", "name", "note"], written) == 3
    table = open_table(stream.getvalue().encode(encoding))
    assert table.header == ("'=id", "name", "note")
    assert [[plain_cell(cell) for cell in row.values.values()] for row in table.rows()] == written
