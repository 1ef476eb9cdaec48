"""The answer in pictures and tables: what is agreed now beside what is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.components import charts, formats
from sla.models import Agreement
from sla.replay.chances import BANDS
from sla.replay.reproduction import Cause
from sla.what_if import words

Figures = Mapping[str, Any]
MOST_REPS = 30
KINDS = {
    "gained": gettext_lazy("Would qualify"),
    "lost": gettext_lazy("Would not any more"),
    "sooner": gettext_lazy("Would qualify sooner"),
    "later": gettext_lazy("Would qualify later"),
}
TERMS = (
    "response_hours", "accept_hours", "feedback_hours", "expire_hours", "attempts", "channels", "max_rounds",
)  # fmt: skip


def weekly(result: Figures) -> charts.LinePicture:
    """MQLs per week, both lines."""
    before, after = result["present"], result["changed"]
    weeks = [_short_day(day) for day in result["weeks"]]
    said = {"after": sum(after["weekly"]), "before": sum(before["weekly"])}
    return charts.line_chart(
        _("MQLs per week"),
        weeks,
        [
            charts.Series(_("With the changes"), after["weekly"], "1"),
            charts.Series(_("As agreed now"), before["weekly"], "2"),
        ],
        words=_("%(after)d in all with the changes, %(before)d as agreed now.") % said,
        head=_("Week from"),
    )


def _short_day(text: str) -> str:
    day = date.fromisoformat(text)
    return f"{day.month}/{day.day}" if formats.in_japanese() else f"{day.day} {day:%b}"


def load(side: Figures, title: str, names: Mapping[int, str]) -> charts.BarPicture:
    """What each rep has at once on average, with their capacity as a mark; people the reader may not see together."""
    seen = [rep for rep in side["reps"] if rep["user"] in names or rep["user"] < 0]
    bars = [_rep_bar(rep, words.who(rep["user"], names)) for rep in seen[:MOST_REPS]]
    others = [rep for rep in side["reps"] if rep not in seen]
    if others:
        bars.append(_rep_bar(_together(others), _("Others")))
    queue = side["queue"]
    if queue["peak"]:
        note = _("at most %(n)d") % {"n": queue["peak"]}
        bars.append(charts.Bar(label=_("Open queue"), value=queue["mean"], note=note, series="quiet"))
    heads = _("Rep"), _("At once, on average")
    return charts.bar_chart(title, bars, heads=heads, places=1)


def _rep_bar(rep: Figures, name: str) -> charts.Bar:
    said = {"peak": rep["peak"], "capacity": rep["capacity"]}
    note = _("at most %(peak)d of %(capacity)d") % said
    series = "late" if rep["capacity"] and rep["peak"] >= rep["capacity"] else "1"
    return charts.Bar(label=name, value=rep["mean"], note=note, goal=rep["capacity"], series=series)


def _together(reps: Sequence[Figures]) -> dict[str, Any]:
    return {name: sum(rep[name] for rep in reps) for name in ("mean", "peak", "capacity")}


def acceptance(result: Figures) -> charts.BarPicture | None:
    """The share sales accepts, by score at the handoff."""
    bands = result["changed"]["bands"]
    if not bands:
        return None
    bars = [
        charts.Bar(
            label=band_label(band["from"]),
            value=100 * band["rate"],
            note=_("%(n)d handed over") % {"n": band["handed_over"]},
            series="quiet" if band["of_expected"] > band["accepted"] + band["rejected"] else "1",
        )
        for band in bands
    ]
    heads = _("Score at the handoff"), _("Accepted, per cent")
    told = _("Grey where most of it is expected.") if any(bar.series == "quiet" for bar in bars) else ""
    return charts.bar_chart(_("Accepted, by score"), bars, heads=heads, words=told)


def band_label(low: int) -> str:
    above = [band for band in BANDS if band > low]
    return f"{low}–{above[0]}" if above else _("%(n)d and more") % {"n": low}


# -- tables ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: what, as agreed now, with the changes."""

    label: str
    before: str
    after: str
    tone: str = ""


