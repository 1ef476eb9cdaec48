import codecs
import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.tabular import Row, UnreadableTable, open_table

EXPECTED = {
    "duplicates/dataset1.csv": (1000, 11, "utf-8"),
    "duplicates/fake_1000_from_splink_demos.csv": (1000, 7, "utf-8"),
    "jp_calendar/business_days_2024_2025.csv": (719, 11, "utf-8"),
    "jp_calendar/holidays_2024_2025.csv": (40, 3, "utf-8"),
    "jp_companies/companies_only_20240721_cp932.csv": (6861, 13, "cp932"),
    "maven_crm/accounts.csv": (85, 7, "utf-8"),
    "maven_crm/metadata.csv": (21, 3, "utf-8"),
    "maven_crm/products.csv": (7, 3, "utf-8"),
    "maven_crm/sales_pipeline.csv": (8800, 8, "utf-8"),
    "maven_crm/sales_pipeline_ddmmyy_2digit_year.csv": (8800, 10, "utf-8"),
    "maven_crm/sales_pipeline_ddmmyyyy.csv": (8800, 8, "utf-8"),
    "maven_crm/sales_pipeline_mdyyyy.csv": (8800, 8, "utf-8"),
    "maven_crm/sales_teams.csv": (35, 3, "utf-8"),
    "olist_sample/closed_deals.csv": (296, 14, "utf-8"),
    "olist_sample/mql.csv": (2993, 4, "utf-8"),
    "sp500/constituents.csv": (503, 8, "utf-8"),
    "xedu_train/xedu_train.csv": (5514, 37, "utf-8"),
}
COMPANIES = "jp_companies/companies_only_20240721_cp932.csv"
CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0\r\x85\u2028\u2029"), max_size=12)


def rows(table: bytes, **options: str) -> list[Row]:
    return list(open_table(table, **options).rows())


def values(table: bytes) -> list[list[str]]:
    return [list(row.values.values()) for row in rows(table)]


# Real files -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EXPECTED)
def test_a_real_file_is_read_whole(real_data: Path, name: str) -> None:
    table = open_table(real_data / name)
    read = list(table.rows())
    assert (len(read), len(table.header), table.encoding) == EXPECTED[name]
    assert (table.delimiter, table.preamble_lines) == (",", 0)
    assert not [row for row in read if row.error]


def test_no_real_file_is_forgotten(real_data: Path) -> None:
    assert {str(path.relative_to(real_data)) for path in real_data.glob("*/*.csv")} == set(EXPECTED)


def test_a_line_above_the_header_of_the_companies_is_skipped(real_data: Path) -> None:
    """As the register publishes the file: a line with the date of the download stands first."""
    plain = (real_data / COMPANIES).read_bytes()
    above = '"ダウンロード実行日","2024年07月21日現在","件数","6861件"\r\n'.encode("cp932")
    table = open_table(above + plain)
    assert (table.encoding, table.preamble_lines, len(table.header)) == ("cp932", 1, 13)
    assert [row.values for row in table.rows()] == [row.values for row in open_table(plain).rows()]


def test_rare_characters_of_names_survive(real_data: Path) -> None:
    names = "".join(open_table(real_data / COMPANIES).column("提出者名", most=7000))
    assert {"髙", "﨑"} <= set(names)


# Encodings --------------------------------------------------------------------------------------------------

TEXT = "名前,会社\r\n髙﨑 隆,㈱日立\r\n"


