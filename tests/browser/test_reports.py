"""The reports in a browser: readable for everybody at both widths, and each figure leads to its rows."""

import re

import pytest

from tests.support.browsing import DESKTOP, PHONE

pytestmark = pytest.mark.browser


@pytest.fixture
def story(live_server):
    """Told so that it ends now, as the pages see it."""
    from datetime import timedelta

    from crm import present
    from tests.support.cast import gather
    from tests.support.story import tell

    return tell(gather(present.now() - timedelta(days=15)))


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_marketer_reads_both_sides_and_opens_the_rows(visit, story, viewport):
    reader = visit(story.cast.marketer, viewport=viewport, reduced_motion="reduce")
    page = reader.open("/reports/sla/")
    page.get_by_role("heading", name="How both sides kept the agreement").wait_for()
    assert reader.violations() == []
    assert not reader.scrolls_sideways()

    page.locator(".chip", has_text="Period").click()
    page.get_by_label("From").wait_for()
    assert reader.violations() == []
    page.keyboard.press("Escape")

    late = page.locator("tr", has_text="First contact").get_by_role("link").nth(1)
    count = int(late.inner_text())
    late.click()
    page.wait_for_url("**/handoffs/**response=late**")
    assert page.locator("[data-row]").count() == count > 0
    assert reader.violations() == []
    assert not reader.scrolls_sideways()


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("address", ["/reports/", "/reports/funnel/", "/reports/sla/review/?kind=week"])
def test_every_report_is_readable_for_everybody(visit, story, viewport, address):
    reader = visit(story.cast.manager, viewport=viewport, reduced_motion="reduce")
    reader.open(address)
    assert reader.violations() == []
    assert not reader.scrolls_sideways()


def test_days_are_chosen_without_a_script(visit, story):
    page = visit(story.cast.marketer, viewport=PHONE, java_script_enabled=False).open(
        "/reports/sla/?source=web"
    )
    page.locator("summary", has_text="Period").click()
    page.get_by_label("From").fill("2020-01-01")
    page.get_by_label("Until").fill("2020-01-31")
    page.get_by_role("button", name="Show these days").click()
    page.get_by_text("Nothing was offered here").wait_for()
    assert "source=web" in page.url
    assert "from=2020-01-01" in page.url


def test_from_the_dark_theme_a_report_is_printed_dark_on_white(visit, story):
    story.cast.manager.theme = "dark"
    story.cast.manager.save(update_fields=["theme"])
    page = visit(story.cast.manager).open("/reports/")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"
    assert lightness(page, "h1", "color") < 80 < 240 < lightness(page, "body", "backgroundColor")


def lightness(page, place, name):
    """Of a colour as the browser draws it: the mean of red, green and blue."""
    drawn = page.evaluate(
        "([place, name]) => getComputedStyle(document.querySelector(place))[name]", [place, name]
    )
    parts = [int(part) for part in re.findall(r"\d+", drawn)[:3]]
    return sum(parts) / len(parts)
