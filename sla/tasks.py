"""Background work of the SLA."""

from celery import shared_task

from crm import present
from sla import agreements, escalation, handoffs


@shared_task(name="sla.sweep")
def sweep() -> None:
    """Begin agreements whose day has come; tell of what is due, take back what expired, offer what was forgotten."""
    at = present.now()
    agreements.begin_due(at=at)
    escalation.sweep(at=at)
    handoffs.offer_forgotten(at=at)
