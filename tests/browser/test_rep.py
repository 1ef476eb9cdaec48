"""A rep's whole job in a browser: from the login to a deal, and a lead given back; on a desk and on a phone."""

import pytest

from tests.support.browsing import DESKTOP, PHONE

pytestmark = pytest.mark.browser


@pytest.fixture
def cast(live_server):
    from crm import present
    from tests.support.cast import gather

    return gather(present.now())


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_rep_works_the_inbox(visit, cast, viewport):
    first = cast.handoff(
        last_name="Onodera", first_name="Kentaro", company="Alpha East K.K.", job_title="CFO"
    )
    second = cast.handoff(last_name="Mori", first_name="Aiko", company="Beta Logistics")
    rep = visit(viewport=viewport, reduced_motion="reduce")
    rep.log_in_by_form("rep", "correct horse battery")
    page = rep.page
    assert page.url.endswith("/inbox/")
    assert rep.violations() == []
    assert not rep.scrolls_sideways()

    page.goto(f"{rep.address}/handoffs/{first.pk}/")
    assert rep.violations() == []
    assert not rep.scrolls_sideways()
    page.locator(".record-deeds").get_by_role("link", name="Log a contact").click()
    sheet = page.locator("#sheet")
    sheet.get_by_label("Note").fill("Budget in April")
    assert rep.violations() == []
    sheet.get_by_role("button", name="Log", exact=True).click()
    page.get_by_text("Logged.").wait_for()
    page.locator(".record-deeds").get_by_role("button", name="Accept").click()
    page.get_by_text("Accepted.").first.wait_for()
    page.locator(".record-deeds").get_by_role("link", name="Convert into a deal").click()
    assert sheet.get_by_label("Deal", exact=False).first.input_value()
    sheet.get_by_role("button", name="Open the deal").click()
    page.locator(".record-marks").get_by_text("Converted").wait_for()
    assert rep.violations() == []

    page.goto(f"{rep.address}/inbox/")
    page.locator("[data-row]").hover()  # its deeds show beside the pointer
    page.locator("[data-row]").get_by_role("link", name="Reject").click()
    sheet.get_by_label("Bad timing").check()
    assert rep.violations() == []
    sheet.get_by_role("button", name="Reject", exact=True).click()
    page.get_by_text("All passed on.").wait_for()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == ("converted", "rejected")


def test_rows_open_beside_the_list_and_keys_work(visit, cast):
    row = cast.handoff(last_name="Onodera", first_name="Kentaro")
    rep = visit(cast.rep, viewport=DESKTOP, reduced_motion="reduce")
    page = rep.open("/inbox/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.locator("#detail .record").wait_for()
    assert rep.violations() == []
    page.keyboard.press("r")
    page.locator("#sheet").get_by_label("No need").wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    page.get_by_text("Accepted.").first.wait_for()
    row.refresh_from_db()
    assert row.status == "accepted"


def test_a_logged_talk_keeps_the_person_chosen_and_the_next_deed_is_theirs(visit, cast):
    first, second, third = (cast.handoff(last_name=name) for name in ("Onodera", "Mori", "Sasaki"))
    rep = visit(cast.rep, viewport=DESKTOP, reduced_motion="reduce")
    page = rep.open("/inbox/")
    page.locator("#detail .record").wait_for()
    page.keyboard.press("c")
    page.locator("#sheet").get_by_label("Note").fill("Budget in April")
    page.keyboard.press("Control+Enter")
    page.get_by_text("Logged.").wait_for()
    chosen = page.locator("[data-row][aria-current=true]")
    chosen.get_by_text("Onodera").wait_for()
    page.keyboard.press("a")
    page.get_by_text("Accepted.").first.wait_for()
    page.locator("[data-row][aria-current=true]").get_by_text("Mori").wait_for()
    assert [row.status for row in map(fresh, (first, second, third))] == ["accepted", "open", "open"]


def test_a_refused_form_shows_what_is_missing_above_its_foot(visit, cast):
    cast.handoff()
    rep = visit(cast.rep, viewport=DESKTOP, reduced_motion="reduce")
    page = rep.open("/inbox/")
    page.locator("#detail .record").wait_for()
    page.keyboard.press("r")
    page.get_by_label("Insufficient data").check()
    page.locator("#sheet").get_by_role("button", name="Reject", exact=True).click()
    error = page.get_by_text("This reason needs a comment.")
    error.wait_for()
    assert bottom(error) <= page.locator("#sheet .dialog-foot").bounding_box()["y"]
    assert rep.problems == []


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def bottom(locator):
    box = locator.bounding_box()
    return box["y"] + box["height"]


def test_without_a_script_everything_is_a_form(visit, cast):
    row = cast.handoff()
    page = visit(cast.rep, viewport=PHONE, java_script_enabled=False).open("/inbox/")
    page.locator("[data-row-link]").click()
    page.locator(".record-deeds").get_by_role("link", name="Reject").click()
    page.get_by_label("No need").check()
    page.get_by_role("button", name="Reject", exact=True).click()
    page.locator(".panel-clock").get_by_text("No need").wait_for()
    row.refresh_from_db()
    assert row.status == "rejected"
