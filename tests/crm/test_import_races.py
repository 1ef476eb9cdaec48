"""Several hands on one import: workers, the person who stops it, and a worker that dies. On real commits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import OperationalError, connection

from crm import imports
from crm.imports import door, work
from crm.models import ImportRun
from leads.models import Lead
from tests.support.cast import Cast, gather
from tests.support.files import checked, counts, finish, people, planned, table
from tests.support.threads import PATIENCE_SECONDS, at_once

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = 45


@pytest.fixture
def company(at) -> Cast:
    return gather(at)


@pytest.fixture
def run(company, monkeypatch) -> Iterator[ImportRun]:
    """One that has just been let in, in batches of ten."""
    monkeypatch.setattr("crm.imports.reading.BATCH", 10)
    monkeypatch.setattr(door, "AT_ONCE", 0)
    row = checked(people(ROWS), company.marketer, company.at)
    finish(company.at)
    row.refresh_from_db()
    return imports.bring_in(row, by=company.marketer, at=company.at)


def leads() -> int:
    return Lead.objects.filter(contact__email__endswith=".example.jp").count()


def test_four_workers_bring_every_row_in_once(company, run):
    while ImportRun.objects.due().exists():
        at_once(*[lambda: imports.sweep(at=company.at)] * 4)
    run.refresh_from_db()
    assert (run.status, counts(run), leads()) == ("done", (ROWS, 0, 0, 0), ROWS)


def test_without_the_guards_rows_are_counted_twice(company, run, monkeypatch):
    """Negative control: the lock off, a count that does not ask where the run stands, and all at the first batch."""
    real, all_have_it = work.take, Barrier(4)

    def together(importer, lines, context):
        if lines[0].number == 1:
            all_have_it.wait(timeout=PATIENCE_SECONDS)
        real(importer, lines, context)

    def careless(row, report, *, at):
        return ImportRun.objects.filter(pk=row.pk).update(
            **door._counted(report, since=ImportRun.objects.get(pk=row.pk))
        )

    monkeypatch.setattr(work, "take", together)
    monkeypatch.setattr(work, "claimed", lambda *_args: True)
    monkeypatch.setattr(work.door, "advance", careless)
    at_once(*[lambda: imports.sweep(at=company.at)] * 4)
    run.refresh_from_db()
    assert run.done > leads()


def stopping(company, run, monkeypatch) -> None:
    """The person stops while the second batch is in a worker's hands."""
    real = work.take

    def stopped_meanwhile(importer, lines, context):
        real(importer, lines, context)
        if lines[0].number > 10:
            at_once(lambda: imports.stop(run, by=company.marketer, at=company.at))

    monkeypatch.setattr(work, "take", stopped_meanwhile)
    finish(company.at)
    run.refresh_from_db()


def test_a_batch_in_hand_is_taken_back_when_the_run_is_stopped(company, run, monkeypatch):
    stopping(company, run, monkeypatch)
    assert (run.status, counts(run), leads()) == ("stopped", (10, 0, 0, 0), 10)


def test_without_asking_for_the_state_rows_come_in_after_the_stop(company, run, monkeypatch):
    """Negative control."""
    monkeypatch.setattr(work.door, "advance", lambda *_args, **_words: True)
    stopping(company, run, monkeypatch)
    assert leads() > run.done


def test_a_worker_that_dies_loses_the_batch_in_its_hands_and_no_row(company, run, monkeypatch):
    real, deaths = work.take, []

    def dying(importer, lines, context):
        real(importer, lines, context)
        if lines[0].number > 10 and not deaths:
            deaths.append(lines[0].number)
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    monkeypatch.setattr(work, "take", dying)
    with pytest.raises(OperationalError):
        at_once(lambda: work.carry_on(run.pk, at=company.at))
    run.refresh_from_db()
    assert (run.in_hand, counts(run), leads()) == (True, (10, 0, 0, 0), 10)
    finish(company.at)
    run.refresh_from_db()
    assert (run.status, run.broke_off, counts(run), leads()) == ("done", 1, (ROWS, 0, 0, 0), ROWS)


def test_a_file_can_be_discarded_while_it_is_being_checked(company, run, monkeypatch):
    row = checked(people(30), company.admin, company.at)
    real = work.take

    def discarded_meanwhile(importer, lines, context):
        real(importer, lines, context)
        if context.by == company.admin and ImportRun.objects.filter(pk=row.pk).exists():
            at_once(lambda: imports.discard(row, by=company.admin, at=company.at))

    monkeypatch.setattr(work, "take", discarded_meanwhile)
    finish(company.at)
    assert not ImportRun.objects.filter(pk=row.pk).exists()
    assert leads() == ROWS


# A check too long for one transaction ----------------------------------------------------------------------


@pytest.fixture
def long_check(company, monkeypatch) -> ImportRun:
    """Forty-five people, of whom row 41 repeats row 1 with news, and row 42 without."""
    monkeypatch.setattr("crm.imports.reading.BATCH", 10)
    monkeypatch.setattr(door, "AT_ONCE", 0)
    monkeypatch.setattr(work, "EXACT", 20)
    monkeypatch.setattr(work, "SLICE", 2)
    rows = [[f"person{n}@firm{n}.example.jp", f"Person {n}", ""] for n in range(1, 41)]
    rows += [["person1@firm1.example.jp", "", "CTO"], ["person1@firm1.example.jp", "Person 1", ""]]
    rows += [["no address", "X", ""]]
    return checked(table(["email", "last_name", "job_title"], rows), company.marketer, company.at)


def test_a_long_check_says_what_bringing_in_then_does(company, long_check):
    finish(company.at)
    long_check.refresh_from_db()
    assert (long_check.status, counts(long_check), leads()) == ("preview", (40, 1, 1, 1), 0)
    imports.bring_in(long_check, by=company.marketer, at=company.at)
    finish(company.at)
    long_check.refresh_from_db()
    assert (long_check.status, counts(long_check), leads()) == ("done", (40, 1, 1, 1), 40)


def test_a_long_check_shows_how_far_it_is_and_keeps_no_row(company, long_check):
    assert imports.sweep(at=company.at)
    long_check.refresh_from_db()
    assert (long_check.status, long_check.done, leads()) == ("checking", 20, 0)


def test_a_long_check_by_four_workers_counts_every_row_once(company, long_check):
    while ImportRun.objects.due().exists():
        at_once(*[lambda: imports.sweep(at=company.at)] * 4)
    long_check.refresh_from_db()
    assert (long_check.status, counts(long_check), leads()) == ("preview", (40, 1, 1, 1), 0)


def test_a_check_asked_for_anew_takes_no_count_of_the_one_before(company, long_check, monkeypatch):
    real, asked = work.take, []

    def asked_again(importer, lines, context):
        real(importer, lines, context)
        if not asked:
            asked.append(1)
            later = company.at + timedelta(seconds=1)
            plan = planned(long_check)
            at_once(lambda: imports.check(long_check, plan, by=company.marketer, at=later))

    monkeypatch.setattr(work, "take", asked_again)
    finish(company.at)
    finish(company.at + timedelta(seconds=1))
    long_check.refresh_from_db()
    assert (long_check.status, counts(long_check)) == ("preview", (40, 1, 1, 1))
