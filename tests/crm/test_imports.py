"""A file on its way in: who may, what each step keeps, and what happens when it is stopped or breaks off."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from crm import imports
from crm.imports import Plan, door, work
from crm.models import Account, BadRow, Contact, ImportRun, ImportStatus, LedgerEntry, Notification
from crm.states import Refused, UnableToMove
from leads.models import Lead
from tests.support.files import brought, checked, counts, finish, people, planned, received, table

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    """Ten rows a batch, two batches in a row, nothing at once: every run needs the sweep, as a long one does."""
    monkeypatch.setattr("crm.imports.reading.BATCH", 10)
    monkeypatch.setattr(door, "AT_ONCE", 0)
    monkeypatch.setattr(work, "SLICE", 2)


# Receiving --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["marketer", "manager", "admin"])
def test_marketing_and_managers_may_send_a_file(cast, role):
    run = received(people(2), getattr(cast, role), cast.at)
    assert (run.status, run.rows, run.header) == ("draft", 2, ["email", "last_name", "company"])


def test_a_rep_may_do_none_of_it(cast):
    run = received(people(2), cast.marketer, cast.at)
    by = {"by": cast.rep, "at": cast.at}
    deeds = [
        lambda: imports.receive("leads", people(2), **by),
        lambda: imports.read_as(run, encoding="", delimiter="", **by),
        lambda: imports.check(run, planned(run), **by),
        lambda: imports.bring_in(run, **by),
        lambda: imports.stop(run, **by),
        lambda: imports.discard(run, **by),
    ]
    for deed in deeds:
        with pytest.raises(PermissionDenied):
            deed()
    run.refresh_from_db()
    assert run.status == "draft"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"email,name\n", "no rows"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "UTF-8"),
        (b"PK\x03\x04 and so on", "Excel"),
        (b"a,a\n1,2\n", "twice"),
        ("a,b\nRené,x\n".encode("latin-1"), "UTF-8"),
        (b"a,b\n1,\x002\n", "NUL"),
        (",".join(f"c{n}" for n in range(501)).encode() + b"\n" + b",".join([b"1"] * 501), "columns"),
    ],
)
def test_what_is_no_table_is_refused_and_not_kept(cast, content, says):
    with pytest.raises(Refused, match=says) as refused:
        received(content, cast.marketer, cast.at)
    assert refused.value.field == "file"
    assert not ImportRun.objects.exists()


@pytest.mark.parametrize(("limit", "most"), [("MOST_BYTES", 20), ("MOST_ROWS", 2)])
def test_too_large_a_file_is_refused_with_what_to_do(cast, monkeypatch, limit, most):
    monkeypatch.setattr(door, limit, most)
    with pytest.raises(Refused, match="Split it"):
        received(people(3), cast.marketer, cast.at)


def test_the_same_file_sent_twice_is_one_draft(cast):
    first, second = (received(people(2), cast.marketer, cast.at) for _ in range(2))
    assert first == second
    assert received(people(2), cast.admin, cast.at) != first, "of one person"


def test_a_file_is_read_as_the_person_says(cast):
    """Western text can pass for Shift JIS; whoever sees the first rows sees that it is not."""
    run = received("name,industry\nCrème brûlée,Food\n".encode("cp1252"), cast.marketer, cast.at, "accounts")
    read = imports.read_as(run, encoding="cp1252", delimiter="", by=cast.marketer, at=cast.at)
    table = Plan.of(read).table(imports.content_of(read))
    assert next(table.rows()).values["name"] == "Crème brûlée"
    assert imports.read_as(run, encoding="", delimiter=";", by=cast.marketer, at=cast.at).header == [
        "name,industry"
    ]
    with pytest.raises(Refused, match="cannot be read as utf-8"):
        imports.read_as(run, encoding="utf-8", delimiter="", by=cast.marketer, at=cast.at)


# The check --------------------------------------------------------------------------------------------------


def test_a_check_counts_what_would_happen_and_keeps_nothing(cast):
    before = (
        Lead.objects.count(),
        Contact.objects.count(),
        Account.objects.count(),
        LedgerEntry.objects.count(),
    )
    run = checked(people(25, bad=[7]), cast.marketer, cast.at)
    assert run.status == "checking"
    finish(cast.at)
    run.refresh_from_db()
    assert (run.status, counts(run), run.done) == ("preview", (24, 0, 0, 1), 25)
    assert before == (
        Lead.objects.count(), Contact.objects.count(), Account.objects.count(), LedgerEntry.objects.count(),
    )  # fmt: skip
    [row] = run.bad_rows.all()
    assert (row.line, row.cells[0], row.problems[0][0]) == (8, "no address", "email")


def test_rows_about_one_person_in_two_batches_are_counted_once(cast):
    rows = [(f"p{n % 15}@one.example.jp", f"Name {n % 15}") for n in range(30)]
    run = checked(table(["email", "last_name"], rows), cast.marketer, cast.at)
    finish(cast.at)
    run.refresh_from_db()
    assert counts(run) == (15, 0, 15, 0)


def test_other_columns_are_checked_anew_and_the_old_findings_go(cast):
    run = checked(people(5, bad=[1]), cast.marketer, cast.at)
    finish(cast.at)
    run.refresh_from_db()
    later = cast.at + timedelta(minutes=1)
    imports.check(run, Plan({"external_id": "email"}), by=cast.marketer, at=later)
    assert not run.bad_rows.exists()
    finish(later)
    run.refresh_from_db()
    assert (run.status, counts(run)) == ("preview", (5, 0, 0, 0))


def test_a_check_that_was_asked_for_anew_does_not_keep_what_the_old_one_found(cast):
    run = checked(people(5), cast.marketer, cast.at)
    stale = ImportRun.objects.get(pk=run.pk)
    imports.check(run, Plan({"external_id": "email"}), by=cast.marketer, at=cast.at + timedelta(minutes=1))
    door.checked(stale, imports.Report())
    run.refresh_from_db()
    assert run.status == "checking"


def test_a_discarded_file_leaves_nothing(cast):
    run = checked(people(5, bad=[1]), cast.marketer, cast.at)
    finish(cast.at)
    imports.discard(run, by=cast.marketer, at=cast.at)
    assert not ImportRun.objects.exists()
    assert not BadRow.objects.exists()
    assert imports.sweep(at=cast.at) is False


# Coming in --------------------------------------------------------------------------------------------------


def test_what_was_checked_comes_in_and_the_file_is_forgotten(cast):
    run = brought(people(25, bad=[7, 8]), cast.marketer, cast.at)
    assert (run.status, counts(run), bytes(run.content)) == ("done", (23, 0, 0, 2), b"")
    assert run.finished_at
    assert Lead.objects.filter(contact__email__endswith=".example.jp").count() == 23
    assert [row.line for row in run.bad_rows.order_by("line")] == [8, 9]


@pytest.mark.slow
def test_ten_thousand_rows_with_three_bad_ones(cast, monkeypatch):
    monkeypatch.setattr("crm.imports.reading.BATCH", 1000)
    rows = [(f"Firm {n}", f"x{n}", "n/a" if n in (17, 5000, 9999) else n % 500) for n in range(10_000)]
    content = table(["name", "external_id", "employee_count"], rows)
    assert counts(brought(content, cast.marketer, cast.at, "accounts")) == (9997, 0, 0, 3)
    again = brought(content, cast.marketer, cast.at, "accounts")
    assert counts(again) == (0, 0, 9997, 3)
    assert [row.line for row in again.bad_rows.order_by("line")] == [19, 5002, 10001]


@pytest.mark.parametrize("kind", ["leads", "accounts", "contacts", "deals"])
def test_a_second_import_of_the_same_file_changes_nothing(cast, kind):
    """Also of a file whose rows contradict each other, in one batch and across batches."""
    rows = [
        (n % 12, f"p{n % 12}@firm.example.jp", f"Name {n}", "Firm", ["", "IT", "Food"][n % 3], n)
        for n in range(25)
    ]
    content = table(
        ["id", "email", "last_name" if kind != "accounts" else "name", "company", "industry", "amount"], rows
    )
    first = brought(content, cast.admin, cast.at, kind)
    assert first.created == 12
    before = LedgerEntry.objects.count()
    assert counts(brought(content, cast.admin, cast.at + timedelta(days=1), kind)) == (0, 0, 25, 0)
    assert LedgerEntry.objects.count() == before


def test_pressing_twice_brings_in_once(cast):
    run = checked(people(5), cast.marketer, cast.at)
    finish(cast.at)
    run.refresh_from_db()
    for _ in range(2):
        imports.bring_in(run, by=cast.marketer, at=cast.at)
    finish(cast.at)
    run.refresh_from_db()
    imports.bring_in(run, by=cast.marketer, at=cast.at)
    assert (run.status, counts(run)) == ("done", (5, 0, 0, 0))


@pytest.mark.parametrize("state", ImportStatus.values)
def test_a_run_in_the_wrong_state_does_not_move(cast, state):
    run = received(people(5), cast.marketer, cast.at)
    is_over = state in ("done", "stopped", "failed")
    ImportRun.objects.filter(pk=run.pk).update(
        status=state, finished_at=cast.at if is_over else None, content=b"" if is_over else run.content
    )
    run.refresh_from_db()
    by = {"by": cast.marketer, "at": cast.at}
    able = {
        lambda: imports.check(run, Plan({"email": "email"}), **by): "draft checking preview",
        lambda: door.bring_in(run, **by): "preview running done",
        lambda: imports.stop(run, **by): "running stopped done",
        lambda: imports.discard(run, **by): "draft checking preview",
    }
    for deed, states in able.items():
        if state not in states.split():
            with pytest.raises((UnableToMove, Refused)):
                deed()
            run.refresh_from_db()
            assert run.status == state


# Stopped and broken off -------------------------------------------------------------------------------------


def running(cast, count=45):
    run = checked(people(count), cast.marketer, cast.at)
    finish(cast.at)
    run.refresh_from_db()
    return imports.bring_in(run, by=cast.marketer, at=cast.at)


def test_a_stop_keeps_what_has_come_in_and_says_how_much(cast):
    run = running(cast)
    imports.sweep(at=cast.at)  # two batches
    run.refresh_from_db()
    assert (run.status, run.done) == ("running", 20)
    imports.stop(run, by=cast.marketer, at=cast.at)
    assert imports.sweep(at=cast.at) is False
    run.refresh_from_db()
    assert (run.status, counts(run), bytes(run.content)) == ("stopped", (20, 0, 0, 0), b"")
    assert Lead.objects.filter(contact__email__endswith=".example.jp").count() == 20


def test_a_run_that_broke_off_goes_on_behind_the_last_batch_that_counted(cast, monkeypatch):
    run = running(cast)
    imports.sweep(at=cast.at)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(work, "take", lambda *_args: 1 / 0)
        imports.sweep(at=cast.at)
    run.refresh_from_db()
    assert (run.in_hand, run.done) == (True, 20)
    finish(cast.at)
    run.refresh_from_db()
    assert (run.status, run.broke_off, counts(run)) == ("done", 1, (45, 0, 0, 0))


def test_a_run_that_breaks_off_again_and_again_waits_for_a_person(cast):
    run = running(cast)
    imports.sweep(at=cast.at)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(work, "take", lambda *_args: 1 / 0)
        for _ in range(6):
            imports.sweep(at=cast.at)
    run.refresh_from_db()
    assert (run.status, run.done, bool(run.content)) == ("failed", 20, True)
    assert "4 times" in run.error
    imports.bring_in(run, by=cast.marketer, at=cast.at)
    finish(cast.at)
    run.refresh_from_db()
    assert (run.status, counts(run)) == ("done", (45, 0, 0, 0))


def test_a_check_that_breaks_off_again_and_again_goes_back_to_its_columns(cast):
    run = checked(people(5), cast.marketer, cast.at)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(work, "take", lambda *_args: 1 / 0)
        for _ in range(5):
            imports.sweep(at=cast.at)
    run.refresh_from_db()
    assert (run.status, "4 times" in run.error) == ("draft", True)


def test_whoever_lost_the_right_meanwhile_brings_nothing_more_in(cast):
    run = running(cast)
    imports.sweep(at=cast.at)
    cast.marketer.role = "rep"
    cast.marketer.save()
    imports.sweep(at=cast.at)
    run.refresh_from_db()
    assert (run.status, run.done) == ("failed", 20)
    assert "role" in run.error


def test_one_run_that_fails_holds_up_no_other(cast, monkeypatch):
    running(cast)
    other = received(people(3), cast.admin, cast.at, "contacts")
    imports.check(other, planned(other), by=cast.admin, at=cast.at)
    monkeypatch.setattr(work, "_in_turn", lambda *_args: 1 / 0)
    imports.sweep(at=cast.at)
    other.refresh_from_db()
    assert other.status == "preview"


def test_the_person_hears_of_a_long_file_in_the_bell(cast):
    run = brought(people(3), cast.marketer, cast.at)
    lines = Notification.objects.filter(user=cast.marketer, subject_type="import", subject_id=run.pk)
    assert sorted(lines.values_list("kind", flat=True)) == ["import.checked", "import.done"]


def test_a_short_file_needs_no_worker(cast, monkeypatch):
    monkeypatch.setattr(door, "AT_ONCE", 200)
    run = checked(people(3), cast.marketer, cast.at)
    assert run.status == "preview"
    assert imports.bring_in(run, by=cast.marketer, at=cast.at).status == "done"
    assert not Notification.objects.filter(subject_type="import").exists()


# Time -------------------------------------------------------------------------------------------------------


def test_files_nobody_came_back_to_are_dropped_after_a_day(cast):
    checked(people(3), cast.marketer, cast.at)
    done = brought(people(4, bad=[1]), cast.marketer, cast.at)
    imports.forget(at=cast.at + timedelta(hours=23))
    assert ImportRun.objects.count() == 2
    imports.forget(at=cast.at + timedelta(hours=25))
    assert list(ImportRun.objects.all()) == [done]
    assert done.bad_rows.count() == 1


def test_bad_rows_and_notes_are_dropped_after_a_month_and_the_counts_stay(cast):
    content = table(["email", "company"], [("no address", "x"), ("a@b.example", "Nowhere Ltd")])
    run = brought(content, cast.marketer, cast.at, "contacts")
    assert run.notes
    imports.forget(at=cast.at + timedelta(days=31))
    run.refresh_from_db()
    assert (run.bad_rows.count(), run.notes, counts(run)) == (0, [], (1, 0, 0, 1))


# The database keeps it --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("constraint", "wrong"),
    [
        ("import_counts_add_up", {"created": 5}),
        ("import_finished_when_it_says", {"finished_at": "2026-06-01T00:00Z"}),
        ("import_finished_when_it_says", {"status": "failed"}),
        ("import_keeps_no_file", {"status": "done", "finished_at": "2026-06-01T00:00Z"}),
        ("import_status_known", {"status": "lost"}),
        ("import_times_sane", {"started_at": "0001-06-01T00:00Z"}),
    ],
)
def test_the_database_refuses_a_run_that_cannot_be(cast, constraint, wrong):
    run = received(people(2), cast.marketer, cast.at)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        ImportRun.objects.filter(pk=run.pk).update(**wrong)


def test_a_bad_row_is_kept_once(cast):
    run = received(people(2), cast.marketer, cast.at)
    BadRow.objects.create(run=run, line=2)
    with pytest.raises(IntegrityError, match="bad_row_once"), transaction.atomic():
        BadRow.objects.create(run=run, line=2)


def test_the_counts_are_told_in_words(cast):
    run = ImportRun(kind="leads", user=cast.marketer, created=5)
    with pytest.raises(ValidationError, match="add up"):
        run.validate_constraints()
