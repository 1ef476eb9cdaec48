"""A deadline is missed, from the first warning to the colleague who answers: what each person sees and hears."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import translation
from django.utils.translation import gettext

from crm import outbox
from crm.models import User
from desk.context import url_of
from sla import escalation
from sla.models import Handoff
from tests.support.browsing import DESKTOP, PHONE

pytestmark = pytest.mark.browser

HOUR = timedelta(hours=1)
SCENES = [(DESKTOP, "en"), (PHONE, "en"), (PHONE, "ja")]


@pytest.fixture
def cast(live_server, clock):
    from tests.support.cast import gather

    return gather(clock.now)


class Day:
    """The company's day as the test drives it: the clock, the sweep, the mails, and everybody's window."""

    def __init__(self, visit, cast, clock, viewport, language):
        self.visit, self.cast, self.clock, self.viewport, self.language = (
            visit,
            cast,
            clock,
            viewport,
            language,
        )
        User.objects.update(language=language)
        self.windows = {}

    def say(self, text, **values):
        """The words as this day's people read them."""
        with translation.override(self.language):
            return gettext(text) % values if values else gettext(text)

    def comes_to(self, moment):
        """Time passes; what is due is told."""
        mail.outbox.clear()
        self.clock.set(moment)
        escalation.sweep(at=moment)
        outbox.send_mail()

    def mailed(self, who):
        return [letter.subject for letter in mail.outbox if letter.to == [getattr(self.cast, who).email]]

    def look(self, who, path):
        """A person opens a page: nothing on it is out of reach, and nothing sticks out."""
        if who not in self.windows:
            person = getattr(self.cast, who)
            self.windows[who] = self.visit(person, viewport=self.viewport, reduced_motion="reduce")
        window = self.windows[who]
        page = window.open(path)
        assert window.violations() == []
        assert not window.scrolls_sideways()
        return page


@pytest.fixture(params=SCENES, ids=["desktop", "phone", "phone-ja"])
def day(request, visit, cast, clock):
    return Day(visit, cast, clock, *request.param)


def works_the_queue(day, row):
    """The rep answers one and leaves the other."""
    page = day.look("rep", f"/handoffs/{row.pk}/")
    page.locator(".record-deeds [data-key=c]").click()
    sheet = page.locator("#sheet")
    sheet.locator("summary").click()
    sheet.get_by_label(day.say("Need"), exact=False).select_option("urgent")
    assert day.windows["rep"].violations() == []
    sheet.locator("[type=submit]").click()
    page.locator(".record-marks").get_by_text(day.say("Contacted"), exact=True).wait_for()
    page.get_by_text(day.say("Urgent")).wait_for()


def group_of(page, row):
    return page.locator(".group", has=page.locator(f"#handoff-{row.pk}")).locator("h2").inner_text()


def is_warned(day, row):
    day.comes_to(row.warn_at)
    assert day.say("Due soon") in group_of(day.look("rep", "/inbox/"), row)
    told = day.say("%(person)s is due soon.", person=row.contact)
    day.look("rep", "/notifications/").get_by_text(told).first.wait_for()
    assert day.say("Due soon: %(person)s", person=row.contact) in day.mailed("rep")
    assert day.mailed("manager") == []


def is_overdue(day, row):
    day.comes_to(row.respond_by + HOUR)
    assert day.say("Overdue") in group_of(day.look("rep", "/inbox/"), row)
    subject = day.say("Overdue: %(person)s", person=row.contact)
    assert subject in day.mailed("rep")
    assert subject in day.mailed("manager")
    told = day.say("%(person)s is overdue.", person=row.contact)
    day.look("manager", "/notifications/").get_by_text(told).first.wait_for()


def gives_it_to_a_colleague(day, row):
    """The manager finds it behind the figure, with its cause, and gives it to somebody who has room."""
    page = day.look("manager", "/team/")
    page.locator(".breach").get_by_text(day.say("Nobody tried")).wait_for()
    page.locator(".team-table tr", has_text="Rep").locator(".tally.tone-late").click()
    page.wait_for_url("**state=overdue**")
    page.locator(f'[data-select][value="{row.pk}"]').check()
    page.locator(".bulk select").select_option(str(day.cast.colleague.pk))
    assert day.windows["manager"].violations() == []
    page.locator(".bulk [type=submit]").click()
    page.locator("[data-toast]").get_by_text("Colleague").wait_for()
    assert Handoff.objects.get(pk=row.pk).assignee == day.cast.colleague


def answers(day, row):
    outbox.send_mail()
    assert day.say("Passed to you: %(person)s", person=row.contact) in day.mailed("colleague")
    page = day.look("colleague", f"/handoffs/{row.pk}/")
    page.locator(".record-deeds [data-key=c]").click()
    page.locator("#sheet [type=submit]").click()
    page.locator(".record-marks").get_by_text(day.say("Contacted"), exact=True).wait_for()


def test_a_deadline_is_missed_and_mended(day, clock):
    missed = day.cast.handoff(last_name="Onodera", first_name="Kentaro", company="Alpha East K.K.")
    kept = day.cast.handoff(last_name="Mori", first_name="Aiko", company="Beta Logistics")
    works_the_queue(day, kept)
    is_warned(day, missed)
    is_overdue(day, missed)
    gives_it_to_a_colleague(day, missed)
    answers(day, missed)
    missed.refresh_from_db()
    kept.refresh_from_db()
    assert (kept.responded_in_time, missed.responded_in_time) == (True, False)
    late = day.look("manager", "/team/?state=breached").locator("#handoffs [data-row]")
    assert late.count() == 1
    sees_the_breach_in_numbers(day)


def sees_the_breach_in_numbers(day):
    """Marketing reads the promise that was not kept where both sides are measured."""
    address = url_of("reports:sla")
    if address:
        page = day.look("marketer", address)
        page.locator("main").get_by_text("50%").first.wait_for()


def test_without_a_script_the_team_s_page_is_a_form(visit, cast, clock):
    row = cast.handoff()
    clock.set(row.respond_by + HOUR)
    page = visit(cast.manager, viewport=PHONE, java_script_enabled=False).open("/team/")
    page.locator("[data-select]").check()
    page.locator(".bulk select").select_option(str(cast.colleague.pk))
    page.locator(".bulk [type=submit]").click()
    page.get_by_text("1 handoff is with Colleague now.").wait_for()
    assert Handoff.objects.get(pk=row.pk).assignee == cast.colleague


def test_a_paused_clock_stands_still_and_runs_on_by_the_keyboard(visit, cast, clock):
    row = cast.handoff()
    rep = visit(cast.rep, viewport=DESKTOP, reduced_motion="reduce")
    page = rep.open(f"/handoffs/{row.pk}/")
    page.keyboard.press("p")
    page.locator("#sheet").get_by_label("Why").fill("Back on Thursday")
    page.keyboard.press("Enter")
    page.locator(".held").get_by_text("Back on Thursday").wait_for()
    assert rep.violations() == []
    page.keyboard.press("p")
    page.get_by_text("runs on.", exact=False).first.wait_for()
    assert not row.pauses.filter(ends_at=None).exists()
