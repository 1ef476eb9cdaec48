"""Background work of the shared ground. Each task is a sweep: a lost message costs seconds."""

from celery import shared_task

from crm import outbox


@shared_task(name="crm.relay")
def relay() -> None:
    """Deliver what waits in the outbox: news first, then mail."""
    outbox.deliver_news()
    outbox.send_mail()
