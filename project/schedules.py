"""The periodic tasks, and how they get into django-celery-beat's tables.

Each is a sweep: it finds what is due and not done, so a run that is lost, late or doubled changes nothing but the hour.
"""

from dataclasses import dataclass

from django.db import transaction
from django_celery_beat.models import IntervalSchedule, PeriodicTask, PeriodicTasks

SWEEP = "sla.sweep"
# Marks the rows that are ours: a row an operator made by hand is left alone.
QUEUE_HEADER = '{"made_by": "sync_schedules"}'


@dataclass(frozen=True)
class Schedule:
    """A task by its registered name, run every so many seconds."""

    task: str
    seconds: int
    says: str

    @property
    def expires(self) -> int:
        """A message nobody took in time is worth nothing: the next one does its work."""
        return max(self.seconds, 30)


SCHEDULES = (
    Schedule("crm.relay", 5, "Deliver what waits in the outbox."),
    Schedule("crm.imports", 5, "Carry on the files that are being brought in."),
    Schedule("crm.forget_files", 3600, "Drop files nobody came back to."),
    Schedule(SWEEP, 30, "Find handoffs that are due, breached or expired, and tell people."),
    Schedule("crm.webhooks", 5, "Tell webhooks what happened, and try again what did not arrive."),
    Schedule("crm.digest", 60, "Send each person's daily mail at their hour."),
    Schedule(
        "crm.tidy",
        3600,
        "Drop what was delivered a month ago, and the answers kept a day for repeated calls.",
    ),
    Schedule("sla.simulate", 5, "Play the oldest what-if run that waits."),
    Schedule("reports.scoring", 5, "Work out the oldest question about scoring that waits."),
    Schedule(
        "leads.forget",
        3600,
        "Drop anonymous visits, counters, download links and held form posts whose time is over.",
    ),
    Schedule("sla.bulk", 5, "Carry on deeds for many leads."),
    Schedule(
        "sla.duplicates", 60, "Find duplicates among what changed, and merge what an exact rule allows."
    ),
    Schedule("leads.release", 60, "Bring recycled leads back into nurture when their wait is over."),
    Schedule("leads.look", 10, "See what rules of data quality find in what changed, and in the next leads."),
    Schedule("leads.attach_waiting", 300, "Count the behaviour that waited for people who appeared."),
)


@transaction.atomic
def sync(schedules: tuple[Schedule, ...] = SCHEDULES) -> list[str]:
    """Make the table hold these schedules; answer what was changed. An operator's interval and switch are kept."""
    changed = [line for schedule in schedules if (line := _sync_one(schedule))]
    changed += _drop_others({schedule.task for schedule in schedules})
    if changed:
        PeriodicTasks.update_changed()
    return changed


def _sync_one(schedule: Schedule) -> str | None:
    values = {
        "task": schedule.task,
        "description": schedule.says,
        "expire_seconds": schedule.expires,
        "headers": QUEUE_HEADER,
    }
    known = PeriodicTask.objects.filter(name=schedule.task)
    if not known.exists():
        PeriodicTask.objects.create(name=schedule.task, interval=_interval(schedule.seconds), **values)
        return f"{schedule.task}: every {schedule.seconds} s"
    return f"{schedule.task}: brought up to date" if known.exclude(**values).update(**values) else None


def _interval(seconds: int) -> IntervalSchedule:
    # Not get_or_create: nothing stops two equal intervals, and then it would fail.
    known = (
        IntervalSchedule.objects.filter(every=seconds, period=IntervalSchedule.SECONDS).order_by("pk").first()
    )
    return known or IntervalSchedule.objects.create(every=seconds, period=IntervalSchedule.SECONDS)


def _drop_others(names: set[str]) -> list[str]:
    others = PeriodicTask.objects.filter(headers=QUEUE_HEADER).exclude(name__in=names)
    gone = sorted(others.values_list("name", flat=True))
    others.delete()
    return [f"{name}: removed" for name in gone]
