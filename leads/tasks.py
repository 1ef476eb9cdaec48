"""Background work around leads."""

from celery import shared_task

from crm import present
from leads import lifecycle


@shared_task(name="leads.release")
def release() -> None:
    """Bring recycled leads back into nurture when their wait is over."""
    lifecycle.release_due(at=present.now())
