"""A year of the demo company, up to a given moment, through the same deeds that people use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from crm import outbox
from crm.models import Notification
from leads import lifecycle
from leads.models import Lead
from leads.quality import history, walking
from project import founding
from project.demo import assets, factories, forms, loose_ends, negotiating, words
from project.demo.cast import Cast, hire
from project.demo.marketing import Marketing
from project.demo.selling import Selling
from project.demo.timeline import TOKYO, Timeline, back, workdays
from sla import agreements, data_tasks, escalation, feedback, terms
from sla.models import Agreement, DataTask, Feedback, Handoff
from sla.work_calendar import WorkCalendar

YEAR = timedelta(days=365)
LEADS = 480
# Office hours the star's newest leads have been waiting, and what was done with them so far: with 24 hours
# to answer, the first are overdue, the next due soon, then today and later; the rest wait for feedback.
LAST_DAYS = [
    (38, "ignore"), (29, "ignore"), (23.4, "ignore"), (22, "ignore"), (20.5, "ignore"), (16, "ignore"), (11, "ignore"),
    (5, "ignore"), (1.2, "ignore"), (96, "accepted"), (70, "contacted"), (46, "accepted"), (26, "accepted"), (9, "contacted"),
]  # fmt: skip
QUEUED = 4


@dataclass(slots=True)
class Story:
    cast: Cast
    marketing: Marketing
    selling: Selling
    timeline: Timeline
    calendar: WorkCalendar

    def look_after(self, at: datetime) -> None:
        """What the schedules do on every working day, and marketing's answer to who comes back."""
        agreements.begin_due(at=at)
        escalation.sweep(at=at)
        for lead in lifecycle.release_due(at=at):
            if self.marketing.chance.random() < 0.6:
                again = at + timedelta(days=self.marketing.chance.uniform(1, 15))
                self.marketing.heat(lead, at, again)
        self.selling.notice(at)

    def take_in(self, at: datetime) -> None:
        self.marketing.take_in(at)
        self.selling.notice(at)

    def review(self, at: datetime) -> None:
        """Once a month marketing reads what sales said, but for the last weeks."""
        by, chance = self.cast.marketers[0], self.marketing.chance
        unread = list(
            Feedback.objects.unreviewed().filter(given_at__lt=at - timedelta(days=7)).order_by("pk")
        )
        for item in unread:
            if chance.random() < 0.8:
                feedback.review([item], conclusion=chance.choice(words.CONCLUSIONS), by=by, at=at)

    def mend(self, at: datetime) -> None:
        """Marketing completes what sales sent back for its data, but for the last days."""
        waiting = DataTask.objects.open().filter(opened_at__lt=at - timedelta(days=3)).order_by("pk")
        for task in waiting:
            by = self.marketing.chance.choice(self.cast.marketers)
            data_tasks.finish(task, result=words.spoken(words.MENDED, by.language), by=by, at=at)
        self.selling.notice(at)

    def fill_queue(self, at: datetime) -> None:
        """A fair brings more than everybody can take: some wait in the open queue."""
        self.selling.hold_queue = True
        for _round in range(12):
            if Handoff.objects.queued().count() >= QUEUED:
                return
            invited = [self.marketing.invite(account, at) for account in self.marketing.unowned()[:5]]
            self.marketing.take_in(at)
            emails = [inquiry.email for inquiry in invited]
            for lead in (
                Lead.objects.filter(contact__email__in=emails).order_by("pk").values_list("pk", flat=True)
            ):
                self.marketing.ask_for_demo(lead, at)
            self.take_in(at)


def play(*, at: datetime, scale: float = 1.0, seed: int = factories.SEED) -> None:
    """Found the company a year before `at`, and live that year. `scale` shortens the lists, not the year."""
    chance = factories.reseed(seed)
    start = at - YEAR
    founding.found(by=None, at=start)
    cast = hire()
    reading = assets.publish(start.date())
    forms.publish()
    marketing = Marketing(chance, cast.marketers[0], reading)
    marketing.open_accounts(cast.reps, scale, at=start)
    timeline = Timeline(at)
    story = Story(cast, marketing, Selling(chance, cast, timeline), timeline, _calendar(start))
    marketing.fill_year(round(LEADS * scale), start, at)
    _plan_days(story, start, at)
    negotiating.plan(timeline, cast, start, at)
    _plan_looks(timeline, at)
    _plan_last_days(story, at)
    _hurry()
    timeline.play()
    forms.hold_one(at)
    loose_ends.leave(cast, at)
    _tidy(at)


