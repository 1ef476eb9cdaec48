"""Marketing's year: who comes in, what they do, and how hot they get."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from crm import directory
from crm.models import Account, User
from leads.capture import door
from leads.capture.intake import Inquiry
from leads.events import recording
from leads.events.recording import Behaviour
from project.demo import companies
from project.demo.factories import AccountFactory, InquiryFactory

CURIOUS = [
    "page_view",
    "page_view",
    "page_view",
    "email_open",
    "email_click",
    "download",
    "webinar_registered",
]
SERIOUS = [
    "page_view", "download", "webinar", "pricing_view", "room_view", "email_click", "form", "event_visit", "inquiry",
]  # fmt: skip
HOT_SHARE = 0.34


@dataclass(order=True, slots=True)
class _Arrival:
    at: datetime
    number: int
    inquiry: Inquiry = field(compare=False)
    hot_at: datetime | None = field(compare=False, default=None)


@dataclass(slots=True)
class Marketing:
    """Keeps what is still to come, and records in batches what has happened since."""

    chance: Random
    by: User
    reading: dict[str, list[str]]
    accounts: list[Account] = field(default_factory=list)
    _arrivals: list[_Arrival] = field(default_factory=list)
    _events: list[tuple[datetime, int, int, str, str]] = field(default_factory=list)
    _numbers: int = 0

    def open_accounts(self, reps: list[User], share: float, *, at: datetime) -> None:
        """The companies marketing knows; every fourth has an owner in sales."""
        japanese = companies.JAPANESE[: max(8, round(len(companies.JAPANESE) * share))]
        english = companies.ENGLISH[: max(6, round(len(companies.ENGLISH) * share))]
        entries = [(entry, True) for entry in japanese] + [(entry, False) for entry in english]
        rows = [AccountFactory(entry=entry, is_japanese=japanese) for entry, japanese in entries]
        for index, row in enumerate(rows):
            row.owner = reps[index // 4 % len(reps)] if index % 4 == 0 else None
        self.accounts = sorted(directory.add_accounts(rows, by=self.by, at=at), key=lambda row: row.domain)

    def owned_by(self, rep: User) -> list[Account]:
        return [row for row in self.accounts if row.owner_id == rep.pk]

    def unowned(self) -> list[Account]:
        return [row for row in self.accounts if row.owner_id is None]

    def fill_year(self, leads: int, start: datetime, end: datetime) -> None:
        """People come in through the year, a little more each month."""
        for _ in range(leads):
            came = start + (end - start) * self.chance.random() ** 0.8
            hot_at = (
                came + timedelta(days=self.chance.uniform(1, 30))
                if self.chance.random() < HOT_SHARE
                else None
            )
            self.invite(self.chance.choice(self.accounts), came, hot_at=hot_at)

    def invite(self, account: Account, came: datetime, *, hot_at: datetime | None = None) -> Inquiry:
        """Somebody of this company will come in, and may ask for a demo later."""
        inquiry: Inquiry = InquiryFactory(account=account, captured_at=came)
        heapq.heappush(self._arrivals, _Arrival(came, self._next(), inquiry, hot_at))
        return inquiry

    def take_in(self, at: datetime) -> None:
        """Capture who has come, then record what everybody has done since."""
        arrived = []
        while self._arrivals and self._arrivals[0].at <= at:
            arrived.append(heapq.heappop(self._arrivals))
        done = door.capture([arrival.inquiry for arrival in arrived], by=self.by, at=at) if arrived else []
        for arrival, result in zip(arrived, done, strict=True):
            if result.lead:
                self._plan_interest(result.lead, arrival)
        self._record(at)

    def _plan_interest(self, lead: int, arrival: _Arrival) -> None:
        for _ in range(self.chance.randint(3, 11)):
            self._happens(lead, arrival.at + timedelta(days=self.chance.expovariate(1 / 25)), CURIOUS)
        self._happens(lead, arrival.at, ["form"])
        if arrival.hot_at:
            self.heat(lead, arrival.at, arrival.hot_at)

    def heat(self, lead: int, start: datetime, end: datetime) -> None:
        """Interest that grows until a demo is asked for, or the score is reached."""
        for _ in range(self.chance.randint(7, 14)):
            self._happens(lead, start + (end - start) * self.chance.random() ** 0.5, SERIOUS)
        last = ["demo_request"] if self.chance.random() < 0.8 else ["inquiry"] * 4
        for kind in last:
            self._happens(lead, end, [kind])

    def ask_for_demo(self, lead: int, at: datetime) -> None:
        self._happens(lead, at, ["demo_request"])

    def _happens(self, lead: int, at: datetime, kinds: list[str]) -> None:
        kind = self.chance.choice(kinds)
        slug = self.chance.choice(self.reading[kind]) if kind in self.reading else ""
        heapq.heappush(self._events, (at, self._next(), lead, kind, slug))

    def _record(self, at: datetime) -> None:
        batch = []
        while self._events and self._events[0][0] <= at:
            moment, number, lead, kind, slug = heapq.heappop(self._events)
            batch.append(
                Behaviour(
                    source="site",
                    external_id=f"demo-{number}",
                    kind=kind,
                    occurred_at=moment,
                    asset=slug,
                    lead=lead,
                )
            )
        if batch:
            recording.record(batch, by=None, at=at)

    def _next(self) -> int:
        self._numbers += 1
        return self._numbers
