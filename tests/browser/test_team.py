"""The manager gives handoffs to somebody else, by the list and by dragging."""

import pytest

from tests.support.browsing import DESKTOP, PHONE

pytestmark = pytest.mark.browser


@pytest.fixture
def cast(live_server):
    from crm import present
    from tests.support.cast import gather

    return gather(present.now())


def owner_of(handoff):
    from sla.models import Handoff

    return Handoff.objects.get(pk=handoff.pk).assignee


def test_dropping_a_row_on_a_person_gives_it_to_them(visit, cast):
    moved, left = cast.handoff(), cast.handoff()
    visitor = visit(cast.manager, viewport=DESKTOP)
    page = visitor.open("/team/")
    page.drag_and_drop(f'tr:has([value="{moved.pk}"])', f'.team-table [data-column="{cast.colleague.pk}"]')
    page.get_by_text("1 handoff is with").wait_for()
    assert owner_of(moved) == cast.colleague
    assert owner_of(left) == cast.rep
    assert visitor.problems == []


def test_a_chosen_row_takes_the_other_chosen_ones_along(visit, cast):
    first, second = cast.handoff(), cast.handoff()
    page = visit(cast.manager, viewport=DESKTOP).open("/team/")
    for row in (first, second):
        page.locator(f'[name=handoffs][value="{row.pk}"]').check()
    page.drag_and_drop(f'tr:has([value="{first.pk}"])', f'.team-table [data-column="{cast.colleague.pk}"]')
    page.get_by_text("2 handoffs are with").wait_for()
    assert owner_of(second) == cast.colleague


def test_on_a_phone_and_without_a_script_the_list_does_the_same(visit, cast):
    row = cast.handoff()
    visitor = visit(cast.manager, viewport=PHONE, java_script_enabled=False)
    page = visitor.open("/team/")
    page.locator(f'[name=handoffs][value="{row.pk}"]').check()
    page.locator("select[name=assignee]").select_option(str(cast.colleague.pk))
    page.get_by_role("button", name="Reassign").click()
    page.get_by_text("1 handoff is with").wait_for()
    assert owner_of(row) == cast.colleague
