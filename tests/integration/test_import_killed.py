"""A worker that is killed in the middle of an import, and the next one that takes it up."""

from __future__ import annotations

import os
import signal
from collections import Counter
from pathlib import Path

import pytest
from celery import Celery
from django.conf import settings

from crm import imports
from crm.imports import door
from crm.models import ImportRun, ImportStatus, LedgerEntry
from leads.models import Lead
from tests.support import services
from tests.support.cast import gather
from tests.support.files import checked, counts, finish, people

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
ROWS = 3500


@pytest.fixture
def run(at, monkeypatch) -> ImportRun:
    """A file of four batches that has just been let in."""
    monkeypatch.setattr(door, "AT_ONCE", 0)
    company = gather(at)
    monkeypatch.setattr(
        "crm.imports.work._try_all", lambda *_args: None
    )  # the check is not what is asked here
    row = checked(people(ROWS, bad=[17, 3200]), company.marketer, at)
    finish(at)
    row.refresh_from_db()
    return imports.bring_in(row, by=company.marketer, at=at)


def ask(folder: Path) -> None:
    """Tell a worker to look, as the beat does every few seconds."""
    queue = folder / "queue"
    for name in ("messages", "control"):
        (queue / name).mkdir(parents=True, exist_ok=True)
    with Celery("sender", broker="filesystem://localhost") as sender:
        sender.conf.broker_transport_options = {
            name: value.replace(str(settings.QUEUE_DIR), str(queue)) if isinstance(value, str) else value
            for name, value in settings.QUEUE_FILES.items()
        }
        sender.send_task("crm.imports")


def done(run: ImportRun) -> int:
    run.refresh_from_db()
    return run.done


def test_a_killed_worker_costs_no_row_and_brings_none_in_twice(run: ImportRun, tmp_path: Path) -> None:
    ask(tmp_path)
    with services.worker(tmp_path, "filesystem://localhost") as first:
        services.until(lambda: done(run) > 0, seconds=60)
        os.killpg(first.pid, signal.SIGKILL)
        first.wait()
    left = done(run)
    assert (run.status, Lead.objects.filter(source="").count()) == (ImportStatus.RUNNING, left - 1)
    assert 0 < left < ROWS
    ask(tmp_path)
    with services.worker(tmp_path, "filesystem://localhost"):
        services.until(lambda: done(run) == ROWS, seconds=90)
    assert (run.status, counts(run)) == (ImportStatus.DONE, (ROWS - 2, 0, 0, 2))
    assert sorted(run.bad_rows.values_list("line", flat=True)) == [18, 3201]
    told = Counter(LedgerEntry.objects.filter(kind="lead.captured").values_list("subject_id", flat=True))
    assert (len(told), max(told.values())) == (ROWS - 2, 1)
