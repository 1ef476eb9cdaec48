"""What we write as an array, PostgreSQL reads back as it was."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from django.db import connection

from crm import arrays
from crm.models import Delivery

pytestmark = pytest.mark.django_db


def _read_back(values: list, kind: str) -> list:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT %s::{kind}[]", [arrays.literal(values)])
        [[read]] = cursor.fetchall()
    return read


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("bigint", [1, None, -3]),
        ("float8", [0.1, 5e-324, 1e308, float("inf"), 2, None]),
        ("boolean", [True, None, False]),
        ("text", ["", "NULL", None, 'a "quoted" \\ word', "a,b", "{}", "' %s", "山田\n"]),
        ("text", []),
        ("timestamptz", [datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC), None]),
        ("timestamptz", [datetime(2026, 1, 2, tzinfo=timezone(timedelta(hours=9)))]),
        ("date", [date(2026, 1, 2), None]),
    ],
)
def test_every_value_comes_back(kind: str, values: list) -> None:
    assert _read_back(values, kind) == values


def test_a_choice_is_written_as_its_value() -> None:
    assert _read_back([Delivery.NEWS, "mail"], "text") == ["news", "mail"]


def test_a_text_with_a_nul_is_refused_and_moves_no_other_value() -> None:
    with pytest.raises(ValueError, match="NUL"):
        arrays.literal(["a\0b", "c"])
