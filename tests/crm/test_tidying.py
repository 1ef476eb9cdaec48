"""What is kept for a while only: delivered messages and answers for repeated calls."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from crm import outbox, tasks
from crm.models import IdempotencyRecord, OutboxMessage
from tests.support.cast import Cast

pytestmark = pytest.mark.django_db


def test_what_was_delivered_a_month_ago_is_dropped_and_what_waits_stays(cast: Cast, clock: Any) -> None:
    OutboxMessage.objects.all().delete()
    for key in ("old", "fresh", "waiting"):
        outbox.mail(key=key, to="a@kita.jp", subject="x", body="y")
    long_ago, lately = cast.at - timedelta(days=40), cast.at - timedelta(days=3)
    OutboxMessage.objects.filter(key="old").update(created_at=long_ago, delivered_at=long_ago)
    OutboxMessage.objects.filter(key="fresh").update(created_at=long_ago, delivered_at=lately)
    OutboxMessage.objects.filter(key="waiting").update(created_at=long_ago)
    tasks.tidy()
    assert set(OutboxMessage.objects.values_list("key", flat=True)) == {"fresh", "waiting"}


def test_answers_for_repeated_calls_are_kept_for_a_day(cast: Cast, clock: Any) -> None:
    for key, hours in (("old", 25), ("fresh", 23)):
        row = IdempotencyRecord.objects.create(user=cast.admin, key=key, fingerprint="x", status_code=200)
        IdempotencyRecord.objects.filter(pk=row.pk).update(created_at=cast.at - timedelta(hours=hours))
    tasks.tidy()
    assert [row.key for row in IdempotencyRecord.objects.all()] == ["fresh"]
