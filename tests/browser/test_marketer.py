"""A marketer's whole job in the admin: what sales said, the next agreement, a lead sent on; at desk and phone width."""

import pytest

from crm import present
from crm.models import User
from sla import agreements, handoffs
from sla.models import Agreement, AgreementStatus, Feedback
from tests.support.browsing import DESKTOP, PHONE

pytestmark = pytest.mark.browser

REJECTED, ACCEPTED, REACHED = "no-need", "accepted", {"channel": "call", "outcome": "reached"}


@pytest.fixture
def company(live_server):
    """Two answers from the fair, one of them a rejection, and one from the web; two leads that wait."""
    from crm import present
    from project import schedules
    from tests.support.cast import gather

    cast = gather(present.now())
    schedules.sync()
    for source, reason in (("fair", REJECTED), ("fair", ""), ("website", "bad-timing")):
        row = cast.handoff(
            source=source, company="Alpha East K.K." if reason == REJECTED else "Beta Logistics"
        )
        handoffs.contact(row, **REACHED, by=cast.rep, at=cast.at)
        if reason:
            handoffs.reject(row, reason=reason, comment="They build it themselves.", by=cast.rep, at=cast.at)
        else:
            handoffs.accept(row, by=cast.rep, at=cast.at)
    cast.first = cast.lead(last_name="Onodera", first_name="Kentaro", source="fair")
    cast.second = cast.lead(last_name="Mori", first_name="Aiko", source="fair")
    return cast


def is_clean(visitor):
    """Nothing for axe to say, and no page wider than the window."""
    return (visitor.violations(), visitor.scrolls_sideways()) == ([], False)


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_marketer_does_the_whole_job(visit, company, viewport):
    marketer = visit(viewport=viewport, reduced_motion="reduce")
    marketer.log_in_by_form("marketer", "correct horse battery")
    page = marketer.page
    go_to_the_admin(page, viewport)
    assert is_clean(marketer), marketer.violations()
    read_what_sales_said(marketer, page, viewport)
    agree_on_the_next_version(marketer, page)
    send_leads_on(marketer, page, company)
    look_at_the_schedules(marketer, page)


def go_to_the_admin(page, viewport):
    if viewport == PHONE:
        page.get_by_text("More", exact=True).click()
    page.locator(".nav-link:visible", has_text="Admin").click()
    page.get_by_role("heading", name="Admin", exact=True).wait_for()


def read_what_sales_said(marketer, page, viewport):
    """Accepted beside rejected; narrowed by source and reason; reviewed with a conclusion."""
    page.get_by_text("3 answers from sales wait to be reviewed.").click()
    summary = page.locator(".summary")
    summary.get_by_role("row", name="fair 1 1 50.0%").wait_for()
    assert is_clean(marketer), marketer.violations()
    if viewport == PHONE:
        page.get_by_label("Filters").check()
    filters = page.locator("#changelist-filter")
    filters.get_by_role("link", name="fair", exact=True).click()
    if viewport == PHONE:
        page.get_by_label("Filters (in use)").check()
    filters.get_by_role("link", name="No need", exact=True).click()
    page.wait_for_url("**reason__id__exact=**")
    assert page.locator("#result_list tbody tr").count() == 1
    assert page.locator("#result_list").get_by_text("Alpha East K.K.").is_visible()
    page.locator("#action-toggle").check()
    choose(page, "Mark as reviewed with a conclusion")
    page.get_by_label("Conclusion").fill("Ask at the stand whether they build it themselves.")
    assert is_clean(marketer), marketer.violations()
    page.get_by_role("button", name="Mark as reviewed").click()
    page.get_by_text("1 answer reviewed.").wait_for()
    [row] = Feedback.objects.exclude(reviewed_at=None)
    assert (row.reason.code, row.reviewed_by.username) == (REJECTED, "marketer")


def agree_on_the_next_version(marketer, page):
    """A draft from the one in force, a reason's rule changed, proposed, and signed by both sides."""
    head_link(page, "Agreements")
    page.locator("#result_list tr", has_text="Marketing and sales").locator(".action-select").check()
    choose(page, "Draft the next version from this")
    page.get_by_text("Version 3 is drafted.").wait_for()
    page.locator("#result_list").get_by_role("link", name="3", exact=True).click()
    rule = page.locator("tr.form-row").filter(has=page.locator(".original", has_text="No need"))
    rule.get_by_label("Wait in days").fill("45")
    page.get_by_label("Hours to first contact").fill("8")
    assert is_clean(marketer), marketer.violations()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("was changed successfully").wait_for()
    page.locator("#result_list .action-select").first.check()
    choose(page, "Propose to both sides")
    page.get_by_text("is proposed.").wait_for()
    page.locator("#result_list .action-select").first.check()
    choose(page, "Sign for my side")
    page.get_by_text("You have signed").wait_for()
    manager = User.objects.filter(role="manager").first()
    agreements.sign(Agreement.objects.get(version=3), by=manager, at=present.now())
    current = Agreement.objects.current()
    waits = current.rules.get(reason__code=REJECTED).wait_days
    assert (current.version, current.response_hours, waits) == (3, 8, 45)
    assert Agreement.objects.get(version=1).status == AgreementStatus.SUPERSEDED


def send_leads_on(marketer, page, company):
    """A lead is looked at, its state cannot be typed; one goes back to nurture, one is out."""
    head_link(page, "Leads")
    page.get_by_label("Search").fill("Onodera")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Kentaro Onodera").click()
    page.locator(".field-stage").get_by_text("Inquiry").wait_for()
    assert page.locator("#content-main :is(input, select, textarea):visible").count() == 0
    assert is_clean(marketer), marketer.violations()
    deed(page, "Onodera", "Back to nurture", {"Reason": "Asked for the autumn"})
    deed(page, "Mori", "Disqualify", {"Reason": "A student"})
    company.first.refresh_from_db()
    company.second.refresh_from_db()
    assert (company.first.stage, company.second.stage) == ("recycled", "disqualified")


def look_at_the_schedules(marketer, page):
    page.goto(page.url.partition("/admin/")[0] + "/admin/")
    page.get_by_role("link", name="Periodic tasks", exact=True).first.click()
    page.locator("#result_list").get_by_text("crm.relay").first.wait_for()
    assert not marketer.scrolls_sideways()


def deed(page, name, action, said):
    page.goto(page.url.partition("/admin/")[0] + f"/admin/leads/lead/?q={name}")
    page.locator("#result_list .action-select").check()
    choose(page, action)
    for label, text in said.items():
        page.get_by_label(label).fill(text)
    page.get_by_role("button", name=action).click()
    page.get_by_text("1 lead moved.").wait_for()


def choose(page, action):
    page.locator("[name=action]").select_option(label=action)
    page.get_by_role("button", name="Go", exact=True).click()


def head_link(page, name):
    page.locator(".head-nav").get_by_role("link", name=name, exact=True).click()
