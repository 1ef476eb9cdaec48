"""Background work around leads."""

from celery import shared_task

from crm import present
from leads import beacon, lifecycle, limits, submissions, visitors
from leads.quality import history


@shared_task(name="leads.release")
def release() -> None:
    """Bring recycled leads back into nurture when their wait is over."""
    lifecycle.release_due(at=present.now())


@shared_task(name="leads.audit")
def audit() -> None:
    """Keep the figures of the data's quality for the day, so that their trend can be shown."""
    history.snapshot(at=present.now())


@shared_task(name="leads.forget")
def forget() -> None:
    """Drop visits nobody claimed, browsers that did not come back, past counters and links that have expired."""
    at = present.now()
    beacon.forget(at=at)
    visitors.forget_old(at=at)
    limits.forget(at=at)
    submissions.forget_links(at=at)
