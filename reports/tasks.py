"""Background work of the reports."""

from celery import shared_task

from crm import present
from reports.scoring import runs


@shared_task(name="reports.scoring")
def work_out_scoring() -> None:
    """Work out the oldest question about scoring that waits."""
    runs.perform_next(at=present.now())
