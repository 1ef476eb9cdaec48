"""Files on the desk: each step, files that are none, who may, and what the downloads hold."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm import imports
from crm.imports import door
from crm.models import Account, Contact, ImportRun, SavedMapping
from leads.models import Lead
from tests.support.cast import Cast
from tests.support.files import PREAMBLE, brought, checked, finish, people, received, table

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now(clock):
    """Pages see the time the cast acts at."""


def as_user(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def marketer(cast) -> Client:
    return as_user(cast.marketer)


def page(name: str, *args: object) -> str:
    return reverse(f"desk:import-{name}", args=args)


def send(client: Client, content: bytes, kind: str = "leads", name: str = "file.csv"):
    return client.post(page("new"), {"kind": kind, "file": SimpleUploadedFile(name, content)})


def choose(client: Client, run: ImportRun, **chosen: str):
    """The columns form with these answers, and blank ones for the rest."""
    answers = {f"column_{name}": column for name, column in chosen.items() if "__" not in name}
    answers |= {name.replace("__", "_"): value for name, value in chosen.items() if "__" in name}
    return client.post(page("columns", run.pk), {"zone": "Asia/Tokyo", **answers})


def text_of(answer) -> str:
    return answer.content.decode()


# Each step --------------------------------------------------------------------------------------------------


def test_the_list_says_what_to_do_while_it_is_empty(marketer):
    text = text_of(marketer.get(page("list")))
    assert "No files yet" in text
    assert page("new") in text


def test_a_file_goes_through_all_steps(marketer, cast):
    answer = send(marketer, people(5, bad=[2]))
    run = ImportRun.objects.get()
    assert answer.headers["Location"] == page("columns", run.pk)
    text = text_of(marketer.get(page("columns", run.pk)))
    assert "Read as UTF-8, columns divided by comma." in text
    assert "person1@firm1.example.jp" in text
    assert '<option value="company" selected>company (e.g. Firm 1)</option>' in text
    assert choose(marketer, run, email="email", company="company").headers["Location"] == page(
        "detail", run.pk
    )
    text = text_of(marketer.get(page("detail", run.pk)))
    assert "This is what would happen. Nothing is kept yet." in text
    assert "no address is not an e-mail address" in text
    assert not Lead.objects.exists()
    marketer.post(page("start", run.pk))
    text = text_of(marketer.get(page("detail", run.pk)))
    assert "A second import of the same file would change nothing." in text
    assert reverse("desk:lead-list") in text
    assert Lead.objects.count() == 4


def test_the_same_file_again_says_that_nothing_changed(marketer, cast):
    brought(people(3), cast.marketer, cast.at)
    send(marketer, people(3))
    run = ImportRun.objects.get(status="draft")
    assert "this very file" in text_of(marketer.get(page("columns", run.pk)))
    choose(marketer, run, email="email")
    assert "would change nothing" in text_of(marketer.get(page("detail", run.pk)))
    marketer.post(page("start", run.pk))
    assert "Nothing changed: every row of this file was known already." in text_of(
        marketer.get(page("detail", run.pk))
    )


def test_a_cp932_file_with_a_preamble_is_read_and_said_to_be(marketer):
    content = (PREAMBLE + "会社名,業種,国\r\n髙島屋,小売,日本\r\n﨑陽軒,食品,日本\r\n").encode("cp932")
    send(marketer, content, "accounts")
    run = ImportRun.objects.get()
    text = text_of(marketer.get(page("columns", run.pk)))
    assert "Read as Shift JIS (CP932)" in text
    assert "1 line above the header is left out." in text
    choose(marketer, run, name="会社名", industry="業種")
    marketer.post(page("start", run.pk))
    assert set(Account.objects.values_list("name", flat=True)) == {"髙島屋", "﨑陽軒"}


def test_a_wrong_reading_can_be_put_right(marketer):
    send(marketer, "name,industry\nCrème,Food\n".encode("cp1252"), "accounts")
    run = ImportRun.objects.get()
    address = page("columns", run.pk)
    assert "Crème" not in text_of(marketer.get(address))
    marketer.post(address, {"again": "1", "encoding": "cp1252", "delimiter": ""})
    assert "Crème" in text_of(marketer.get(address))
    answer = marketer.post(address, {"again": "1", "encoding": "utf-8", "delimiter": ""})
    assert (answer.status_code, "cannot be read as utf-8" in text_of(answer)) == (422, True)


def test_one_value_can_stand_in_for_blank_cells(marketer):
    send(marketer, people(2))
    choose(marketer, ImportRun.objects.get(), email="email", fill__source="fair", fill__stage="mql")
    marketer.post(page("start", ImportRun.objects.get().pk))
    assert set(Lead.objects.values_list("source", "stage")) == {("fair", "mql")}


def test_the_columns_can_be_changed_after_the_check(marketer, cast):
    run = checked(people(3), cast.marketer, cast.at)
    text = text_of(marketer.get(page("columns", run.pk)))
    assert '<option value="email" selected>' in text
    choose(marketer, run, external_id="email")
    run.refresh_from_db()
    assert (run.status, run.mapping) == ("preview", {"external_id": "email"})


@pytest.mark.parametrize(
    ("kind", "chosen", "says", "kept"),
    [
        ("leads", {"company": "company"}, "at least one of", '<option value="company" selected>'),
        ("leads", {"email": "nowhere"}, "not one of the available choices", ""),
        ("leads", {"email": "email", "zone": "Mars"}, "not a time zone", 'value="Mars"'),
        ("accounts", {"industry": "company"}, "Map a column to name", '<option value="company" selected>'),
    ],
)
def test_a_choice_that_cannot_work_is_told_beside_the_field_and_kept(
    marketer, cast, kind, chosen, says, kept
):
    run = received(people(2), cast.marketer, cast.at, kind)
    zone = {"zone": chosen["zone"]} if "zone" in chosen else {}
    answers = {f"column_{name}": value for name, value in chosen.items() if name != "zone"}
    answer = marketer.post(page("columns", run.pk), {"zone": "Asia/Tokyo", **answers, **zone})
    assert answer.status_code == 422
    assert says in text_of(answer)
    assert kept in text_of(answer)
    assert 'aria-invalid="true"' in text_of(answer)
    run.refresh_from_db()
    assert run.status == "draft"


def test_dates_with_two_readings_are_asked_about(marketer):
    send(marketer, table(["email", "day"], [("a@x.example", "03/04/2026"), ("b@x.example", "05/06/2026")]))
    run = ImportRun.objects.get()
    answer = choose(marketer, run, email="email", captured_at="day")
    assert "dd/mm/yyyy = 2026-04-03, mm/dd/yyyy = 2026-03-04" in text_of(answer)
    answers = {"column_email": "email", "column_captured_at": "day", "dates": "mm/dd/yyyy", "zone": "UTC"}
    assert marketer.post(page("columns", run.pk), answers).status_code == 302
    marketer.post(page("start", run.pk))
    assert {str(day.date()) for day in Lead.objects.values_list("captured_at", flat=True)} == {
        "2026-03-04",
        "2026-05-06",
    }


# Files that are none ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "This file is empty."),
        (b" \n", "This file is empty."),
        (b"email,name\n", "no rows"),
        (b"\x89PNG\r\n\x1a\n\x00\xff", "neither UTF-8 nor Shift JIS"),
        (b"PK\x03\x04\x14", "Excel workbook"),
        ("a,b\nRené,x\n".encode("latin-1"), "neither UTF-8 nor Shift JIS"),
        (b"email,email\na,b\n", "The column email is there twice"),
        (b"\x00\x00", "NUL"),
    ],
    ids=["empty", "blank", "header only", "binary", "workbook", "wrong encoding", "duplicate headers", "nul"],
)
def test_what_is_no_table_is_told_beside_the_file(marketer, content, says):
    answer = send(marketer, content, "contacts")
    assert answer.status_code == 422
    assert says in text_of(answer)
    assert 'value="contacts" required checked' in text_of(answer).replace('id="id_kind_2" ', ""), (
        "the kind is kept"
    )
    assert not ImportRun.objects.exists()


def test_a_form_without_a_file_or_with_a_strange_kind_is_told(marketer):
    assert "Choose a file." in text_of(marketer.post(page("new"), {"kind": "leads"}))
    assert send(marketer, people(1), "users").status_code == 422


def test_a_file_that_is_too_large_is_told_with_the_limit(marketer, monkeypatch):
    monkeypatch.setattr(imports, "MOST_BYTES", 1024 * 1024)
    assert "This file has more than 1 MB" in text_of(send(marketer, b"email\n" + b"a" * 1024 * 1024))
    monkeypatch.setattr(door, "MOST_ROWS", 2)
    assert "at most 2 come in at once" in text_of(send(marketer, people(3)))


def test_a_huge_cell_is_one_bad_row_and_the_page_stays_small(marketer):
    content = table(["email", "company"], [("a@x.example", "x" * 500_000), ("b@x.example", "B")])
    send(marketer, content)
    run = ImportRun.objects.get()
    choose(marketer, run, email="email", company="company")
    text = text_of(marketer.get(page("detail", run.pk)))
    assert "longer than 131,072 characters" in text
    assert len(text) < 60_000
    assert len(marketer.get(page("bad-rows", run.pk)).content) < 5_000
    assert len(text_of(marketer.get(page("columns", run.pk)))) < 60_000


def test_what_stands_in_a_file_is_shown_as_text(marketer):
    send(marketer, table(["<b>email</b>", "name"], [("<script>alert(1)</script>", "x")]), name="<i>.csv")
    run = ImportRun.objects.get()
    choose(marketer, run, email="<b>email</b>")
    for name in ("columns", "detail"):
        text = text_of(marketer.get(page(name, run.pk)))
        assert "<script>alert" not in text
        assert "<b>email" not in text
        assert "<i>.csv" not in text


# Bad rows ---------------------------------------------------------------------------------------------------


def download(client: Client, run: ImportRun) -> list[list[str]]:
    answer = client.get(page("bad-rows", run.pk))
    assert answer.headers["Content-Type"].startswith("text/csv")
    return list(csv.reader(io.StringIO(text_of(answer).removeprefix("\ufeff"))))


def test_bad_rows_are_downloaded_with_their_reason_and_made_harmless(marketer, cast):
    rows = [("=cmd()", "+1", "A"), ("a@x.example", "", "B"), ("also bad", "", "C")]
    run = checked(table(["email", "phone", "company"], rows), cast.marketer, cast.at)
    header, *found = download(marketer, run)
    assert header == ["email", "phone", "company", "Reason"]
    assert [row[:3] for row in found] == [["'=cmd()", "'+1", "A"], ["also bad", "", "C"]]
    assert found[0][3].startswith("Row 2: E-mail: =cmd() is not an e-mail address.")
    assert "Phone: +1 is not a telephone number." in found[0][3]


def test_a_download_that_was_put_right_comes_in_and_its_reasons_do_not_pile_up(marketer, cast):
    run = checked(people(3, bad=[1, 2]), cast.marketer, cast.at)
    [header, first, second] = download(marketer, run)
    first[0] = "now@right.example"
    again = checked(table(header, [first, second]), cast.marketer, cast.at)
    assert (again.created, again.rejected) == (1, 1)
    assert download(marketer, again)[0] == header


def test_rows_of_the_wrong_width_are_in_the_download_too(marketer, cast):
    content = b'email,company\na@x.example,A,surplus\nb@x.example\n"c"x,C\n'
    content += b"".join(b"%d@y.example,Y\n" % n for n in range(4))
    run = checked(content, cast.marketer, cast.at)
    _header, wide, narrow, broken = download(marketer, run)
    assert (wide[:2], wide[3]) == (["a@x.example", "A"], "surplus")
    assert (narrow[:2], "has 1 cells" in narrow[2]) == (["b@x.example", ""], True)
    assert (broken[0], "quotes" in broken[2]) == ('"c"x,C', True)


def test_many_bad_rows_are_shown_by_pages(marketer, cast, monkeypatch):
    monkeypatch.setattr(door, "AT_ONCE", 1000)
    run = checked(people(120, bad=range(1, 61)), cast.marketer, cast.at)
    first = marketer.get(page("detail", run.pk))
    assert (len(first.context["problems"]), "cursor=2" in text_of(first)) == (50, True)
    second = marketer.get(page("detail", run.pk) + "?cursor=2")
    assert [one.line for one in second.context["problems"]] == list(range(52, 62))


# While it works ---------------------------------------------------------------------------------------------


@pytest.fixture
def long_run(cast, monkeypatch) -> ImportRun:
    """One that waits for a worker, in batches of ten."""
    monkeypatch.setattr("crm.imports.reading.BATCH", 10)
    monkeypatch.setattr("crm.imports.work.SLICE", 2)
    monkeypatch.setattr(door, "AT_ONCE", 0)
    return checked(people(45), cast.marketer, cast.at)


def beat(client: Client, run: ImportRun, was: str):
    return client.get(page("detail", run.pk), {"was": was}, headers={"HX-Request": "true"})


def test_a_long_check_tells_that_it_works_and_the_page_asks_again(marketer, long_run, cast):
    text = text_of(marketer.get(page("detail", long_run.pk)))
    assert "Checking every row" in text
    assert 'hx-trigger="every 2s"' in text
    assert "Look again" in text
    assert "<html" not in text_of(beat(marketer, long_run, "checking"))
    finish(cast.at)
    assert beat(marketer, long_run, "checking").headers["HX-Refresh"] == "true"
    assert 'hx-trigger="every 2s"' not in text_of(marketer.get(page("detail", long_run.pk)))


def test_a_long_run_shows_how_far_it_is_and_can_be_stopped(marketer, long_run, cast):
    finish(cast.at)
    marketer.post(page("start", long_run.pk))
    imports.sweep(at=cast.at)
    assert 'max="45" value="20"' in text_of(beat(marketer, long_run, "running"))
    assert marketer.post(page("stop", long_run.pk)).status_code == 302
    text = text_of(marketer.get(page("detail", long_run.pk)))
    assert "Stopped after 20 of 45 rows." in text
    assert Lead.objects.count() == 20


def test_a_run_that_broke_off_says_so(marketer, long_run):
    ImportRun.objects.filter(pk=long_run.pk).update(broke_off=1)
    assert "taken up again where it stopped" in text_of(marketer.get(page("detail", long_run.pk)))


def test_a_run_that_waits_for_long_names_the_likely_cause(marketer, long_run, clock):
    assert "worker may not be running" not in text_of(marketer.get(page("detail", long_run.pk)))
    clock.move(minutes=2)
    assert "worker may not be running" in text_of(marketer.get(page("detail", long_run.pk)))


def test_a_failed_run_goes_on_where_it_stopped(marketer, long_run, cast):
    finish(cast.at)
    marketer.post(page("start", long_run.pk))
    imports.sweep(at=cast.at)
    long_run.refresh_from_db()
    door.give_up(long_run, "Because.", at=cast.at)
    text = text_of(marketer.get(page("detail", long_run.pk)))
    assert "It broke off after 20 of 45 rows." in text
    assert "Because." in text
    marketer.post(page("start", long_run.pk))
    finish(cast.at)
    long_run.refresh_from_db()
    assert (long_run.status, long_run.created) == ("done", 45)


# Twice, too late, and not theirs ----------------------------------------------------------------------------


def test_sending_and_pressing_twice_does_it_once(marketer, cast):
    for _ in range(2):
        send(marketer, people(3))
    run = ImportRun.objects.get()
    for _ in range(2):
        assert choose(marketer, run, email="email").status_code == 302
    for _ in range(2):
        assert marketer.post(page("start", run.pk)).status_code == 302
    run.refresh_from_db()
    assert (run.created, Lead.objects.count()) == (3, 3)


@pytest.mark.parametrize("deed", ["columns", "discard"])
def test_what_comes_too_late_is_told_on_a_fresh_page(marketer, cast, deed):
    run = brought(people(2), cast.marketer, cast.at)
    answer = marketer.post(page(deed, run.pk), {"column_email": "email", "zone": "UTC"})
    assert answer.status_code == 409
    assert "A second import of the same file" in text_of(answer)


def test_a_draft_cannot_be_started_or_stopped(marketer, cast):
    run = received(people(2), cast.marketer, cast.at)
    assert [marketer.post(page(deed, run.pk)).status_code for deed in ("start", "stop")] == [409, 409]
    assert not Lead.objects.exists()


def test_discarding_asks_first(marketer, cast):
    run = received(people(2), cast.marketer, cast.at)
    assert f'hx-get="{page("discard", run.pk)}"' in text_of(marketer.get(page("columns", run.pk)))
    asked = text_of(marketer.get(page("discard", run.pk)))
    assert "Nothing of it has come in." in asked
    assert ImportRun.objects.filter(pk=run.pk).exists()


def test_a_discarded_file_is_gone(marketer, cast):
    run = received(people(2), cast.marketer, cast.at)
    assert marketer.post(page("discard", run.pk)).headers["Location"] == page("list")
    assert marketer.get(page("detail", run.pk)).status_code == 404
    assert marketer.post(page("discard", run.pk)).status_code == 404


@pytest.mark.parametrize("who", ["manager", "admin"])
def test_the_run_of_somebody_else_is_missing(cast, who):
    run = brought(people(2, bad=[1]), cast.marketer, cast.at)
    client = as_user(getattr(cast, who))
    pages = [client.get(page(name, run.pk)) for name in ("detail", "columns", "bad-rows")]
    deeds = [client.post(page(name, run.pk)) for name in ("columns", "start", "stop", "discard")]
    assert {answer.status_code for answer in (*pages, *deeds)} == {404}
    assert client.get(page("list")).context["page"].rows == []


@pytest.mark.parametrize("who", ["rep", "stranger"])
def test_a_rep_is_told_that_their_role_does_not_allow_it(cast, who):
    run = received(people(2), cast.marketer, cast.at)
    client = as_user(getattr(cast, who))
    answers = [client.get(page(name)) for name in ("list", "new", "export")]
    answers += [client.get(page(name, run.pk)) for name in ("detail", "columns", "bad-rows")]
    answers += [client.post(page(name, run.pk)) for name in ("columns", "start", "stop", "discard")]
    answers += [send(client, people(1))]
    assert {answer.status_code for answer in answers} == {403}
    assert ImportRun.objects.count() == 1


def test_the_way_to_it_stands_on_the_lists_for_those_who_may(cast):
    lists = ("lead-list", "account-list", "deal-list", "deal-board")
    texts = {
        who: [text_of(as_user(getattr(cast, who)).get(reverse(f"desk:{name}"))) for name in lists]
        for who in ("manager", "rep")
    }
    assert all(page("new") + "?kind=" in text and page("list") in text for text in texts["manager"])
    assert not any(page("new") in text or page("list") in text for text in texts["rep"])


def test_the_kind_of_the_list_one_comes_from_is_chosen(marketer):
    assert marketer.get(page("new") + "?kind=deals").context["form"]["kind"].value() == "deals"
    assert marketer.get(page("new") + "?kind=nonsense").context["form"]["kind"].value() == "leads"


# The list ---------------------------------------------------------------------------------------------------


def test_the_list_is_filtered_sorted_and_exported(marketer, cast):
    brought(people(2), cast.marketer, cast.at)
    received(table(["name"], [("A",)]), cast.marketer, cast.at + timedelta(hours=1), "accounts")
    names = lambda query: [run.kind for run in marketer.get(page("list") + query).context["page"].rows]  # noqa: E731
    assert names("") == ["accounts", "leads"]
    assert names("?sort=when") == ["leads", "accounts"]
    assert (names("?kind=leads"), names("?status=draft"), names("?q=acc")) == (
        ["leads"],
        ["accounts"],
        ["accounts"],
    )
    assert names("?q=%0B&kind=x&status=x&sort=x&cursor=x") == ["accounts", "leads"]
    assert "leads.csv,Leads,Done,2,2,0,0,0" in text_of(marketer.get(page("export")))


def test_pages_never_load_the_file_they_do_not_show(marketer, cast):
    run = brought(people(2), cast.marketer, cast.at)
    received(people(3), cast.marketer, cast.at)
    for address in (page("list"), page("detail", run.pk)):
        with CaptureQueriesContext(connection) as asked:
            marketer.get(address)
        assert not any('"content"' in query["sql"] for query in asked.captured_queries)


def test_the_list_asks_as_much_for_thirty_as_for_one(marketer, cast: Cast, django_assert_num_queries):
    brought(people(1), cast.marketer, cast.at)
    marketer.get(page("list"))
    with CaptureQueriesContext(connection) as one:
        marketer.get(page("list"))
    for count in range(2, 12):
        received(people(count), cast.marketer, cast.at)
    with django_assert_num_queries(len(one)):
        marketer.get(page("list"))


def test_a_manager_reads_where_the_leads_went(cast):
    run = brought(people(2), cast.manager, cast.at)
    assert "stay with marketing until they are handed over" in text_of(
        as_user(cast.manager).get(page("detail", run.pk))
    )


def test_contacts_have_no_list_to_go_to(marketer, cast):
    run = brought(table(["email"], [("a@x.example",)]), cast.marketer, cast.at, "contacts")
    assert marketer.get(page("detail", run.pk)).status_code == 200
    assert Contact.objects.filter(email="a@x.example").exists()


# Saved columns ----------------------------------------------------------------------------------------------


def test_columns_are_saved_from_an_import_and_offered_to_the_next_file(marketer, cast):
    odd = table(["E", "N"], [("a@x.example", "Abe")])
    run = checked(odd, cast.marketer, cast.at, mapping={"email": "E", "last_name": "N"})
    answer = marketer.post(page("save", run.pk), {"name": "Fair", "is_shared": "on"}, follow=True)
    assert "Saved as “Fair”" in text_of(answer)
    later = received(table(["E", "N", "X"], [("b@x.example", "Bando", "")]), cast.marketer, cast.at)
    text = text_of(marketer.get(page("columns", later.pk)))
    assert "Saved columns that fit:" in text
    assert '<option value="N" selected>' in text


def test_saved_columns_are_listed_renamed_and_dropped(marketer, cast):
    run = checked(people(1), cast.marketer, cast.at)
    marketer.post(page("save", run.pk), {"name": "Fair"})
    saved = SavedMapping.objects.get()
    marketer.post(reverse("desk:import-mapping-change", args=[saved.pk]), {"name": "Autumn fair"})
    assert "Autumn fair" in text_of(marketer.get(reverse("desk:import-mappings")))
    marketer.post(reverse("desk:import-mapping-drop", args=[saved.pk]))
    assert "No saved columns" in text_of(marketer.get(reverse("desk:import-mappings")))
