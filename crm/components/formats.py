"""How values are written: money, durations, moments, differences."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.translation import get_language, gettext_noop, ngettext
from django.utils.translation import gettext as _

SIGNS = {"JPY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "CNY": "CN¥", "KRW": "₩"}
WITHOUT_DECIMALS = {"JPY", "KRW"}
# English is written unambiguously for both sides of the Atlantic; Japanese with 年/月/日 order.
DATES = {"en": "j M Y", "ja": "Y/m/d"}
MINUTE, HOUR, DAY, WEEK = 60, 3600, 86_400, 604_800
JAPANESE_UNITS = [(10**8, "億"), (10**4, "万")]
ENGLISH_UNITS = [(10**9, "B"), (10**6, "M"), (10**3, "k")]
# The clock's script writes durations too, from these same patterns.
DURATIONS = {
    "hours": gettext_noop("%(hours)dh %(minutes)02dm"),
    "minutes": gettext_noop("%(minutes)dm"),
    "seconds": gettext_noop("%(minutes)dm %(seconds)02ds"),
}
OVER = gettext_noop("%(time)s over")
Number = int | float | Decimal


def in_japanese() -> bool:
    return (get_language() or "").startswith("ja")


def sentences(*parts: str) -> str:
    """Whole sentences after each other: Japanese puts no space between them."""
    return ("" if in_japanese() else " ").join(part for part in parts if part)


def number(value: Number, places: int = 0) -> str:
    """Grouped by thousands, rounded half up, with a true minus sign."""
    quantum = Decimal(1).scaleb(-places)
    rounded = Decimal(str(value)).quantize(quantum, ROUND_HALF_UP)
    return f"{rounded:,.{places}f}".replace("-", "−") if rounded else f"{Decimal(0):.{places}f}"


def ordinal(value: int) -> str:
    """“2nd” in English; elsewhere the plain number, for a sentence that counts in its own way."""
    if in_japanese():
        return str(value)
    ending = {1: "st", 2: "nd", 3: "rd"}.get(value % 10, "th") if value % 100 not in (11, 12, 13) else "th"
    return f"{value}{ending}"


def amount(value: Number | None, currency: str = "JPY", *, short: bool = False) -> str:
    """Money with its sign: ¥ never with decimals, others only when they have some. Nothing is a dash."""
    if value is None:
        return "–"
    sign = SIGNS.get(currency, f"{currency} ")
    exactly = Decimal(str(value))
    if short and abs(exactly) >= 10_000:
        return _signed(sign, _shortened(exactly))
    whole = currency in WITHOUT_DECIMALS or exactly % 1 == 0
    return _signed(sign, number(exactly, 0 if whole else 2))


def _signed(sign: str, digits: str) -> str:
    return f"−{sign}{digits[1:]}" if digits.startswith("−") else f"{sign}{digits}"


def _shortened(value: Decimal) -> str:
    """In the largest unit that leaves at least one: 999,999 is 1M, never 1,000k."""
    units = JAPANESE_UNITS if in_japanese() else ENGLISH_UNITS
    size, unit = next(
        (one for one in units if abs(round(value / one[0], _places(value / one[0]))) >= 1), units[-1]
    )
    return number(value / size, _places(value / size)) + unit


def _places(value: Decimal) -> int:
    return 1 if abs(value) < 100 and round(value, 1) % 1 else 0


def percent(value: Number | None, places: int = 0) -> str:
    """A share of one as per cent."""
    return "–" if value is None else f"{number(Decimal(str(value)) * 100, places)}%"


def seconds_of(value: timedelta | Number) -> int:
    return int(value.total_seconds() if isinstance(value, timedelta) else value)


def duration(value: timedelta | Number) -> str:
    """Hours and minutes without sign; seconds only in the last ten minutes, when they matter."""
    total = abs(seconds_of(value))
    hours, minutes = total // HOUR, total % HOUR // MINUTE
    pattern = "hours" if hours else "minutes" if minutes >= 10 else "seconds"
    return _(DURATIONS[pattern]) % {"hours": hours, "minutes": minutes, "seconds": total % MINUTE}


def local(moment: datetime) -> datetime:
    return timezone.localtime(moment) if timezone.is_aware(moment) else moment


def day(value: date) -> str:
    """A date as people of the language write it."""
    if isinstance(value, datetime):
        value = local(value)
    return format_date(value, DATES["ja" if in_japanese() else "en"])


def clock_time(moment: datetime) -> str:
    return f"{local(moment):%H:%M}"


def exact(moment: date) -> str:
    """Date, time and zone: what stands behind every relative time."""
    if not isinstance(moment, datetime):
        return day(moment)
    here = local(moment)
    return f"{day(here)} {here:%H:%M} {here.tzname() or ''}".strip()


def relative(moment: datetime, now: datetime) -> str:
    """“3 h ago”, “tomorrow 09:00”; from a week on the date."""
    gap = seconds_of(moment - now)
    if abs(gap) >= WEEK:
        return day(moment)
    nights = (local(moment).date() - local(now).date()).days
    return _past(-gap, -nights, moment) if gap <= 0 else _future(gap, nights, moment)


def _past(gap: int, nights: int, moment: datetime) -> str:
    if gap < MINUTE:
        return _("just now")
    if gap < HOUR:
        return _("%(n)d min ago") % {"n": gap // MINUTE}
    if gap < DAY and (nights == 0 or gap < 6 * HOUR):
        return _("%(n)d h ago") % {"n": gap // HOUR}
    if nights == 1:
        return _("yesterday %(time)s") % {"time": clock_time(moment)}
    return ngettext("%(n)d day ago", "%(n)d days ago", nights) % {"n": nights}


def _future(gap: int, nights: int, moment: datetime) -> str:
    if gap < HOUR:
        return _("in %(n)d min") % {"n": max(1, gap // MINUTE)}
    if nights == 0 or gap < 6 * HOUR:
        return _("in %(n)d h") % {"n": gap // HOUR}
    if nights == 1:
        return _("tomorrow %(time)s") % {"time": clock_time(moment)}
    return ngettext("in %(n)d day", "in %(n)d days", nights) % {"n": nights}


def relative_day(value: date, today: date) -> str:
    """The same for a plain date."""
    gap = (value - today).days
    if gap in NEAR:
        return _(NEAR[gap])
    if abs(gap) >= 7:
        return day(value)
    if gap < 0:
        return ngettext("%(n)d day ago", "%(n)d days ago", -gap) % {"n": -gap}
    return ngettext("in %(n)d day", "in %(n)d days", gap) % {"n": gap}


NEAR = {-1: gettext_noop("yesterday"), 0: gettext_noop("today"), 1: gettext_noop("tomorrow")}


def epoch(moment: datetime | None) -> str:
    """Whole seconds since 1970 for a data attribute; nothing for None."""
    return "" if moment is None else str(int(moment.astimezone(UTC).timestamp()))


def sign_of(value: Number) -> int:
    return int(value > 0) - int(value < 0)
