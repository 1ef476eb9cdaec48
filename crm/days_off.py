"""On which days a person does not work, by the calendar of their team. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from crm.models import WEEKDAYS
from crm.public_holidays import holiday_dates

FIVE_DAYS = dict.fromkeys(WEEKDAYS[:5], ((),))


@dataclass(frozen=True)
class DaysOff:
    """Days without a working window, public holidays and closures. Without a calendar: Saturday and Sunday."""

    windows: Mapping[str, Any]
    country: str = ""
    closures: frozenset[date] = frozenset()
    always_open: bool = False

    def __call__(self, day: date) -> bool:
        if self.always_open:
            return False
        return not self.windows.get(WEEKDAYS[day.weekday()]) or day in self.closures or self._is_holiday(day)

    def _is_holiday(self, day: date) -> bool:
        try:
            return day in holiday_dates(self.country, day.year)
        except NotImplementedError:  # a country without a table has no holidays that we know of
            return False


WEEKENDS = DaysOff(FIVE_DAYS)
