"""One's own settings in a browser, on a desk and on a phone."""

import pytest

from crm.models import User
from tests.support.browsing import DESKTOP, PHONE

pytestmark = pytest.mark.browser


@pytest.fixture
def rep(live_server):
    from crm import present
    from tests.support.cast import gather

    return gather(present.now()).rep


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_quiet_hours_are_chosen_and_a_slip_is_explained(visit, rep, viewport):
    visitor = visit(rep, viewport=viewport, reduced_motion="reduce")
    page = visitor.open("/preferences/")
    assert visitor.violations() == []
    assert not visitor.scrolls_sideways()
    form = page.get_by_role("region", name="How you are told")
    form.get_by_label("Once a day").check()
    form.get_by_label("Quiet from").fill("22:00")
    form.get_by_role("button", name="Save").click()
    page.get_by_text("Give both ends").wait_for()
    assert visitor.violations() == []
    form.get_by_label("Quiet until").fill("07:00")
    form.get_by_role("button", name="Save").click()
    page.get_by_text("Your settings are saved.").first.wait_for()
    user = User.objects.get(pk=rep.pk)
    assert (user.mails, str(user.quiet_from), str(user.quiet_until)) == ("digest", "22:00:00", "07:00:00")


def test_without_a_script_it_is_a_form(visit, rep):
    page = visit(rep, viewport=PHONE, java_script_enabled=False).open("/preferences/")
    page.get_by_label("None").check()
    page.get_by_role("region", name="How you are told").get_by_role("button", name="Save").click()
    page.get_by_text("Your settings are saved.").wait_for()
    assert User.objects.get(pk=rep.pk).mails == "none"
