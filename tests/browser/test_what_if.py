"""A marketer asks what if, watches it being played, reads the answer and makes it a draft; on a desk and on a phone."""

from datetime import timedelta

import pytest

from crm import present
from sla import simulate
from sla.models import Agreement, AgreementStatus, SimulationRun
from tests.sla.asking import draft, live
from tests.support.browsing import DESKTOP, PHONE

pytestmark = pytest.mark.browser


@pytest.fixture
def cast(live_server):
    """Ten weeks ago a company began to hand leads over."""
    from tests.support.cast import gather

    cast = gather(present.now() - timedelta(weeks=10))
    live(cast)
    return cast


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_marketer_asks_what_if(visit, cast, viewport):
    row = draft(cast)
    marketer = visit(cast.marketer, viewport=viewport, reduced_motion="reduce")
    page = marketer.open(f"/sla/what-if/?agreement={row.pk}")
    assert marketer.violations() == []
    assert not marketer.scrolls_sideways()
    page.get_by_label("Score threshold").fill("45")
    page.get_by_text("Reps and capacity").click()
    page.get_by_label("More reps").fill("1")
    page.get_by_role("button", name="Play it").click()

    page.get_by_text("Waiting for its turn").wait_for()
    assert marketer.violations() == []
    simulate.perform_next(at=present.now())
    page.get_by_text("leads would qualify that do not now.").wait_for()
    assert marketer.violations() == []
    assert not marketer.scrolls_sideways()

    page.locator(".what-if-counts a").first.click()
    page.locator("[data-row]").first.wait_for()
    assert marketer.violations() == []
    assert not marketer.scrolls_sideways()
    page.go_back()
    page.get_by_role("button", name="Make this a draft").click()
    page.get_by_text("is drafted with these changes.").wait_for()
    made = Agreement.objects.order_by("-version").first()
    assert (made.status, made.definition.threshold) == (AgreementStatus.DRAFT, 45)


def test_without_a_script_a_link_looks_again_and_a_button_cancels(visit, cast):
    draft(cast)
    page = visit(cast.marketer, viewport=PHONE, java_script_enabled=False).open("/sla/what-if/")
    page.get_by_role("button", name="Play it").click()
    page.get_by_role("link", name="Look again").click()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("This run was cancelled").wait_for()
    assert SimulationRun.objects.get().cancelled_at
