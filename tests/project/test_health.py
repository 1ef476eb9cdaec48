"""Whether the process is up, and whether the whole of it works."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django_celery_beat.models import PeriodicTask

from crm import outbox, present
from crm.models import DigestLine, User
from project import health, schedules

pytestmark = pytest.mark.django_db


@pytest.fixture
def swept() -> None:
    schedules.sync()
    PeriodicTask.objects.filter(name=schedules.SWEEP).update(last_run_at=present.now())


def ready(client: Client) -> tuple[int, dict[str, str]]:
    answer = client.get("/readyz")
    return answer.status_code, answer.json()["checks"]


def test_healthz_answers_without_the_database(client: Client, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert client.get("/healthz").status_code == 200


@pytest.mark.usefixtures("swept")
def test_everything_works(client: Client) -> None:
    fine = dict.fromkeys(("database", "migrations", "outbox", "sweep"), "ok")
    assert ready(client) == (200, fine)


@pytest.mark.usefixtures("swept")
def test_mail_that_waits_too_long_is_told(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    outbox.mail(key="one", to="a@example.com", subject="s", body="b")
    assert ready(client)[0] == 200
    monkeypatch.setattr(health, "OUTBOX_PATIENCE", timedelta(seconds=-1))
    assert ready(client) == (
        503,
        dict.fromkeys(("database", "migrations", "sweep"), "ok") | {"outbox": "not being delivered"},
    )


@pytest.mark.usefixtures("swept")
def test_a_daily_mail_that_waits_too_long_is_told(client: Client) -> None:
    user = User.objects.create_user("rep")
    now = present.now()
    for key, ago in (("one", 1), ("two", 6)):
        assert ready(client)[0] == 200
        due = now - timedelta(minutes=ago)
        DigestLine.objects.create(user=user, key=key, kind="test", subject="s", told_at=due, due_at=due)
    assert ready(client)[1]["outbox"] == "not being delivered"


def test_a_sweep_that_never_ran_is_told(client: Client) -> None:
    assert ready(client)[1]["sweep"].startswith("not scheduled")
    schedules.sync()
    assert ready(client)[1]["sweep"] == "ok", "it has only just been scheduled"
    PeriodicTask.objects.update(date_changed=present.now() - timedelta(minutes=6))
    assert ready(client)[1]["sweep"] == "not running"


@pytest.mark.usefixtures("swept")
def test_a_sweep_that_stopped_is_told(client: Client) -> None:
    PeriodicTask.objects.filter(name=schedules.SWEEP).update(last_run_at=present.now() - timedelta(minutes=6))
    assert ready(client)[1]["sweep"] == "not running"


@pytest.mark.usefixtures("swept")
def test_no_database_is_an_answer_and_no_crash(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> health.Verdict:
        raise OperationalError

    monkeypatch.setitem(health.CHECKS, "database", gone)
    assert ready(client)[0] == 503
