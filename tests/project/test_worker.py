"""A real worker takes a message from each kind of broker and does what it says."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from celery import Celery
from django.conf import settings

from crm import outbox
from crm.models import OutboxMessage, User
from crm.webhooks import registry
from tests.support import feed, receiver, services
from tests.support.clock import START

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

Sender = Callable[..., object]


@pytest.fixture(params=["filesystem", pytest.param("redis", marks=pytest.mark.redis)])
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "filesystem":
        yield "filesystem://localhost"
        return
    with services.redis(tmp_path) as url:
        yield url


@pytest.fixture
def send(broker: str, tmp_path: Path) -> Iterator[Sender]:
    """Publishes a message as the web process would, to the same place."""
    queue = tmp_path / "queue"
    for name in ("messages", "control"):
        (queue / name).mkdir(parents=True)
    sender = Celery("sender", broker=broker)
    sender.conf.broker_transport_options = {
        name: value.replace(str(settings.QUEUE_DIR), str(queue)) if isinstance(value, str) else value
        for name, value in settings.QUEUE_FILES.items()
    }
    yield sender.send_task
    sender.close()


def waiting() -> bool:
    return OutboxMessage.objects.filter(delivered_at=None).exists()


def test_a_worker_that_is_told_no_queue_takes_the_webhooks_too(
    broker: str, send: Sender, tmp_path: Path
) -> None:
    boss = User.objects.create_user("boss", role="admin")
    with receiver.receiving() as stranger:
        registry.register(owner=boss, url=stranger.url, topics=["*"], by=boss, at=START)
        feed.settle()
        send("crm.webhooks", queue="webhooks")
        with services.worker(tmp_path, broker):
            services.until(lambda: stranger.received)
    assert b'"type":"webhook.registered"' in stranger.received[0].body


def test_a_worker_delivers_the_mail_that_waits(broker: str, send: Sender, tmp_path: Path) -> None:
    outbox.mail(key="one", to="rep@example.com", subject="A lead for you", body="Call her.")
    send("crm.relay")
    with services.worker(tmp_path, broker):
        services.until(lambda: not waiting())
    assert "A lead for you" in "".join(path.read_text() for path in (tmp_path / "mail").iterdir())
