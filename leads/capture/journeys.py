"""The lead of each row: the one its person has, or a new one, scored as it is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from crm import ledger
from crm.bulk import insert_columns, insert_new
from crm.models import User
from crm.records import Company, Person
from leads import segments
from leads.capture.companies import Companies
from leads.capture.entries import Entry
from leads.capture.people import People, key_of
from leads.models import Lead, LeadScore, Stage
from leads.scoring import versions
from leads.scoring.versions import FITTED, Fitted, Fitting


@dataclass(slots=True)
class Begun:
    """The leads that were made now, and those of them whose company is not in hand to be fitted by."""

    leads: set[int] = field(default_factory=set)
    unfitted: set[int] = field(default_factory=set)


@dataclass(slots=True)
class _New:
    entry: Entry
    person: Person
    company: Company | None

    @property
    def came_at(self) -> datetime | None:
        return self.entry.row.captured_at


def begin(
    entries: Sequence[Entry],
    companies: Companies,
    people: People,
    *,
    by: User | None,
    at: datetime,
    is_past: bool,
) -> Begun:
    """Give a lead to every person without one. With `is_past` they start as MQLs that nobody is called to act on."""
    missing: dict[int, _New] = {}
    for entry in reversed(entries):
        person = people.of(entry)
        if key_of(person) not in people.leads:
            missing[key_of(person)] = _New(entry, person, companies.of(entry))
    if not missing:
        return Begun()
    rows = [new for _pk, new in sorted(missing.items())]
    kept = insert_new(Lead, _columns(rows, at, is_past))
    made = {pk: rows[place] for place, pk in kept.items()}
    if len(made) < len(rows):  # somebody else began one meanwhile
        people.look_up()
    people.leads |= {key_of(new.person): pk for pk, new in made.items()}
    unfitted = _score(made, companies)
    ledger.record([_fact(pk, new, by, at, is_past) for pk, new in made.items()])
    return Begun(set(made), unfitted)


def _columns(rows: Sequence[_New], at: datetime, is_past: bool) -> dict[str, list[object]]:
    came, told = [new.came_at or at for new in rows], [new.entry.row for new in rows]
    count = len(rows)
    return {
        "contact": [new.person.pk for new in rows],
        "account": [new.person.account_id for new in rows],
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


def _fact(pk: int, new: _New, by: User | None, at: datetime, is_past: bool) -> ledger.Fact:
    return ledger.Fact(
        kind="lead.imported" if is_past else "lead.captured",
        subject=("lead", pk),
        at=new.came_at or at,
        actor=by,
        account_id=new.person.account_id,
        contact_id=new.person.pk,
        to_state=_stage(is_past),
        data={"source": new.entry.row.source, "campaign": new.entry.row.campaign},
    )


# Who names no company.
_NONE = Company(name="", name_key="")

# -- their scores ---------------------------------------------------------------------------------


def _score(made: dict[int, _New], companies: Companies) -> set[int]:
    """Write the scores, fitted by what is in hand; returns the leads for which that is not all."""
    if not made:
        return set()
    fitting = Fitting(versions.in_force())
    neutral: Fitted = (fitting.rules.model.pk, 1.0, "C", "")
    known = {pk: _fitted(new, companies, fitting) for pk, new in made.items()}
    fits = zip(*(fitted or neutral for fitted in known.values()), strict=True)
    zeros = [0.0] * len(made)
    insert_columns(
        LeadScore,
        {
            "lead": list(made),
            "engagement": zeros,
            "floor": zeros,
            **dict(zip(FITTED, map(list, fits), strict=True)),
        },
    )
    segments.place([pk for pk, fitted in known.items() if fitted])
    return {pk for pk, fitted in known.items() if not fitted}


def _fitted(new: _New, companies: Companies, fitting: Fitting) -> Fitted | None:
    """None where the person's company is another than was told, or its other leads have a say."""
    person, company = new.person, new.company or _NONE
    if company.pk != person.account_id:
        return None
    if fitting.rules.asks_for_customers and company is not _NONE and company.pk not in companies.fresh:
        return None
    return fitting.of(
        company.industry, company.employee_count, company.country, company.name, person.job_title, person.department,
        person.stakeholder_role, person.consent, person.email_key, False,
    )  # fmt: skip
