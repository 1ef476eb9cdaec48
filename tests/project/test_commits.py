"""The suite's own commit hooks: they run when the code's outermost block ends, inside the test's transaction."""

import pytest
from django.db import transaction

pytestmark = pytest.mark.django_db


def test_a_hook_runs_at_the_end_of_the_outermost_block() -> None:
    seen: list[str] = []
    with transaction.atomic():
        with transaction.atomic():
            transaction.on_commit(lambda: seen.append("hook"))
        assert seen == []
    assert seen == ["hook"]


def test_a_hook_of_a_block_rolled_back_never_runs() -> None:
    seen: list[str] = []
    with transaction.atomic():
        transaction.on_commit(lambda: seen.append("hook"))
        transaction.set_rollback(True)
    with transaction.atomic():
        pass
    assert seen == []


def test_outside_any_block_a_hook_runs_at_once() -> None:
    seen: list[str] = []
    transaction.on_commit(lambda: seen.append("hook"))
    assert seen == ["hook"]


def test_a_hook_may_open_blocks_and_add_hooks() -> None:
    seen: list[str] = []

    def first() -> None:
        with transaction.atomic():
            transaction.on_commit(lambda: seen.append("second"))
        seen.append("first")

    with transaction.atomic():
        transaction.on_commit(first)
    assert seen == ["second", "first"]


def test_a_robust_hook_that_fails_stops_nobody() -> None:
    seen: list[str] = []
    with transaction.atomic():
        transaction.on_commit(lambda: 1 / 0, robust=True)
        transaction.on_commit(lambda: seen.append("hook"))
    assert seen == ["hook"]


def test_a_hook_that_fails_is_heard() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        transaction.on_commit(lambda: 1 / 0)


@pytest.mark.django_db(transaction=True)
def test_a_transactional_test_really_commits() -> None:
    seen: list[str] = []
    with transaction.atomic():
        transaction.on_commit(lambda: seen.append("hook"))
    assert seen == ["hook"]
