"""The answer in a few plain sentences, the most telling first. Pure but for translation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.components import formats
from sla.models import SimulationRun

Figures = Mapping[str, Any]
NAMED = 3  # people a sentence names before it counts the rest
LITTLE = 0.5  # MQLs a week that make no difference to speak of


@dataclass(frozen=True, slots=True)
class Sentence:
    """`tone` is ok, warn or plain."""

    text: str
    tone: str = "plain"

    @property
    def icon(self) -> str:
        return {"ok": "check", "warn": "at-risk"}.get(self.tone, "minus")


def summary(result: Figures, names: Mapping[int, str]) -> list[Sentence]:
    """`names` are those the reader may see, by the user's id."""
    return [
        *_volume(result),
        *_who(result["counts"]),
        *_people(result, names),
        *_queue(result),
        *_late(result),
        *_accepted(result),
        *_promised(result),
    ]


def _number(value: float) -> str:
    return formats.number(value, 0 if value >= 10 or value == int(value) else 1)


def a_week(side: Figures) -> float:
    return sum(side["weekly"]) / max(1, len(side["weekly"]))


def _volume(result: Figures) -> Iterator[Sentence]:
    before, after = a_week(result["present"]), a_week(result["changed"])
    said = {"n": _number(abs(after - before)), "after": _number(after), "before": _number(before)}
    if abs(after - before) < LITTLE:
        yield Sentence(_("About as many MQLs a week as now: %(after)s, now %(before)s.") % said)
    elif after > before:
        yield Sentence(_("%(n)s more MQLs a week: %(after)s instead of %(before)s.") % said)
    else:
        yield Sentence(_("%(n)s fewer MQLs a week: %(after)s instead of %(before)s.") % said)
    if at_once := result["changed"]["at_start"]:
        words = ngettext(
            "Besides, %(n)d lead that stands above the bar already qualifies on the first day.",
            "Besides, %(n)d leads that stand above the bar already qualify on the first day.",
            at_once,
        )
        yield Sentence(words % {"n": at_once})


def _who(counts: Mapping[str, int]) -> Iterator[Sentence]:
    gained, lost = counts.get("gained", 0), counts.get("lost", 0)
    if gained:
        words = ngettext(
            "%(n)d lead would qualify that does not now.",
            "%(n)d leads would qualify that do not now.",
            gained,
        )
        yield Sentence(words % {"n": gained})
    if lost:
        words = ngettext(
            "%(n)d lead would not qualify any more.", "%(n)d leads would not qualify any more.", lost
        )
        yield Sentence(words % {"n": lost})


# -- people ---------------------------------------------------------------------------------------


def _people(result: Figures, names: Mapping[int, str]) -> Iterator[Sentence]:
    before, after = _full(result["present"]), _full(result["changed"])
    if fresh := after.keys() - before.keys():
        first = min(after[user] for user in fresh)
        said = {"names": named(fresh, names), "day": formats.day(date.fromisoformat(first))}
        words = ngettext(
            "%(names)s is up to capacity every day from %(day)s on.",
            "%(names)s are up to capacity every day from %(day)s on.",
            len(fresh),
        )
        yield Sentence(words % said, "warn")
    if relieved := before.keys() - after.keys():
        words = ngettext(
            "%(names)s would not be up to capacity any more.",
            "%(names)s would not be up to capacity any more.",
            len(relieved),
        )
        yield Sentence(words % {"names": named(relieved, names)}, "ok")


def _full(side: Figures) -> dict[int, str]:
    return {rep["user"]: rep["full_from"] for rep in side["reps"] if rep["full_from"]}


def named(users: Iterable[int], names: Mapping[int, str]) -> str:
    """“Sato, Clarke and 2 more”; those the reader may not see are only counted."""
    known = sorted(who(user, names) for user in users if user in names or user < 0)
    rest = len(list(users)) - len(known[:NAMED])
    listed = formats_list(known[:NAMED])
    if not known:
        return ngettext("%(n)d person", "%(n)d people", rest) % {"n": rest}
    if not rest:
        return listed
    return ngettext("%(names)s and %(n)d more", "%(names)s and %(n)d more", rest) % {
        "names": listed,
        "n": rest,
    }


def formats_list(words: list[str]) -> str:
    separator = _(", ")
    if len(words) < 2:
        return "".join(words)
    return _("%(first)s and %(last)s") % {"first": separator.join(words[:-1]), "last": words[-1]}


def who(user: int, names: Mapping[int, str]) -> str:
    """A person's name; a rep there is not yet has a number."""
    return _("New rep %(n)d") % {"n": -user} if user < 0 else names.get(user, _("Others"))


