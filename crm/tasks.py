"""Background work of the shared ground. Each task is a sweep: a lost message costs seconds."""

from datetime import timedelta

from celery import shared_task

from crm import digests, outbox, present
from crm.webhooks import fanout, outcomes
from crm.webhooks import relay as webhook_relay

KEPT_FOR = timedelta(days=30)


@shared_task(name="crm.relay")
def relay() -> None:
    """Deliver what waits in the outbox: news first, then mail."""
    outbox.deliver_news()
    outbox.send_mail()


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
    digests.forget(before=before)