def _hurry() -> None:
    """Thousands of small commits need not each wait for the disk: a company for show can be made again."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")


def _calendar(at: datetime) -> WorkCalendar:
    agreement = Agreement.objects.current()
    frozen = terms.freeze(agreement, agreement.calendar, at=at)
    return WorkCalendar.from_snapshot(frozen.body["calendar"])


def _plan_days(story: Story, start: datetime, end: datetime) -> None:
    """Long past days are told in one breath each, the last ones by the hour."""
    chance, month = story.marketing.chance, 0
    for day in workdays(story.calendar, start, end):
        is_recent = end - day < timedelta(days=8)
        story.timeline.plan(day + timedelta(hours=9), story.look_after)
        for hour in (10, 12, 14, 16) if is_recent else (chance.randint(9, 16),):
            story.timeline.plan(day + timedelta(hours=hour, minutes=chance.randint(1, 50)), story.take_in)
        if is_recent:
            story.timeline.plan(day + timedelta(hours=17, minutes=55), story.look_after)
        if day.month != month:
            month = day.month
            story.timeline.plan(day + timedelta(hours=11), story.review)
        if day.weekday() == 3:
            story.timeline.plan(day + timedelta(hours=10, minutes=30), story.mend)


def _plan_looks(timeline: Timeline, end: datetime) -> None:
    """How good the data is was looked at every Monday morning of the last half year."""
    today = end.astimezone(TOKYO).replace(hour=8, minute=0)
    monday = today - timedelta(days=today.weekday())
    for week in range(history.WEEKS):
        timeline.plan(monday - timedelta(weeks=week), _look)


def _look(at: datetime) -> None:
    walking.complete(at=at)


def _plan_last_days(story: Story, end: datetime) -> None:
    accounts = story.marketing.owned_by(story.cast.star)
    for index, (hours, fate) in enumerate(LAST_DAYS):
        offered = back(story.calendar, end, hours)
        came = offered - timedelta(days=story.marketing.chance.uniform(4, 12))
        inquiry = story.marketing.invite(accounts[index % len(accounts)], came)
        story.selling.kept[inquiry.email] = fate
        story.timeline.plan(offered, _asks(story, inquiry.email))
    story.timeline.plan(back(story.calendar, end, 1), story.fill_queue)
    story.timeline.plan(end, story.look_after)


def _asks(story: Story, email: str):  # type: ignore[no-untyped-def]
    """The person of this address asks for a demo, after some more reading."""

    def ask(at: datetime) -> None:
        story.take_in(at)
        lead = Lead.objects.get(contact__email=email)
        story.marketing.heat(lead.pk, at - timedelta(days=3), at - timedelta(seconds=1))
        story.marketing.ask_for_demo(lead.pk, at)
        story.take_in(at)

    return ask


def _tidy(at: datetime) -> None:
    """No mail of the past leaves the house, and the bells ring only for the last days."""
    outbox.discard_mail(at=at)
    told = Notification.objects.filter(subject_type="handoff")
    recent = Handoff.objects.running().filter(offered_at__gt=at - timedelta(days=7))
    told.exclude(subject_id__in=recent.values("pk")).delete()
    for row in recent:
        _date_notifications(row)


def _date_notifications(row: Handoff) -> None:
    """They were written today; they belong to the moment they tell of."""
    told = Notification.objects.filter(subject_type="handoff", subject_id=row.pk)
    told.filter(kind="handoff.offered").update(created_at=row.offered_at)
    for raised in row.escalations.all():
        told.filter(key__startswith=f"{raised.level}:").update(created_at=raised.due_at)
