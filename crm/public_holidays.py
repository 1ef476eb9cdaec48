"""Public holidays, by the `holidays` library. Pure."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import holidays


@lru_cache(maxsize=1024)
def holiday_dates(country: str, year: int) -> frozenset[date]:
    """Public holidays of a country (and subdivision) in a year, by the `holidays` library; none for ''."""
    if not country:
        return frozenset()
    code, _dash, part = country.partition("-")
    return frozenset(holidays.country_holidays(code, subdiv=part or None, years=year, expand=False))
