"""A public file of leads with behaviour, attributes and outcome, read as samples: to show what a proposal reaches.

What sales wrote down afterwards, and what follows from it, is never read: a model that uses it has seen the answer.
`Select` and blank both mean unknown.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from typing import TextIO

from leads.scoring.fit import FitGrade, FitRule
from reports.scoring.samples import Leak, Sample

OUTCOME, KEY = "Converted", "Lead Number"
# Written by sales, or computed from what sales wrote. The last notable activity is the last one as sales edited it:
# its commonest value, “Modified”, is such an edit.
AFTERWARDS = (
    "Tags", "Lead Quality", "Lead Profile", "Asymmetrique Activity Index", "Asymmetrique Profile Index",
    "Asymmetrique Activity Score", "Asymmetrique Profile Score", "Last Notable Activity",
)  # fmt: skip
FIELDS = {
    "origin": "Lead Origin",
    "source": "Lead Source",
    "occupation": "What is your current occupation",
    "industry": "Specialization",
    "country": "Country",
    "city": "City",
    "no_mail": "Do Not Email",
    "heard_of_us": "How did you hear about X Education",
}
COUNTS = {"page_view": ("TotalVisits", 1.0), "minute_on_site": ("Total Time Spent on Website", 60.0)}
# Whoever stayed so many minutes in all did something of its own, as a site reports it: interest does not grow evenly.
STAYED = (5, 10, 15)
ONCE = {"came in": "Lead Origin", "last": "Last Activity"}
UNKNOWN = ("", "Select")
# Nobody visits so often; these are machines.
MOST = {"page_view": 20.0, "minute_on_site": 60.0}
# Points as a marketer would give them without looking at outcomes.
BY_HAND = {
    "page_view": 1.0, "minute_on_site": 1.0, "came in: landing page submission": 5.0, "came in: api": 5.0,
    "came in: lead add form": 20.0, "last: email opened": 3.0, "last: email link clicked": 5.0,
    "last: page visited on website": 2.0, "last: form submitted on website": 5.0, "last: sms sent": 5.0,
    "last: olark chat conversation": 2.0, "last: had a phone conversation": 10.0,
}  # fmt: skip
# And fit: somebody with a job can pay, a recommended one is half won.
FIT_BY_HAND = (
    FitRule("occupation", "is", ("working professional",), 20.0),
    FitRule("source", "in", ("reference", "welingak website"), 20.0),
    FitRule("no_mail", "is", ("yes",), -20.0),
)
GRADES_BY_HAND = (FitGrade("D", -1000.0, 0.5), FitGrade("C", 0.0, 1.0), FitGrade("A", 20.0, 2.0))


def read(file: TextIO, *, also: Sequence[str] = ()) -> list[Sample]:
    """Each line a sample. `also` names further columns to use as fields; one written afterwards raises `Leak`."""
    if leaking := sorted(set(also) & set(AFTERWARDS)):
        raise Leak(f"Recorded after the handoff, so it may not be used: {', '.join(leaking)}.")
    fields = FIELDS | {name: name for name in also}
    return [_sample(row, fields) for row in csv.DictReader(file)]


def _sample(row: Mapping[str, str], fields: Mapping[str, str]) -> Sample:
    known = {name: _known(row.get(column)) for name, column in fields.items()}
    return Sample(
        key=int(row[KEY]),
        came=row[OUTCOME] == "1",
        counts={(kind, None): amount for kind, amount in _counts(row).items()},
        fields={name: value for name, value in known.items() if value},
    )


def _counts(row: Mapping[str, str]) -> dict[str, float]:
    """Everybody came in once, one way or another: the capture is an event of its own, as it is in the product."""
    counts = {
        kind: min(MOST[kind], float(_known(row[column]) or 0) / unit)
        for kind, (column, unit) in COUNTS.items()
    }
    counts |= {f"stayed {minutes} minutes": 1.0 for minutes in STAYED if counts["minute_on_site"] >= minutes}
    for name, column in ONCE.items():
        if kind := _known(row[column]):
            counts[f"{name}: {kind}"] = 1.0
    return {kind: amount for kind, amount in counts.items() if amount}


def _known(value: str | None) -> str:
    text = (value or "").strip()
    return "" if text in UNKNOWN else text.casefold()
