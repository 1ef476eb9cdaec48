"""A clock for tests: it stands still until it is moved."""

from datetime import UTC, datetime, timedelta

import pytest

from crm import present

# A Monday, 10:00 in Tokyo: inside office hours, no holiday in the week.
START = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)


class Clock:
    """`clock.now` is what crm.present.now() answers. `clock.move(hours=3)`, `clock.set(moment)`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = START
        monkeypatch.setattr(present, "now", lambda: self.now)
        monkeypatch.setattr(present, "told_by", lambda row: self.now)

    def move(self, **units: float) -> datetime:
        self.now += timedelta(**units)
        return self.now

    def set(self, moment: datetime) -> datetime:
        self.now = moment
        return moment
