"""A connection that died between two requests is noticed by the first thing asked on it."""

import pytest
from django.db import OperationalError, connection

from crm import connections
from tests.support.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def ask() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def end(backend: int) -> None:
    def deed() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])

    at_once(deed)


@pytest.fixture
def died() -> int:
    """The connection as it was left by a request; the server has ended it since."""
    backend = ask()
    end(backend)
    connection.close_if_unusable_or_obsolete()
    return backend


def test_it_is_asked_on_a_new_connection(died: int) -> None:
    assert connections.first(ask) != died


def test_without_that_the_request_would_fail(died: int) -> None:
    connection.health_check_done = True
    with pytest.raises(OperationalError):
        ask()
    connection.close()


def test_of_one_that_lives_nothing_else_is_asked() -> None:
    backend = ask()
    connection.close_if_unusable_or_obsolete()
    connection.is_usable = lambda: pytest.fail("it was asked whether it lives")  # type: ignore[method-assign]
    try:
        assert connections.first(ask) == backend
    finally:
        del connection.is_usable


def test_what_fails_for_another_reason_is_not_asked_twice() -> None:
    asked: list[int] = []
    connection.ensure_connection()

    def fail() -> None:
        asked.append(1)
        raise OperationalError("out of memory")

    with pytest.raises(OperationalError):
        connections.first(fail)
    assert asked == [1]
