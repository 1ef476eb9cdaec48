"""The ledger's feed skips nothing, in whatever order transactions commit."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.db import connections, transaction

from crm import ledger
from crm.models import LedgerEntry
from tests.support.clock import START
from tests.support.feed import settle

pytestmark = pytest.mark.django_db(transaction=True)
WRITERS, EACH = 6, 15
Reader = Callable[[], list[int]]


def _write(subject: int) -> None:
    ledger.record([ledger.Fact("test.fact", ("thing", subject), at=START)])


@contextmanager
def _writing_beside(subject: int) -> Iterator[None]:
    """Another connection has written a fact and commits when the block ends."""
    written, go_on = threading.Event(), threading.Event()

    def write() -> None:
        try:
            with transaction.atomic():
                _write(subject)
                written.set()
                go_on.wait(20)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(write)
        assert written.wait(20)
        try:
            yield
        finally:
            go_on.set()
        done.result()


def _by_commit() -> Reader:
    """A consumer of the feed that remembers where it was."""
    place = (0, 0)

    def read() -> list[int]:
        nonlocal place
        entries: Sequence[LedgerEntry] = ledger.changes_after(place)
        if entries:
            place = (entries[-1].xid, entries[-1].pk)
        return [entry.subject_id for entry in entries]

    return read


def _by_number() -> Reader:
    """How it is often done: everything above the last id seen."""
    place = 0

    def read() -> list[int]:
        nonlocal place
        entries = list(LedgerEntry.objects.filter(pk__gt=place).order_by("pk"))
        place = entries[-1].pk if entries else place
        return [entry.subject_id for entry in entries]

    return read


def _rest(read: Reader) -> list[int]:
    """What is left once nothing holds the feed back: transactions of tests in other processes do it too."""
    settle()
    return read()


def _seen_when_the_lower_id_commits_last(read: Reader) -> list[int]:
    with _writing_beside(1):
        with transaction.atomic():
            _write(2)
        seen = read()
    return seen + _rest(read)


def test_the_lower_id_that_commits_last_is_not_skipped() -> None:
    assert _seen_when_the_lower_id_commits_last(_by_commit()) == [1, 2]


def test_reading_by_id_alone_would_skip_it() -> None:
    """The negative control."""
    assert _seen_when_the_lower_id_commits_last(_by_number()) == [2]


def test_nothing_is_shown_above_a_running_transaction() -> None:
    read = _by_commit()
    with _writing_beside(1):
        with transaction.atomic():
            _write(2)
        assert read() == []


def test_a_transaction_that_is_rolled_back_holds_nothing_up_for_good() -> None:
    read = _by_commit()
    with transaction.atomic():
        _write(1)
        transaction.set_rollback(True)
    with transaction.atomic():
        _write(2)
    assert _rest(read) == [2]


def _write_many(writer: int) -> None:
    dice = random.Random(writer)
    try:
        for number in range(EACH):
            with transaction.atomic():
                _write(writer * 1000 + number)
                time.sleep(dice.random() / 100)
    finally:
        connections.close_all()


def _read_beside_writers(read: Reader) -> list[int]:
    with ThreadPoolExecutor(WRITERS) as pool:
        running = [pool.submit(_write_many, writer) for writer in range(WRITERS)]
        seen: list[int] = []
        while not all(task.done() for task in running):
            seen += read()
        for task in running:
            task.result()
    return seen + _rest(read)


EVERYTHING = sorted(writer * 1000 + number for writer in range(WRITERS) for number in range(EACH))


def test_a_reader_beside_six_writers_sees_every_fact_once() -> None:
    assert sorted(_read_beside_writers(_by_commit())) == EVERYTHING


def test_a_reader_by_id_beside_six_writers_misses_some() -> None:
    """The negative control of the same run."""
    assert len(_read_beside_writers(_by_number())) < len(EVERYTHING)


def test_a_fact_outside_a_transaction_is_a_mistake() -> None:
    with pytest.raises(AssertionError, match="in the transaction"):
        _write(1)
