"""Behaviour in a table: by columns a person maps, or through the mapping of a tool."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from crm import imports
from leads.models import BehaviourEvent, WaitingEvent

SAMPLES = Path(__file__).parent / "samples"
TABLE = """mail,what,when,page
hana@kita.jp,page_view,2026-05-20 09:00,
hana@kita.jp,Document download,2026-05-20 09:05,
taro@minami.jp,webinar,2026-05-20 10:00,
hana@kita.jp,telepathy,2026-05-20 09:00,
hana@kita.jp,page_view,2027-05-20 09:00,
"""
COLUMNS = {"email": "mail", "kind": "what", "occurred_at": "when", "asset": "page"}


def bring(cast, text=TABLE, **options):
    known = {"constants": {"source": "fair"}, "zone": "Asia/Tokyo"} | options
    return imports.run("events", text.encode(), COLUMNS, by=cast.marketer, at=cast.at, **known)


def test_rows_are_counted_kept_or_refused(cast):
    lead = cast.lead(email="hana@kita.jp")
    report = bring(cast)
    assert dict(report.counts) == {"created": 3, "rejected": 2}
    assert [row.problems[0][0] for row in report.bad] == ["kind", "occurred_at"]
    assert lead.events.count() == 2
    assert report.notes.told()[0]["rows"] == 1


def test_the_same_table_again_changes_nothing(cast):
    cast.lead(email="hana@kita.jp")
    bring(cast)
    assert dict(bring(cast).counts) == {"unchanged": 3, "rejected": 2}
    assert (BehaviourEvent.objects.count(), WaitingEvent.objects.count()) == (2, 1)


def test_a_row_twice_in_one_table_counts_once(cast):
    cast.lead(email="hana@kita.jp")
    bring(cast, TABLE + "HANA@kita.jp,page_view,2026-05-20 09:00,\n")
    assert BehaviourEvent.objects.filter(kind="page_view").count() == 1


def test_the_people_of_a_later_table_find_what_waits(cast):
    bring(cast)
    imports.run(
        "leads", b"email\nhana@kita.jp\ntaro@minami.jp\n", {"email": "email"}, by=cast.marketer, at=cast.at
    )
    assert (BehaviourEvent.objects.count(), WaitingEvent.objects.count()) == (3, 0)


def run(*options):
    out = StringIO()
    call_command("import_events", *options, stdout=out)
    return out.getvalue()


def test_a_command_takes_an_export_through_its_mapping(cast):
    cast.lead(email="hana@kita.jp")
    told = run(str(SAMPLES / "japanese-ma.csv"), "--mapping", "japanese-ma", "--by", "marketer")
    assert "events: 1 accepted, 1 duplicates, 1 waiting, 0 scanners, 0 ignored, 2 refused" in told
    assert "not translated: 名刺交換 (1)" in told


def test_a_mapping_that_is_not_there_is_told_with_those_that_are(cast):
    with pytest.raises(CommandError, match="japanese-ma"):
        run(str(SAMPLES / "japanese-ma.csv"), "--mapping", "unheard-of")
