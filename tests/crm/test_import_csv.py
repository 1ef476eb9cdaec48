"""The command: the same engine, without a file kept, in whoever's name."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from crm.models import ImportRun
from leads.models import Lead
from tests.support.files import people

pytestmark = pytest.mark.django_db


def bring(path, *options: str) -> str:
    said = StringIO()
    call_command("import_csv", "leads", str(path), *options, stdout=said)
    return said.getvalue()


@pytest.fixture
def file(cast, tmp_path):
    path = tmp_path / "leads.csv"
    path.write_bytes(people(5, bad=[2]))
    return path


def test_it_tells_counts_and_bad_rows_and_keeps_a_record(file, cast):
    said = bring(file, "--map", "email=email", "--by", "marketer")
    assert "line 3: email: no address is not an e-mail address" in said
    assert said.endswith("leads: 4 created, 0 updated, 0 unchanged, 1 rejected\n")
    run = ImportRun.objects.get()
    assert (run.user, run.status, run.done, bytes(run.content)) == (cast.marketer, "done", 5, b"")
    assert run.bad_rows.get().line == 3


def test_a_dry_run_tells_the_same_and_leaves_nothing(file):
    said = bring(file, "--map", "email=email", "--dry-run")
    assert said.endswith("4 created, 0 updated, 0 unchanged, 1 rejected (dry run, nothing kept)\n")
    assert not ImportRun.objects.exists()
    assert not Lead.objects.exists()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--map", "email"], "two names"),
        (["--map", "nothing=email"], "no column nothing"),
        (["--map", "email=mail"], "no field of leads"),
        (["--map", "email=email", "--by", "nobody"], "no person"),
        (["--map", "email=email", "--zone", "Mars/Olympus"], "time zone"),
    ],
)
def test_a_wrong_wish_is_told_in_a_sentence(file, options, says):
    with pytest.raises(CommandError, match=says):
        bring(file, *options)
