"""Sending what is due: many receivers at a time, so that a slow one delays nobody.

Threads only speak HTTP; every row is read and written by the thread that runs the relay. No transaction is open while a
receiver is waited for, so that waiting neither locks a row nor holds back the ledger's feed.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta

from crm.models import WebhookDelivery
from crm.webhooks import disclosure, lanes, outcomes, posting, signing
from crm.webhooks.lanes import Lane
from crm.webhooks.posting import Answer

WELL_AT_ONCE = 16
# Receivers that failed the last time have places of their own, so that they cannot take those of others.
AILING_AT_ONCE = 4
RUN_FOR = timedelta(seconds=60)
TICK_SECONDS = 0.5


def deliver(*, now: Callable[[], datetime]) -> int:
    """Send what is due until nothing is left or a minute is over; returns how many messages arrived."""
    begun, arrived = now(), 0
    with ThreadPoolExecutor(WELL_AT_ONCE + AILING_AT_ONCE) as pool:
        office = _Office(pool)
        while True:
            if now() - begun < RUN_FOR:
                office.open_lanes(now())
            if not office.flights:
                return arrived
            done, _running = wait(office.flights, timeout=TICK_SECONDS, return_when=FIRST_COMPLETED)
            arrived += sum(office.land(future, now()) for future in done)


class _Office:
    """The messages under way, each with the lane it is in."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self.pool = pool
        self.flights: dict[Future[Answer], tuple[Lane, WebhookDelivery]] = {}

    def open_lanes(self, at: datetime) -> None:
        ailing = sum(lane.is_ailing for lane, _delivery in self.flights.values())
        well = len(self.flights) - ailing
        for lane in lanes.claim(at=at, well=WELL_AT_ONCE - well, ailing=AILING_AT_ONCE - ailing):
            self._send_next(lane, at)

    def land(self, future: Future[Answer], at: datetime) -> bool:
        """Keep what came of a message and send the lane's next one; whether this one arrived."""
        lane, delivery = self.flights.pop(future)
        arrived = outcomes.note(delivery, future.result(), at=at)
        if not arrived:
            lane.waiting.clear()  # the rest waits until the receiver is well again
        self._send_next(lane, at)
        return arrived

    def _send_next(self, lane: Lane, at: datetime) -> None:
        delivery = lane.next(at)
        if delivery is None:
            lanes.release(lane)
            return
        body = disclosure.body(delivery.entry)
        headers = signing.headers(lane.webhook, delivery.message_id, body, at=at)
        future = self.pool.submit(posting.post, lane.webhook.url, headers=headers, body=body)
        self.flights[future] = lane, delivery
