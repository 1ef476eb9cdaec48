"""Pages by key: nothing twice, nothing left out, forwards and back, whatever the column holds."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm import keyset
from crm.keyset import Order
from crm.models import Account

pytestmark = pytest.mark.django_db
ORDERS = {"name": "name", "size": "employee_count"}


@pytest.fixture
def companies() -> None:
    """Many of one size, some of no known size."""
    sizes = [None, 10, 10, 10, 10, 500, None, 20, None, 10, 7]
    Account.objects.bulk_create(
        Account(name=name, name_key=name, employee_count=size)
        for name, size in zip("cabdaaefgha", sizes, strict=True)
    )


def keys(rows: Any) -> list[int]:
    return [row.pk for row in rows]


def walk(order: Order, size: int) -> tuple[list[list[int]], keyset.Page]:
    page = keyset.page(Account.objects.all(), order, "", size=size)
    pages = [keys(page.rows)]
    while page.following:
        page = keyset.page(Account.objects.all(), order, page.following, size=size)
        pages.append(keys(page.rows))
    return pages, page


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(field=st.sampled_from(sorted(ORDERS.values())), falls=st.booleans(), size=st.integers(1, 12))
def test_the_pages_are_the_list_both_ways(companies: None, field: str, falls: bool, size: int) -> None:
    order = Order(field, falls)
    whole = keys(keyset.ordered(Account.objects.all(), order))
    pages, last = walk(order, size)
    assert [pk for page in pages for pk in page] == whole
    back = [keys(last.rows)]
    while last.preceding:
        last = keyset.page(Account.objects.all(), order, last.preceding, size=size)
        back.insert(0, keys(last.rows))
    assert back == pages


@pytest.mark.parametrize("falls", [True, False])
def test_rows_without_a_value_stand_last(companies: None, falls: bool) -> None:
    sizes = [
        row.employee_count for row in keyset.ordered(Account.objects.all(), Order("employee_count", falls))
    ]
    assert sizes[-3:] == [None, None, None]
    assert sizes[:8] == sorted(sizes[:8], reverse=falls)


def test_a_row_that_comes_between_two_looks_moves_nothing(companies: None) -> None:
    order = Order("name")
    first = keyset.page(Account.objects.all(), order, "", size=4)
    Account.objects.create(name="aa", name_key="aa")
    second = keyset.page(Account.objects.all(), order, first.following, size=4)
    assert not set(keys(first.rows)) & set(keys(second.rows))


@pytest.mark.parametrize(
    "cursor", ["x", "?", "bnVsbA", "WyJhIiwiYSJd", "WyJ6IiwiYSIsMV0", "W" * 5000, "WyJhIiwiYSIsMWUzMDld"]
)
def test_a_damaged_cursor_is_the_first_page(companies: None, cursor: str) -> None:
    page = keyset.page(Account.objects.all(), Order("name"), cursor, size=3)
    assert keys(page.rows) == keys(keyset.ordered(Account.objects.all(), Order("name"))[:3])
    assert page.preceding == ""


def test_a_cursor_of_another_order_does_no_harm(companies: None) -> None:
    by_name = keyset.page(Account.objects.all(), Order("name"), "", size=3).following
    assert len(keyset.page(Account.objects.all(), Order("employee_count"), by_name, size=3).rows) == 3


def test_a_page_is_two_queries_however_far(companies: None) -> None:
    first = keyset.page(Account.objects.all(), Order("name"), "", size=2)
    with CaptureQueriesContext(connection) as queries:
        keyset.page(Account.objects.all(), Order("name"), first.following, size=2)
    assert len(queries) == 2
    assert not any("OFFSET" in query["sql"] for query in queries)


def test_rows_that_all_have_a_value_come_and_go_on_by_its_index(companies: None) -> None:
    first = keyset.page(Account.objects.all(), Order("name"), "", size=2)
    with connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off"
        )
    with CaptureQueriesContext(connection) as queries:
        keyset.page(Account.objects.all(), Order("name"), first.following, size=2)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {queries[0]['sql']}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "using account_name" in plan
    assert "Index Cond" in plan


def test_an_order_nobody_knows_is_the_default() -> None:
    assert keyset.order_of("-size", ORDERS, "name") == Order("employee_count", True)
    assert keyset.order_of("nonsense", ORDERS, "-name") == Order("name", True)
