"""A relay in a process of its own that is to be killed while it delivers: run as a program by tests of crm.

`doomed_relay.py news|mail|webhook safe|careless FOLDER`. It says in FOLDER/begun that the effect has begun, and hangs
there; a webhook hangs when the receiver has its message. `careless` is the negative control: a row is marked as
delivered, and committed, before its effect.
"""

import os
import sys
import time
from contextlib import nullcontext
from pathlib import Path

import django

KIND, MANNER, FOLDER = sys.argv[1:]


def hang(*_args: object, **_named: object) -> None:
    Path(FOLDER, "begun").touch()
    time.sleep(600)


def be_careless() -> None:
    from crm import outbox, present
    from crm.models import OutboxMessage

    def claim_and_mark(kind: str, now: object, limit: int, **_named: object) -> list[OutboxMessage]:
        rows = list(OutboxMessage.objects.pending(present.now()).filter(kind=kind).order_by("pk")[:limit])
        OutboxMessage.objects.filter(pk__in=[row.pk for row in rows]).update(delivered_at=now)
        return rows

    outbox._claim = claim_and_mark
    outbox.transaction.atomic = nullcontext


def post_and_hang() -> None:
    from crm.webhooks import posting

    post = posting.post
    posting.post = lambda *args, **named: hang(post(*args, **named))  # type: ignore[assignment]


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    django.setup()
    from crm import outbox, present
    from crm.webhooks import relay

    if MANNER == "careless":
        be_careless()
    if KIND == "news":
        outbox.handle_news("test.told", hang)
        outbox.deliver_news()
    elif KIND == "mail":
        outbox.EmailMessage.send = hang
        outbox.send_mail()
    else:
        post_and_hang()
        relay.deliver(now=present.now)


if __name__ == "__main__":
    main()