def differing_terms(result: Figures, names: Mapping[int, str]) -> list[Row]:
    """What was asked to be different."""
    before, after = result["present"]["terms"], result["changed"]["terms"]
    rows = [
        Row(_term(name), _plain(before.get(name)), _plain(after.get(name)))
        for name in ("threshold", *TERMS)
        if before.get(name) != after.get(name)
    ]
    capacity = {rep["user"]: rep["capacity"] for rep in result["present"]["reps"]}
    for rep in result["changed"]["reps"]:
        was = capacity.get(rep["user"])
        if was != rep["capacity"] and (rep["user"] in names or rep["user"] < 0):
            label = _("Capacity: %(name)s") % {"name": words.who(rep["user"], names)}
            rows.append(Row(label, _plain(was), _plain(rep["capacity"])))
    return rows


def _term(name: str) -> str:
    if name == "threshold":
        return _("Score threshold")
    return capfirst(str(getattr(Agreement._meta.get_field(name), "verbose_name", name)))


def _plain(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"


def promises(result: Figures) -> list[Row]:
    """How often sales is late with each of its three promises."""
    labels = {"response": _("First contact"), "acceptance": _("Accept or reject"), "feedback": _("Feedback")}
    return [
        Row(label, *(_late(result[side]["late"][name]) for side in ("present", "changed")))
        for name, label in labels.items()
    ]


def _late(late: Figures) -> str:
    share = words.late_share(late)
    if share is None:
        return "–"
    cases = late["judged"] + late["of_expected"]
    said = {
        "n": formats.number(late["late"] + late["expected"], 1 if late["expected"] else 0),
        "cases": cases,
    }
    text = _("%(n)s of %(cases)d") % said + f" ({formats.percent(share)})"
    if late["of_expected"]:
        text += " · " + _("%(n)s expected") % {"n": formats.number(late["expected"], 1)}
    return text


@dataclass(frozen=True, slots=True)
class BandRow:
    label: str
    before: int
    after: int
    accepted: int
    rejected: int
    open: int
    seen: str
    expected: str


def bands(result: Figures) -> list[BandRow]:
    """Acceptance by score band: what really happened with its interval, and what is expected."""
    now = {band["from"]: band for band in result["present"]["bands"]}
    return [_band_row(band, now.get(band["from"])) for band in result["changed"]["bands"]]


def _band_row(band: Figures, before: Figures | None) -> BandRow:
    decided = int(band["accepted"] + band["rejected"])
    return BandRow(
        label=band_label(band["from"]),
        before=before["handed_over"] if before else 0,
        after=band["handed_over"],
        accepted=int(band["accepted"]),
        rejected=int(band["rejected"]),
        open=int(band["open"]),
        seen=_seen(band, decided) if decided else _("no case"),
        expected=_expected(band) if band["of_expected"] else "–",
    )


def _seen(band: Figures, decided: int) -> str:
    share, low, high = band["accepted"] / decided, band["fact_low"], band["fact_high"]
    return f"{formats.percent(share)} ({formats.percent(low)}–{formats.percent(high)})"


def _expected(band: Figures) -> str:
    figures = {name: formats.number(band[name], 1) for name in ("expected", "low", "high")}
    return _("%(expected)s of %(of)d (%(low)s–%(high)s)") % {"of": band["of_expected"], **figures}


@dataclass(frozen=True, slots=True)
class MonthRow:
    label: str
    before: Figures | None
    after: Figures


def months(result: Figures) -> list[MonthRow]:
    now = {month["month"]: month for month in result["present"]["months"]}
    return [MonthRow(_month(month), now.get(month["month"]), month) for month in result["changed"]["months"]]


def _month(month: Figures) -> str:
    first = date.fromisoformat(f"{month['month']}-01")
    return f"{first.year}/{first.month}" if formats.in_japanese() else f"{first:%b %Y}"


def causes(result: Figures) -> list[tuple[str, int]]:
    """Why the replay differs from what happened, and how often."""
    counted: dict[str, int] = result["reproduction"]["causes"]
    return sorted(
        ((str(Cause(code).label), count) for code, count in counted.items()), key=lambda one: -one[1]
    )
