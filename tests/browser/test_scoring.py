"""A marketer has points proposed, compares the draft, and activates it; on a desk and on a phone."""

from datetime import timedelta

import pytest

from crm import present
from leads.models import VersionStatus
from leads.scoring import versions
from reports.models import ScoringRun
from reports.scoring import runs
from tests.support.browsing import DESKTOP, PHONE
from tests.support.decided import Decided, decided

pytestmark = pytest.mark.browser


@pytest.fixture
def cast(live_server):
    """Nine days ago enough was handed over and decided: most of those who inquired were accepted."""
    from tests.support.cast import gather

    cast = gather(present.now() - timedelta(days=9))
    hot = [Decided(number % 6 != 0, ("inquiry", "page_view")) for number in range(26)]
    decided(cast, hot + [Decided(number % 6 == 0, ("page_view", "download")) for number in range(26)])
    return cast


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_marketer_activates_proposed_points(visit, cast, viewport):
    before = versions.active()
    marketer = visit(cast.marketer, viewport=viewport, reduced_motion="reduce")
    page = marketer.open("/reports/scoring/?outcome=accepted&bar=5")
    page.get_by_role("button", name="Propose points").click()
    page.get_by_text("Waiting for its turn").wait_for()
    assert marketer.violations() == []
    runs.perform_next(at=present.now())
    page.get_by_text("is drafted with these points.").wait_for()
    assert versions.active() == before, "never by itself"
    assert marketer.violations() == []
    assert not marketer.scrolls_sideways()

    page.get_by_role("link", name="Compare and activate").click()
    page.get_by_role("heading", name="beside the one in force").wait_for()
    page.get_by_role("table", name="Behaviour").first.wait_for()
    assert marketer.violations() == []
    assert not marketer.scrolls_sideways()
    page.get_by_label("Why").fill("It follows what was accepted")
    page.get_by_role("button", name="Activate this version").click()
    page.get_by_text("is in force; it made").wait_for()
    assert marketer.violations() == []
    assert not marketer.scrolls_sideways()
    draft = ScoringRun.objects.get().draft
    assert (versions.active(), draft.status) == (draft, VersionStatus.ACTIVE)
    assert draft.note.startswith("It follows what was accepted\n\nProposed from 52 handoffs")

    page.locator("tbody").get_by_role("link", name=f"v{draft.version}", exact=True).click()
    page.get_by_role("heading", name="in force").first.wait_for()
    assert page.get_by_role("button", name="Activate this version").count() == 0
    assert marketer.violations() == []


def test_without_a_script_what_leads_to_it_is_asked_and_cancelled(visit, cast):
    page = visit(cast.manager, viewport=PHONE, java_script_enabled=False).open(
        "/reports/scoring/?outcome=accepted"
    )
    page.get_by_role("button", name="Work out what leads to it").click()
    page.get_by_role("link", name="Look again").click()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("This question was cancelled").wait_for()
    assert ScoringRun.objects.get().cancelled_at
