from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.dates import DATE_FORMATS, ERA, EXCEL, InvalidValue, infer_date_format, parse_date
from crm.tabular import open_table

DAYS = st.dates(date(1970, 1, 1), date(2068, 12, 31))
ERAS = {date(1926, 12, 25): "昭和", date(1989, 1, 8): "平成", date(2019, 5, 1): "令和"}
PIPELINES = {
    "sales_pipeline.csv": "yyyy-mm-dd",
    "sales_pipeline_ddmmyyyy.csv": "dd-mm-yyyy",
    "sales_pipeline_ddmmyy_2digit_year.csv": "dd-mm-yy",
    "sales_pipeline_mdyyyy.csv": "mm/dd/yyyy",
}


def written(day: date, fmt: str) -> str:
    """The day in one of DATE_FORMATS, by other means than the parser's."""
    if fmt == EXCEL:
        return str(day.toordinal() - date(1899, 12, 30).toordinal())
    if fmt == ERA:
        began = max(begin for begin in ERAS if begin <= day)
        return f"{ERAS[began]}{day.year - began.year + 1}年{day.month}月{day.day}日"
    text = fmt.replace("yyyy", f"{day.year:04}").replace("yy", f"{day.year % 100:02}")
    text = text.replace("mm", f"{day.month:02}").replace("dd", f"{day.day:02}")
    return text.replace("m月", f"{day.month}月").replace("d日", f"{day.day}日")


@given(DAYS, st.sampled_from(list(DATE_FORMATS)))
def test_every_format_reads_what_is_written_in_it(day: date, fmt: str) -> None:
    assert parse_date(written(day, fmt), fmt=fmt) == day


@pytest.mark.parametrize(
    "text", ["2026-3-1", "2026/03/01", "2026.3.1", "２０２６年３月１日", "20260301", " 2026-03-01 "]
)
def test_a_year_first_needs_no_format(text: str) -> None:
    assert parse_date(text) == date(2026, 3, 1)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("令和8年11月25日", date(2026, 11, 25)),
        ("令和元年5月1日", date(2019, 5, 1)),
        ("Ｒ８．１１．２５", date(2026, 11, 25)),
        ("H31/4/30", date(2019, 4, 30)),
        ("昭和64年1月7日", date(1989, 1, 7)),
    ],
)
def test_a_year_of_an_era_needs_no_format(text: str, day: date) -> None:
    assert parse_date(text) == day


def test_a_day_number_of_excel_is_read_only_where_the_whole_column_has_them() -> None:
    assert infer_date_format(["45000", "45001.5"]).format == EXCEL
    assert parse_date("45000", fmt=EXCEL) == date(2023, 3, 15)
    with pytest.raises(InvalidValue):
        parse_date("45000")


def test_one_cell_anywhere_in_a_column_decides_between_day_and_month() -> None:
    undecided = [f"{day:02}/{month:02}/2017" for day in range(1, 13) for month in range(1, 13)]
    assert infer_date_format([*undecided, "25/03/2017"]).format == "dd/mm/yyyy"
    assert infer_date_format([*undecided, "03/25/2017"]).format == "mm/dd/yyyy"


def test_an_ambiguous_column_names_a_cell_that_is_another_day_in_each_reading() -> None:
    assert infer_date_format(["01/01/2017", "03/04/2017"]).example == "03/04/2017"


def test_blank_is_no_date() -> None:
    assert parse_date(" 　") is None


