"""Plans are kept for what is about a few rows, and for nothing else."""

import pytest
from django.db import connection, transaction

from crm import transactions
from crm.statements import planned_once, plans_for

pytestmark = pytest.mark.django_db
TIMES = 5


def kept(word: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE strpos(statement, %s) > 0", [word])
        return int(cursor.fetchone()[0])


def ask(word: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT %s + 1 AS {word}", [41])
        return int(cursor.fetchone()[0])


def test_a_plan_is_kept_after_a_few_times():
    with planned_once():
        assert [ask("often") for _time in range(TIMES)] == [42] * TIMES
    assert kept("AS often") == 1


def test_a_statement_about_many_is_planned_each_time():
    with planned_once(), planned_once(rows=1000):
        for _time in range(TIMES):
            ask("many")
    assert kept("AS many") == 0


def test_afterwards_it_is_as_before_whatever_happened():
    with pytest.raises(ZeroDivisionError), planned_once():
        raise ZeroDivisionError
    for _time in range(TIMES):
        ask("later")
    assert kept("AS later") == 0


def plans_of(word: str) -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE strpos(statement, %s) > 0",
            [word],
        )
        generic, custom = cursor.fetchone()
        return int(generic), int(custom)


def look_up(word: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) AS {word} FROM unnest(%s::bigint[]) told", ["{1}"])


@pytest.mark.parametrize(("rows", "is_kept"), [(1, True), (1000, False)])
def test_the_kept_plan_of_an_array_is_used_where_there_are_few(rows: int, is_kept: bool) -> None:
    with transaction.atomic(), planned_once():
        transactions.share("a test", plans=plans_for(rows))
        for _time in range(3 * TIMES):
            look_up("arrayed")
        generic, custom = plans_of("AS arrayed")
    assert (generic > 0, custom > 0) == (is_kept, not is_kept)
