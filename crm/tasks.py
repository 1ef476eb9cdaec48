"""Background work of the shared ground. Each task is a sweep: a lost message costs seconds."""

from datetime import timedelta

from celery import shared_task

from crm import digests, imports, outbox, present
from crm.api import idempotency
from crm.webhooks import fanout, outcomes
from crm.webhooks import relay as webhook_relay

KEPT_FOR = timedelta(days=30)
# Nobody repeats a call later than this.
REPEATED_WITHIN = timedelta(days=1)


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


@shared_task(name="crm.webhooks")
def webhooks() -> None:
    """Queue for each webhook what happened, and send what is due."""
    fanout.read_feed(at=present.now())
    webhook_relay.deliver(now=present.now)


@shared_task(name="crm.digest")
def digest() -> None:
    """Queue the daily mails whose hour has come."""
    digests.send_due(at=present.now())


@shared_task(name="crm.tidy")
def tidy() -> None:
    """Drop what was delivered long ago and is kept nowhere for a reason."""
    before = present.now() - KEPT_FOR
    outcomes.forget(before=before)
    outbox.forget_delivered(before=before)
    idempotency.forget(before=present.now() - REPEATED_WITHIN)
    digests.forget(before=before)
