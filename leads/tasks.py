"""Background work around leads."""

from celery import shared_task

from crm import present
from leads import lifecycle
from leads.capture import beacon, limits, submissions, visitors
from leads.events import waiting
from leads.quality import walking


@shared_task(name="leads.release")
def release() -> None:
    """Bring recycled leads back into nurture when their wait is over."""
    lifecycle.release_due(at=present.now())


@shared_task(name="leads.look")
def look() -> None:
    """See what the rules of data quality find in what changed, and walk on past all leads."""
    walking.advance(at=present.now())


@shared_task(name="leads.attach_waiting")
def attach_waiting() -> None:
    """Count what waits for people who appeared; what a crash between two commits left behind."""
    waiting.sweep(at=present.now())


@shared_task(name="leads.forget")
def forget() -> None:
    """Drop what nobody claimed: visits, browsers, waiting behaviour, past counters, expired links, undecided posts."""
    at = present.now()
    beacon.forget(at=at)
    visitors.forget_old(at=at)
    limits.forget(at=at)
    submissions.forget_links(at=at)
    submissions.forget_held(at=at)
    waiting.forget(at=at)
