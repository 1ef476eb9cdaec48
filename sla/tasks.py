"""Background work of the SLA."""

from celery import shared_task

from crm import present
from sla import escalation, handoffs


@shared_task(name="sla.sweep")
def sweep() -> None:
    """Tell people of what is due or breached, take back what expired, offer what was forgotten."""
    at = present.now()
    escalation.sweep(at=at)
    handoffs.offer_forgotten(at=at)
