"""Plans are kept for what is about a few rows, and for nothing else."""

import pytest
from django.db import connection

from crm.statements import planned_once

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
