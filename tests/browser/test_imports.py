"""A marketer brings a list in with a browser: on a desk and on a phone, while it works, and without a script."""

import pytest

from crm import imports
from crm.imports import door
from crm.models import ImportRun
from leads.models import Lead
from tests.support.browsing import DESKTOP, PHONE
from tests.support.cast import gather
from tests.support.files import PREAMBLE, people

pytestmark = pytest.mark.browser

LIST = PREAMBLE + (
    "メールアドレス,姓,名,会社名,役職\r\n"
    "onodera@alpha.example,小野寺,健太郎,株式会社アルファテクノロジーソリューションズ東日本,情報システム部長\r\n"
    "miura@beta.example,三浦,愛,㈱ベータ,課長\r\n"
    "アドレスなし,髙橋,隆,﨑陽軒,店長\r\n"
)


@pytest.fixture
def cast(live_server, at, clock):
    return gather(at)


@pytest.fixture
def send(tmp_path):
    """Chooses a file on the page of a new import and goes on."""

    def sent(page, content, name="展示会リード.csv"):
        path = tmp_path / name
        path.write_bytes(content)
        page.set_input_files("[name=file]", str(path))
        page.get_by_role("button", name="Go on").click()
        page.wait_for_url("**/columns/")

    return sent


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_marketer_brings_a_list_in(visit, cast, send, viewport):
    marketer = visit(cast.marketer, viewport=viewport, reduced_motion="reduce", accept_downloads=True)
    page, found = marketer.open("/leads/"), []

    def look(where):
        found.extend(f"{where}: {line}" for line in marketer.violations())
        found.extend([f"{where} scrolls sideways"] if marketer.scrolls_sideways() else [])

    page.get_by_role("link", name="Import", exact=True).click()
    look("new")
    page.get_by_role("button", name="Go on").click()
    page.get_by_text("Choose a file.").wait_for()
    look("new, refused")
    send(page, LIST.encode("cp932"))
    page.get_by_text("Read as Shift JIS (CP932), columns divided by comma.").wait_for()
    page.get_by_text("1 line above the header is left out.").wait_for()
    assert page.locator("[name=column_company]").input_value() == "会社名"
    look("columns")
    page.locator("[name=column_email]").select_option("")
    page.get_by_role("button", name="Check the rows").click()
    page.get_by_text("Choose a column for at least one of").wait_for()
    look("columns, refused")
    page.locator("[name=column_email]").select_option("メールアドレス")
    page.get_by_label("source where the cell is blank").fill("展示会")
    page.get_by_role("button", name="Check the rows").click()
    page.get_by_text("Nothing is kept yet.").wait_for()
    page.get_by_text("アドレスなし is not an e-mail address.").wait_for()
    look("preview")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the bad rows").click()
    assert "﨑陽軒" in download.value.path().read_text(encoding="utf-8-sig")
    page.get_by_role("button", name="Bring in").click()
    page.get_by_text("A second import of the same file would change nothing.").wait_for()
    look("done")
    page.goto(f"{marketer.address}/imports/")
    look("list")
    assert found == []
    assert set(Lead.objects.values_list("contact__last_name", "source")) == {
        ("小野寺", "展示会"),
        ("三浦", "展示会"),
    }


def test_the_page_follows_a_long_file_by_itself(visit, cast, send, monkeypatch):
    monkeypatch.setattr("crm.imports.reading.BATCH", 10)
    monkeypatch.setattr("crm.imports.work.SLICE", 2)
    monkeypatch.setattr(door, "AT_ONCE", 0)
    marketer = visit(cast.marketer, viewport=DESKTOP, reduced_motion="reduce")
    page = marketer.open("/imports/new/")
    send(page, people(60))
    page.get_by_role("button", name="Check the rows").click()
    page.get_by_text("60 rows to check").wait_for()
    assert marketer.violations() == []
    imports.sweep(at=cast.at)
    page.get_by_role("button", name="Bring in").click()
    page.get_by_text("0 of 60").wait_for()
    imports.sweep(at=cast.at)
    page.get_by_text("20 of 60").wait_for()
    assert marketer.violations() == []
    page.get_by_role("button", name="Stop here").click()
    page.get_by_text("Stopped after 20 of 60 rows.").wait_for()
    assert marketer.violations() == []
    assert ImportRun.objects.get().status == "stopped"


def test_without_a_script_one_looks_again(visit, cast, send, monkeypatch):
    monkeypatch.setattr(door, "AT_ONCE", 0)
    page = visit(cast.marketer, viewport=PHONE, java_script_enabled=False).open("/imports/new/?kind=leads")
    send(page, people(3))
    page.get_by_role("button", name="Check the rows").click()
    imports.sweep(at=cast.at)
    page.get_by_role("link", name="Look again").click()
    page.get_by_role("button", name="Bring in").click()
    imports.sweep(at=cast.at)
    page.get_by_role("link", name="Look again").click()
    page.get_by_text("A second import of the same file would change nothing.").wait_for()
    assert Lead.objects.count() == 3
