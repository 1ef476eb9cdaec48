"""Background work of the shared ground. Each task is a sweep: a lost message costs seconds."""

from celery import shared_task

from crm import imports, outbox, present


@shared_task(name="crm.relay")
def relay() -> None:
    """Deliver what waits in the outbox: news first, then mail."""
    outbox.deliver_news()
    outbox.send_mail()


# A check of many rows is one transaction; this is still well below the queue's visibility timeout.
@shared_task(name="crm.imports", soft_time_limit=1500, time_limit=1560)
def bring_files_in() -> None:
    """Carry on the files that wait or broke off, each a little; behind what else waits if more is left."""
    if imports.sweep(at=present.now()):
        bring_files_in.delay()


@shared_task(name="crm.forget_files")
def forget_files() -> None:
    """Drop files nobody came back to, and bad rows that were kept long enough."""
    imports.forget(at=present.now())