@pytest.mark.parametrize(
    ("raw", "encoding"),
    [
        (TEXT.encode(), "utf-8"),
        (TEXT.encode("utf-8-sig"), "utf-8-sig"),
        (TEXT.encode("cp932"), "cp932"),
        (TEXT.encode("utf-16"), "utf-16"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-16"),
        (TEXT.encode("utf-32"), "utf-32"),
    ],
)
def test_the_encoding_is_recognised(raw: bytes, encoding: str) -> None:
    table = open_table(raw)
    assert table.encoding == encoding
    assert [dict(row.values) for row in table.rows()] == [{"名前": "髙﨑 隆", "会社": "㈱日立"}]


def test_text_that_both_encodings_read_is_utf_8() -> None:
    raw = "name,note\nA,é\n".encode()
    raw.decode("cp932")  # would have been read, wrongly
    assert values(raw) == [["A", "é"]]


@pytest.mark.parametrize(
    "raw", [b"a,b\n\x80,\xff\n", "a,b\nRené Dupont,x\n".encode("latin-1"), b"\xef\xbb\xbfa,b\n\xff,x\n"]
)
def test_an_unknown_encoding_is_refused(raw: bytes) -> None:
    with pytest.raises(UnreadableTable, match="UTF-8"):
        open_table(raw)


def test_a_named_encoding_overrules() -> None:
    assert rows("a,b\nÄ,x\n".encode("latin-1"), encoding="latin-1")[0].values["a"] == "Ä"
    with pytest.raises(UnreadableTable):
        open_table(b"a,b\n", encoding="klingon")


def test_nul_is_refused_with_its_line() -> None:
    with pytest.raises(UnreadableTable, match="Line 2 holds a NUL"):
        open_table(b"a,b\n1,\x002\n")


# Shape ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_recognised(delimiter: str) -> None:
    text = (
        "name;price;note\nA;1,5;x, y\nB;2,5;z\n".replace(";", delimiter)
        if delimiter != ","
        else 'n,p\nA,"1;5"\n'
    )
    table = open_table(text.encode())
    assert table.delimiter == delimiter
    assert not [row for row in table.rows() if row.error]


def test_a_named_delimiter_overrules() -> None:
    assert open_table(b"a;b,c\n1;2,3\n", delimiter=",").header == ("a;b", "c")


def test_one_column_is_a_table_too() -> None:
    table = open_table(b"name\nAcme, Inc.\nBeta\nGamma\nDelta\nEpsilon\n")
    assert table.header == ("name",)
    assert [row.error != "" for row in table.rows()] == [True, False, False, False, False]


@pytest.mark.parametrize(
    "above", ["Report\n", "Report\n\nMade on,2026-01-01\n\n", "Report,,,\n", '"two\nlines"\n']
)
def test_lines_above_the_header_are_skipped_and_counted(above: str) -> None:
    table = open_table(f"{above}id,name,stage,amount\n1,A,won,5\n2,B,lost,0\n".encode())
    assert table.header == ("id", "name", "stage", "amount")
    assert table.preamble_lines == above.count("\n")
    assert [row.line for row in table.rows()] == [above.count("\n") + 2, above.count("\n") + 3]


def test_a_header_shorter_than_every_row_is_still_the_header() -> None:
    read = rows(b"id,name\n1,A,\n2,B,\n")
    assert [row.line for row in read] == [2, 3]
    assert read[0].error == "This row has 3 cells; the header has 2."


def test_header_names_are_stripped_and_blank_ones_numbered() -> None:
    assert open_table(b" id , name ,\n1,A,x\n").header == ("id", "name", "Column 3")


def test_a_column_named_twice_is_refused() -> None:
    with pytest.raises(UnreadableTable, match="The column name is there twice"):
        open_table(b"name, name \nA,B\n")


@pytest.mark.parametrize("raw", [b"", b"\n\n", b" \n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused(raw: bytes) -> None:
    with pytest.raises(UnreadableTable, match="empty"):
        open_table(raw)


@pytest.mark.parametrize("raw", [b"PK\x03\x04rest", b"\xd0\xcf\x11\xe0rest"])
def test_a_workbook_is_refused_with_what_to_do(raw: bytes) -> None:
    with pytest.raises(UnreadableTable, match="CSV UTF-8"):
        open_table(raw)


def test_a_table_of_very_many_columns_is_refused() -> None:
    with pytest.raises(UnreadableTable, match="501 columns"):
        open_table(",".join(f"c{n}" for n in range(501)).encode() + b"\n")


def test_a_header_alone_is_a_table_without_rows() -> None:
    assert rows(b"id,name\n") == []


# Rows -------------------------------------------------------------------------------------------------------


def test_a_row_of_the_wrong_width_is_told_and_the_others_are_kept() -> None:
    read = rows(b'id,name\n1,A\n2\n3,"two\nlines"\n4,D,x\n\n5,E\n')
    assert [(row.line, bool(row.error)) for row in read] == [
        (2, False),
        (3, True),
        (4, False),
        (6, True),
        (8, False),
    ]
    assert read[1].error == "This row has 1 cells; the header has 2."
    assert read[1].values == {}


def test_broken_quotes_are_told_and_the_next_row_is_read() -> None:
    read = rows(b'id,name\n1,"A"B\n2,C\n')
    assert ["quotes" in row.error for row in read] == [True, False]
    assert read[1].values["name"] == "C"


def test_the_cells_of_a_bad_row_are_kept_as_they_stand() -> None:
    read = rows(b'id,name\n1,A,x\n2,"A"B\n')
    assert [row.cells for row in read] == [("1", "A", "x"), ('2,"A"B',)]


def test_a_quote_that_is_never_closed_is_told() -> None:
    read = rows(b'id,name\n1,A\n2,"B\n3,C\n')
    assert [bool(row.error) for row in read] == [False, True]


def test_a_huge_cell_is_told_and_not_raised() -> None:
    read = rows(b"id,name\n1," + b"x" * 200_000 + b"\n2,B\n")
    assert [bool(row.error) for row in read] == [True, False]
    assert "longer than 131,072 characters" in read[0].error


def test_rows_can_be_walked_again_and_cells_are_as_written() -> None:
    table = open_table(b"id,name\n1, A \n")
    assert list(table.rows()) == list(table.rows())
    assert next(table.rows()).values["name"] == " A "


def test_a_column_is_sampled_without_blanks_and_bad_rows() -> None:
    table = open_table(b"id,name\n1,A\n2,\n3\n4,B\n5,C\n")
    assert table.column("name", most=2) == ["A", "B"]


@given(
    st.lists(
        st.lists(CELLS, min_size=3, max_size=3).filter(lambda row: any(cell.strip() for cell in row)),
        max_size=20,
    ),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_a_csv_writer_writes_is_read_back(written: list[list[str]], encoding: str) -> None:
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows([["id", "name", "note"], *written])
    table = open_table(stream.getvalue().encode(encoding), delimiter=",")
    assert table.header == ("id", "name", "note")
    assert [list(row.values.values()) for row in table.rows()] == written


@given(st.binary(max_size=300))
def test_any_bytes_are_a_table_or_refused(raw: bytes) -> None:
    try:
        table = open_table(raw)
    except UnreadableTable:
        return
    assert all(row.error or len(row.values) == len(table.header) for row in table.rows())