@pytest.mark.parametrize(
    ("text", "fmt"),
    [
        ("03-04-2017", ""),
        ("2026-02-30", ""),
        ("2026-00-10", ""),
        ("0000-01-01", ""),
        ("2026-01-01 10:00", ""),
        ("2026-01/01", ""),
        ("12026-01-01", ""),
        ("01-13-2026", "dd-mm-yyyy"),
        ("1-1-26", "dd-mm-yyyy"),
        ("yesterday", "mm/dd/yyyy"),
        ("2026-01-01", "no such format"),
        ("\ud800", ""),
    ],
)
def test_what_is_no_date_of_the_form_is_refused(text: str, fmt: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        parse_date(text, fmt=fmt)
    str(refusal.value).encode()


def test_two_digits_mean_the_near_century() -> None:
    assert parse_date("01/01/68", fmt="dd/mm/yy") == date(2068, 1, 1)
    assert parse_date("01/01/69", fmt="dd/mm/yy") == date(1969, 1, 1)


# The format of a column -------------------------------------------------------------------------------------


@given(st.lists(DAYS, min_size=1, max_size=60), st.sampled_from(list(DATE_FORMATS)))
def test_the_format_a_column_was_written_in_is_never_lost(days: list[date], fmt: str) -> None:
    """It is recognised, or named among the alternatives, or reads every cell like the one recognised."""
    cells = [written(day, fmt) for day in days]
    found = infer_date_format(cells)
    assert found.unread == 0
    alike = all(parse_date(cell, fmt=found.format) == day for cell, day in zip(cells, days, strict=True))
    spread = [parse_date(cell, fmt=found.format) for cell in cells]
    narrow = max(spread) - min(spread) < max(days) - min(days)  # type: ignore[type-var,operator]
    assert alike or fmt in found.alternatives or (narrow and "yyyy" not in fmt)


@pytest.mark.parametrize("fmt", list(DATE_FORMATS))
def test_a_year_of_days_decides(fmt: str) -> None:
    cells = [written(date(2016, 10, 20) + timedelta(days=5 * n), fmt) for n in range(70)]
    found = infer_date_format(cells)
    assert (found.format, found.is_ambiguous, found.unread) == (fmt, False, 0)


def test_days_up_to_the_twelfth_decide_nothing() -> None:
    found = infer_date_format([f"{day:02}/{month:02}/2017" for day in range(1, 13) for month in range(1, 13)])
    assert {found.format, *found.alternatives} == {"dd/mm/yyyy", "mm/dd/yyyy"}
    assert found.is_ambiguous


def test_dates_that_read_alike_either_way_are_not_ambiguous() -> None:
    assert not infer_date_format(["01/01/2017", "02/02/2017"]).is_ambiguous


def test_a_few_short_dates_are_ambiguous() -> None:
    found = infer_date_format(["01-02-03", "04-05-06"])
    assert {found.format, *found.alternatives} == {"dd-mm-yy", "mm-dd-yy", "yy-mm-dd"}


def test_blank_cells_do_not_count_and_bad_ones_are_counted() -> None:
    found = infer_date_format(["2026-01-31", "", "  ", "soon", "2026-02-30"])
    assert (found.format, found.unread) == ("yyyy-mm-dd", 2)


def test_a_column_without_dates_has_no_format() -> None:
    assert infer_date_format(["a", "b"]).format == ""
    assert infer_date_format([]).format == ""


def test_times_after_the_dates_do_not_disturb() -> None:
    assert infer_date_format(["2018-02-26 19:58:54", "2018-03-01T08:00:00Z"]).format == "yyyy-mm-dd"


def test_the_same_deals_in_four_formats_have_the_same_dates(real_data: Path) -> None:
    def dates(name: str, fmt: str) -> list[tuple[str, date | None, date | None]]:
        table = open_table(real_data / "maven_crm" / name)
        for column in ("engage_date", "close_date"):
            found = infer_date_format(table.column(column))
            assert (found.format, found.is_ambiguous, found.unread) == (fmt, False, 0)
        rows = [row.values for row in table.rows()]
        return [
            (
                row["opportunity_id"],
                parse_date(row["engage_date"], fmt=fmt),
                parse_date(row["close_date"], fmt=fmt),
            )
            for row in rows
        ]

    tables = [dates(name, fmt) for name, fmt in PIPELINES.items()]
    assert len(tables[0]) == 8800
    assert all(table == tables[0] for table in tables)
