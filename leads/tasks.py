"""Background work around leads."""

from celery import shared_task

from crm import present
from leads import lifecycle, waiting_events


@shared_task(name="leads.release")
def release() -> None:
    """Bring recycled leads back into nurture when their wait is over."""
    lifecycle.release_due(at=present.now())


@shared_task(name="leads.attach_waiting")
def attach_waiting() -> None:
    """Count what waits for people who appeared; what a crash between two commits left behind."""
    waiting_events.sweep(at=present.now())


@shared_task(name="leads.forget_waiting")
def forget_waiting() -> None:
    """Drop events whose person did not appear within half a year."""
    waiting_events.forget(at=present.now())
