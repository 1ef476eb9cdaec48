"""The lead of each row: the one its person has, or a new one, scored as it is written."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime

from crm import ledger
from crm.bulk import Follower, insert_new
from crm.models import User
from crm.records import Company
from leads import segments
from leads.capture.entries import Entry
from leads.capture.people import People
from leads.models import Lead, LeadScore, Stage
from leads.scoring.versions import FITTED, Fitted, Fitting, Rules


@dataclass(slots=True)
class Begun:
    """The leads that were made now, and those of them whose company is not in hand to be fitted by."""

    leads: set[int] = field(default_factory=set)
    unfitted: set[int] = field(default_factory=set)


def begin(
    entries: Sequence[Entry],
    people: People,
    new_companies: Set[int],
    rules: Rules,
    *,
    by: User | None,
    at: datetime,
    is_past: bool,
) -> Begun:
    """Give a lead to every person without one. With `is_past` they start as MQLs that nobody is called to act on."""
    missing = {entry.person.pk: entry for entry in reversed(entries) if entry.person.pk not in people.leads}
    if not missing:
        return Begun()
    rows = [entry for _pk, entry in sorted(missing.items())]
    scores = _Scores(rules, new_companies)
    made = _insert(rows, scores, at, is_past)
    if len(made) < len(rows):  # somebody else began one meanwhile, or the id they come with is another lead's
        people.look_up()
        begun = people.leads.keys() | {entry.person.pk for entry in made.values()}
        left = [entry for entry in rows if entry.person.pk not in begun]
        made |= _insert(left, scores, at, is_past, with_ids=False) if left else {}
    people.leads |= {entry.person.pk: pk for pk, entry in made.items()}
    unfitted = {pk for pk, entry in made.items() if scores.of(entry) is None}
    segments.place(made.keys() - unfitted, rules.segments)
    ledger.record([_fact(pk, entry, by, at, is_past) for pk, entry in made.items()])
    return Begun(set(made), unfitted)


def _insert(
    rows: Sequence[Entry], scores: _Scores, at: datetime, is_past: bool, *, with_ids: bool = True
) -> dict[int, Entry]:
    """The leads that could be made, by their key; each with its score."""
    columns = _columns(rows, at, is_past)
    if not with_ids:
        columns["external_id"] = [""] * len(rows)
    made = insert_new(Lead, columns, follower=Follower(LeadScore, "lead", scores.columns(rows)))
    return {pk: rows[place] for place, pk in made.items()}


def _columns(rows: Sequence[Entry], at: datetime, is_past: bool) -> dict[str, list[object]]:
    told, people, count = [entry.row for entry in rows], [entry.person for entry in rows], len(rows)
    came = [row.captured_at or at for row in told]
    return {
        "contact": [person.pk for person in people],
        "account": [person.account_id for person in people],
        "stage": [_stage(is_past)] * count,
        "stage_at": [*came],
        "captured_at": [*came],
        "qualified_at": [*came] if is_past else [None] * count,
        "rounds": [0] * count,
        "source": [row.source for row in told],
        "medium": [row.medium for row in told],
        "campaign": [row.campaign for row in told],
        "external_id": [row.external_id for row in told],
        "updated_at": [at] * count,
    }


def _stage(is_past: bool) -> str:
    return (Stage.MQL if is_past else Stage.INQUIRY).value


def _fact(pk: int, entry: Entry, by: User | None, at: datetime, is_past: bool) -> ledger.Fact:
    return ledger.Fact(
        kind="lead.imported" if is_past else "lead.captured",
        subject=("lead", pk),
        at=entry.row.captured_at or at,
        actor=by,
        account_id=entry.person.account_id,
        contact_id=entry.person.pk,
        to_state=_stage(is_past),
        data={"source": entry.row.source, "campaign": entry.row.campaign},
    )


# -- their scores ---------------------------------------------------------------------------------

_NONE = Company(name="", name_key="")  # of who names none


class _Scores:
    """Scores of new leads by the rules in force, fitted by what is in hand."""

    def __init__(self, rules: Rules, new_companies: Set[int]) -> None:
        self._fitting, self._new_companies = Fitting(rules), new_companies
        self._found: dict[int, Fitted | None] = {}

    def columns(self, rows: Sequence[Entry]) -> dict[str, list[object]]:
        neutral: Fitted = (1.0, "C", "")
        fits = zip(*(self.of(entry) or neutral for entry in rows), strict=True)
        zeros = [0.0] * len(rows)
        return {"engagement": zeros, "floor": zeros, **dict(zip(FITTED, map(list, fits), strict=True))}

    def of(self, entry: Entry) -> Fitted | None:
        """None where the person's company is another than was told, or its other leads have a say."""
        if entry.index not in self._found:
            self._found[entry.index] = self._worked_out(entry)
        return self._found[entry.index]

    def _worked_out(self, entry: Entry) -> Fitted | None:
        person, company = entry.person, entry.company or _NONE
        if company.pk != (person.account_id or 0):
            return None
        is_known = company is not _NONE and company.pk not in self._new_companies
        if is_known and self._fitting.rules.asks_for_customers:
            return None
        return self._fitting.of(
            company.industry, company.employee_count, company.country, company.name, person.job_title,
            person.department, person.stakeholder_role, person.consent, person.email_key, False,
        )  # fmt: skip
