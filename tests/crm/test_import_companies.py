"""The list of Japanese companies that publish their accounts, as it is downloaded: CP932, no column named by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import call_command

from crm import imports
from crm.importing import importer_of
from crm.models import Account
from crm.tabular import open_table
from tests.support.files import PREAMBLE, counts, finish, planned

pytestmark = pytest.mark.django_db
NAME = "jp_companies/companies_only_20240721_cp932.csv"


def content(real_data: Path) -> bytes:
    """The file as its publisher sends it: with the line above the header."""
    raw = (real_data / NAME).read_bytes()
    preamble = PREAMBLE.encode("cp932")
    return raw if "ダウンロード".encode("cp932") in raw[:200] else preamble + raw


def test_what_is_above_the_header_is_left_out_and_the_columns_are_known(real_data):
    table = open_table(content(real_data))
    assert (table.encoding, table.preamble_lines) == ("cp932", 1)
    assert imports.guess_mapping(importer_of("accounts"), table.header) == {
        "name": "提出者名",
        "external_id": "ＥＤＩＮＥＴコード",
        "corporate_number": "提出者法人番号",
        "industry": "提出者業種",
        "address": "所在地",
    }


def test_every_company_comes_in_once_by_the_page(real_data, cast):
    def send():
        run = imports.receive(
            "accounts", content(real_data), by=cast.marketer, at=cast.at, file_name="edinet.csv"
        )
        imports.check(run, planned(run), by=cast.marketer, at=cast.at)
        finish(cast.at)
        run.refresh_from_db()
        seen = counts(run)
        imports.bring_in(run, by=cast.marketer, at=cast.at)
        finish(cast.at)
        run.refresh_from_db()
        assert (run.status, counts(run)) == ("done", seen)
        [repeated] = [note for note in run.notes if note["message"].startswith("Repeated in the file")]
        assert repeated["rows"] == 9
        return seen

    assert send() == (6852, 0, 9, 0)  # nine are registered twice, under one corporate number
    assert (
        Account.objects.filter(name__contains="アルファ", industry__gt="")
        .values("corporate_number")
        .distinct()
        .count()
        > 1
    )
    assert Account.objects.get(external_id="E00004").address == "前橋市古市町一丁目５０番地１２"
    assert send() == (0, 0, 6861, 0)


def test_the_command_needs_no_columns_either(real_data, capsys, tmp_path):
    path = tmp_path / "edinet.csv"
    path.write_bytes(b"\r\n".join(content(real_data).split(b"\r\n")[:203]))
    call_command("import_csv", "accounts", path)
    assert "201 created" in capsys.readouterr().out
