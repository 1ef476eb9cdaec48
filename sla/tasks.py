"""Background work of the SLA."""

from celery import shared_task

from crm import present, searching
from leads import merging
from sla import agreements, auto_merging, bulk, escalation, handoffs, simulate


@shared_task(name="sla.sweep")
def sweep() -> None:
    """Begin agreements whose day has come; tell of what is due, take back what expired, offer what was forgotten."""
    at = present.now()
    agreements.begin_due(at=at)
    escalation.sweep(at=at)
    handoffs.offer_forgotten(at=at)


@shared_task(name="sla.simulate")
def play_what_if() -> None:
    """Play the oldest what-if run that waits."""
    simulate.perform_next(at=present.now())


@shared_task(name="sla.bulk")
def carry_bulk_on() -> None:
    """Carry on deeds for many leads, a batch each; behind what else waits if more is left."""
    if bulk.sweep(at=present.now()):
        carry_bulk_on.delay()


@shared_task(name="sla.duplicates")
def find_duplicates() -> None:
    """Compare what changed with what is stored, merge what rules allow, and let strays follow their record."""
    at = present.now()
    merging.gather_strays()
    searching.search(at=at)
    auto_merging.merge_certain(at=at)
