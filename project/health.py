"""Whether this process is up (/healthz) and whether the whole of it works (/readyz)."""

from collections.abc import Callable
from datetime import timedelta

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django_celery_beat.models import PeriodicTask

from crm import present
from crm.models import DigestLine, OutboxMessage
from project.schedules import SWEEP

OUTBOX_PATIENCE = timedelta(minutes=5)
SWEEP_PATIENCE = timedelta(minutes=5)

Verdict = tuple[bool, str]


def healthz(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


def readyz(_request: HttpRequest) -> JsonResponse:
    """200 when everything works, else 503; says which part does not. No figures that an outsider could use."""
    answers = {name: _asked(check) for name, check in CHECKS.items()}
    ready = all(fine for fine, _detail in answers.values())
    body = {"ready": ready, "checks": {name: detail for name, (_fine, detail) in answers.items()}}
    return JsonResponse(body, status=200 if ready else 503)


def _asked(check: Callable[[], Verdict]) -> Verdict:
    try:
        return check()
    except DatabaseError:
        return False, "no answer from the database"


def _database() -> Verdict:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return True, "ok"


def _migrations() -> Verdict:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return not missing, f"{len(missing)} not applied" if missing else "ok"


def _outbox() -> Verdict:
    """Whether a row, or a line of a daily mail, has been due for long, and is neither delivered nor given up."""
    due = present.now() - OUTBOX_PATIENCE
    late = OutboxMessage.objects.pending(due).exists() or DigestLine.objects.due(due).exists()
    return not late, "not being delivered" if late else "ok"


def _sweep() -> Verdict:
    schedule = PeriodicTask.objects.filter(name=SWEEP).first()
    if schedule is None:
        return False, "not scheduled; run sync_schedules"
    if not schedule.enabled:
        return True, "switched off"
    last = (
        schedule.last_run_at or schedule.date_changed
    )  # a new schedule runs for the first time after its interval
    late = present.now() - last > SWEEP_PATIENCE
    return not late, "not running" if late else "ok"


CHECKS: dict[str, Callable[[], Verdict]] = {
    "database": _database,
    "migrations": _migrations,
    "outbox": _outbox,
    "sweep": _sweep,
}
