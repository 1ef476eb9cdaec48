"""Schedules: made once, kept as the operator has set them."""

import pytest
from celery import current_app
from django_celery_beat.models import IntervalSchedule, PeriodicTask, PeriodicTasks

from project import schedules
from project.schedules import SCHEDULES, Schedule

pytestmark = pytest.mark.django_db


def table() -> dict[str, tuple[str, int, bool]]:
    rows = PeriodicTask.objects.filter(headers=schedules.QUEUE_HEADER).select_related("interval")
    return {row.name: (row.task, row.interval.every, row.enabled) for row in rows}


def test_every_schedule_is_made() -> None:
    schedules.sync()
    assert table() == {schedule.task: (schedule.task, schedule.seconds, True) for schedule in SCHEDULES}


def test_a_second_sync_changes_nothing() -> None:
    schedules.sync()
    before = PeriodicTasks.last_change()
    assert schedules.sync() == []
    assert PeriodicTasks.last_change() == before


def test_the_operators_interval_and_switch_are_kept() -> None:
    schedules.sync()
    slower = IntervalSchedule.objects.create(every=90, period=IntervalSchedule.SECONDS)
    PeriodicTask.objects.filter(name="sla.sweep").update(
        interval=slower, enabled=False, description="changed"
    )
    assert schedules.sync() == ["sla.sweep: brought up to date"]
    assert table()["sla.sweep"] == ("sla.sweep", 90, False)


def test_a_running_beat_hears_of_a_change() -> None:
    schedules.sync()
    before = PeriodicTasks.last_change()
    schedules.sync((*SCHEDULES, Schedule("crm.relay.more", 5, "More.")))
    assert PeriodicTasks.last_change() > before


def test_a_schedule_that_left_the_table_goes_and_a_handmade_one_stays() -> None:
    schedules.sync((*SCHEDULES, Schedule("old.task", 5, "Gone tomorrow.")))
    ten = IntervalSchedule.objects.create(every=10, period=IntervalSchedule.SECONDS)
    PeriodicTask.objects.create(name="by hand", task="sla.sweep", interval=ten)
    assert schedules.sync() == ["old.task: removed"]
    assert PeriodicTask.objects.filter(name="by hand").exists()


def test_each_schedule_names_a_task_that_exists() -> None:
    current_app.loader.import_default_modules()
    assert {schedule.task for schedule in SCHEDULES} - set(current_app.tasks) == set()
