"""Dates from cells, and the format of a whole column of them. Pure.

One cell such as 03-04-2017 has two readings; a column usually has one. `infer_date_format` looks at many
cells and says which format they share, or that it cannot be known.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from crm.text import shown

EXCEL, ERA = "Excel 45000", "令和y年m月d日"
# Name → order of the parts. The names are what people see and choose; earlier goes before later in a tie.
DATE_FORMATS = {
    "yyyy-mm-dd": "ymd",
    "yyyy/mm/dd": "ymd",
    "yyyy.mm.dd": "ymd",
    "yyyy年m月d日": "ymd",
    "yyyymmdd": "ymd",
    "dd-mm-yyyy": "dmy",
    "dd.mm.yyyy": "dmy",
    "dd/mm/yyyy": "dmy",
    "mm/dd/yyyy": "mdy",
    "mm-dd-yyyy": "mdy",
    "dd-mm-yy": "dmy",
    "dd.mm.yy": "dmy",
    "dd/mm/yy": "dmy",
    "mm/dd/yy": "mdy",
    "mm-dd-yy": "mdy",
    "yy-mm-dd": "ymd",
    "yy/mm/dd": "ymd",
    "yy.mm.dd": "ymd",
    ERA: "ymd",  # any era since Meiji, in full or by its letter: 平成31年4月30日, R1.5.1
    EXCEL: "",  # days since the end of 1899, as Excel shows a date whose cell has no format
}
_FIRST_DAYS = {"明治": 1868, "大正": 1912, "昭和": 1926, "平成": 1989, "令和": 2019}
_LETTERS = dict(zip("MTSHR", _FIRST_DAYS, strict=True))
_ERA = re.compile(
    rf"(?P<era>{'|'.join(_FIRST_DAYS)}|[MTSHR])\s*(?P<y>元|\d{{1,2}})[年./-]\s*(?P<m>\d{{1,2}})[月./-]\s*(?P<d>\d{{1,2}})日?",
    re.IGNORECASE,
)
_SERIAL = re.compile(r"(?P<days>[2-7]\d{4})(?P<part>\.\d+)?")
_DAY_ZERO = date(
    1899, 12, 30
)  # so that 60 days on, after the 29 February 1900 Excel believes in, all is right
# Beyond this year of the century two digits mean the last one, as in POSIX strptime.
CENTURY_PIVOT = 69
_TIME = re.compile(r"[T ]\s*\d{1,2}:.*$")
DECIDED_BY_SPREAD = 4
ENOUGH_TO_SPREAD = 12


class InvalidValue(ValueError):
    """A cell that cannot be read; the message says what to write instead."""


@dataclass(frozen=True)
class DateColumn:
    """What a column's cells have in common.

    `format` is the best of DATE_FORMATS, '' when none reads a single cell. `alternatives` are formats that
    read as many cells but differently: then the column is ambiguous and a person has to say; `example` is a cell
    they differ in. `unread` counts cells the format cannot read.
    """

    format: str
    alternatives: tuple[str, ...]
    unread: int
    example: str = ""

    @property
    def is_ambiguous(self) -> bool:
        return bool(self.alternatives)


def parse_date(text: str, *, fmt: str = "") -> date | None:
    """A date in one of DATE_FORMATS; None for blank. Days and months may lack their zero.

    Without a format only those that begin with a four-digit year or an era are read, for they have one reading. Raises
    InvalidValue for anything else, and for days that do not exist.
    """
    narrow = unicodedata.normalize("NFKC", text).strip()
    if not narrow:
        return None
    for name in (fmt,) if fmt else _UNMISTAKABLE:
        if (day := _read(narrow, name)) is not None:
            return day
    hint = fmt or "yyyy-mm-dd"
    raise InvalidValue(
        _("%(text)s is not a date of the form %(form)s.") % {"text": shown(text), "form": hint}
    )


def infer_date_format(cells: Iterable[str]) -> DateColumn:
    """The format most of a column's cells share.

    Of formats that read the same number of cells but read them differently, one is taken only if its dates
    lie at least four times closer together than every other's (days taken for years scatter over decades);
    otherwise they are reported as alternatives. A time after the date and blank cells do not count.
    """
    texts = {_TIME.sub("", unicodedata.normalize("NFKC", cell).strip()) for cell in cells} - {""}
    readings = {name: {text: _read(text, name) for text in texts} for name in DATE_FORMATS}
    counts = {name: sum(day is not None for day in days.values()) for name, days in readings.items()}
    most = max(counts.values(), default=0)
    if not most:
        return DateColumn("", (), len(texts))
    best = [name for name in DATE_FORMATS if counts[name] == most]
    distinct = [name for n, name in enumerate(best) if all(readings[name] != readings[e] for e in best[:n])]
    chosen, others = _closest({name: readings[name] for name in distinct})
    return DateColumn(chosen, others, len(texts) - most, _example(readings, chosen, others))


def _example(readings: Mapping[str, Mapping[str, date | None]], chosen: str, others: Sequence[str]) -> str:
    """The first cell that is another day in each reading, else in some."""
    names = (chosen, *others)
    differing = {text: len({readings[name][text] for name in names}) for text in sorted(readings[chosen])}
    return max(differing, key=lambda text: differing[text]) if others else ""


def _closest(readings: dict[str, dict[str, date | None]]) -> tuple[str, tuple[str, ...]]:
    names = list(readings)
    spreads = {name: _spread(days.values()) for name, days in readings.items()}
    chosen = min(names, key=lambda name: spreads[name])
    enough = len(readings[chosen]) >= ENOUGH_TO_SPREAD
    others = [name for name in names if name != chosen]
    if enough and all(spreads[name] >= DECIDED_BY_SPREAD * spreads[chosen] for name in others):
        return chosen, ()
    return names[0], tuple(names[1:])


def _spread(days: Iterable[date | None]) -> int:
    read = [day for day in days if day is not None]
    return (max(read) - min(read)).days + 1


def _pattern(name: str) -> re.Pattern[str]:
    year = r"(?P<y>\d{4})" if "yyyy" in name else r"(?P<y>\d{2})"
    if name == "yyyymmdd":
        return re.compile(rf"{year}(?P<m>\d\d)(?P<d>\d\d)")
    pattern = re.sub(r"yyyy|yy", "Y", name).replace("mm", "m").replace("dd", "d")
    parts = {"Y": year, "m": r"(?P<m>\d{1,2})", "d": r"(?P<d>\d{1,2})"}
    return re.compile("".join(parts.get(sign) or re.escape(sign) for sign in pattern))


_PATTERNS = {name: _pattern(name) for name in DATE_FORMATS if name not in (ERA, EXCEL)}
_UNMISTAKABLE = (*(name for name in DATE_FORMATS if name.startswith("yyyy")), ERA)


def time_of_serial(text: str) -> timedelta:
    """What the part of a day behind the point of an Excel date says, to the second."""
    found = _SERIAL.fullmatch(unicodedata.normalize("NFKC", text).strip())
    return timedelta(seconds=round(float(found["part"] or 0) * 86_400)) if found else timedelta()


def _of_serial(text: str) -> date | None:
    found = _SERIAL.fullmatch(text)
    return _DAY_ZERO + timedelta(days=int(found["days"])) if found else None


def _of_era(text: str) -> date | None:
    found = _ERA.fullmatch(text)
    if found is None:
        return None
    era = _LETTERS.get(found["era"].upper(), found["era"])
    year = 1 if found["y"] == "元" else int(found["y"])
    return _day(_FIRST_DAYS[era] + year - 1, found["m"], found["d"]) if year else None


def _day(year: int, month: str, day: str) -> date | None:
    try:
        return date(year, int(month), int(day))
    except ValueError:
        return None


def _read(text: str, name: str) -> date | None:
    if name in _OTHERWISE:
        return _OTHERWISE[name](text)
    pattern = _PATTERNS.get(name)
    if pattern is None:
        raise InvalidValue(_("%s is not a date format.") % shown(name))
    found = pattern.fullmatch(text)
    if found is None:
        return None
    year = int(found["y"])
    if len(found["y"]) == 2:
        year += 1900 if year >= CENTURY_PIVOT else 2000
    return _day(year, found["m"], found["d"])


_OTHERWISE = {ERA: _of_era, EXCEL: _of_serial}