def _queue(result: Figures) -> Iterator[Sentence]:
    before, after = result["present"]["queue"]["peak"], result["changed"]["queue"]["peak"]
    if after > before:
        words = ngettext(
            "Up to %(n)d lead waits in the open queue at once, now up to %(before)d.",
            "Up to %(n)d leads wait in the open queue at once, now up to %(before)d.",
            after,
        )
        yield Sentence(words % {"n": after, "before": before}, "warn")


# -- promises -------------------------------------------------------------------------------------


def late_share(late: Figures) -> float | None:
    cases = late["judged"] + late["of_expected"]
    return (late["late"] + late["expected"]) / cases if cases else None


def _late(result: Figures) -> Iterator[Sentence]:
    before, after = (result[side]["late"]["response"] for side in ("present", "changed"))
    was, would = late_share(before), late_share(after)
    if was is None or would is None:
        return
    said = {
        "after": _number(after["late"] + after["expected"]),
        "share": formats.percent(would),
        "before": _number(before["late"] + before["expected"]),
        "was": formats.percent(was),
    }
    tone = "warn" if would > was + 0.005 else "ok" if would < was - 0.005 else "plain"
    words = _("The first contact comes late %(after)s times (%(share)s), now %(before)s times (%(was)s).")
    yield Sentence(words % said, tone)


def _accepted(result: Figures) -> Iterator[Sentence]:
    before, after = result["present"]["accepted"], result["changed"]["accepted"]
    decided = after["accepted"] + after["rejected"] + after["of_expected"]
    if not decided or not before["accepted"] + before["rejected"] + before["of_expected"]:
        return
    said = {"after": formats.percent(after["rate"]), "before": formats.percent(before["rate"])}
    text = _("Sales accepts %(after)s of what it is given, now %(before)s.") % said
    if after["of_expected"]:
        low, high = ((after["accepted"] + after[end]) / decided for end in ("low", "high"))
        between = {"low": formats.percent(low), "high": formats.percent(high)}
        text += " " + _("With what is only expected, it lies between %(low)s and %(high)s.") % between
    yield Sentence(text)


def _promised(result: Figures) -> Iterator[Sentence]:
    months = result["changed"]["months"]
    if not months:
        return
    kept, before = (sum(month["kept"] for month in result[side]["months"]) for side in ("changed", "present"))
    said = {"kept": kept, "n": len(months), "before": before}
    tone = "ok" if kept > before else "warn" if kept < before else "plain"
    words = _("Marketing keeps its promise of MQLs in %(kept)d of %(n)d months, now in %(before)d.")
    yield Sentence(words % said, tone)


# -- how sure it is -------------------------------------------------------------------------------


def certainty(result: Figures) -> list[str]:
    """What of it is fact and what expectation, and how well the past is found again."""
    side, again = result["changed"], result["reproduction"]
    return [
        _how_known(side, result["experience"]),
        _(
            "Played under the agreements in force, the replay finds %(found)d of the %(mqls)d MQLs that really"
            " happened, at the same moment, and %(handoffs_found)d of %(handoffs)d handoffs with the same person,"
            " due times and end."
        )
        % {"found": again["mqls_found"], **again},
        *_taught(result),
    ]


def _how_known(side: Figures, experience: int) -> str:
    basis = {name: side["basis"].get(name, 0) for name in ("fact", "moved", "expected")}
    if basis["fact"] == side["handed_over"]:
        return _("All %(n)d handoffs went exactly as they really did.") % {"n": side["handed_over"]}
    return _(
        "Of %(n)d handoffs %(fact)d went exactly as they really did. %(moved)d really took place, at another time:"
        " sales answers them after as many working hours, with the same words; whether it accepts is only expected"
        " where the score is another. %(expected)d never took place:"
        " what becomes of them is expected from %(experience)d handoffs of the last year."
    ) % {"n": side["handed_over"], "experience": experience, **basis}


def _taught(result: Figures) -> Iterator[str]:
    """People did what was asked of them then."""
    before, after = result["present"]["terms"], result["changed"]["terms"]
    if any(before.get(name) != after.get(name) for name in ("attempts", "channels")):
        yield _(
            "Who was asked for another number of attempts made another number: how often the first contact would"
            " come late under the new rule is a guess at best."
        )


def span(run: SimulationRun) -> str:
    """The first and the last day of a run's period, where the agreement's calendar lies."""
    zone = ZoneInfo(run.agreement.calendar.time_zone)
    first, last = run.since.astimezone(zone).date(), run.until.astimezone(zone).date() - timedelta(days=1)
    return f"{formats.day(first)} – {formats.day(last)}"
