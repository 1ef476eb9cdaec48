"""The one door for new leads: form, API and CSV all come through here, as a batch.

Finds or creates company, person and lead. Who is known already is enriched: what is told now fills or
replaces what was known, and a blank never erases. The first touch (source, medium, campaign) stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from crm import ledger, nudges, statements
from crm.models import User
from leads import lifecycle
from leads.capture import companies, journeys, news, people, touches
from leads.capture.entries import Entry, entry_of
from leads.capture.intake import Complaint, Inquiry, checked
from leads.events import waiting
from leads.scoring import versions
from leads.scoring.versions import Rules

CREATED, UPDATED, UNCHANGED, REJECTED = "created", "updated", "unchanged", "rejected"


@dataclass(slots=True)
class Captured:
    """What became of one row."""

    index: int
    status: str
    lead: int | None = None
    complaints: list[Complaint] = field(default_factory=list)


def capture(
    rows: Sequence[Inquiry], *, by: User | None, at: datetime, historic_mql: bool = False
) -> list[Captured]:
    """Take in a batch; bad rows are named and the good ones kept.

    With `historic_mql` new leads start as MQLs of the past: sales is not told, and no clock runs.
    """
    results, good = _checked(rows, at)
    if not good:
        return results
    is_part = transaction.get_connection().in_atomic_block
    with transaction.atomic(), statements.planned_once(len(good)):
        rules, known = versions.held_beside(people.question(good), len(good))
        with ledger.together():
            new_companies = companies.find_or_add(good, by=by, at=at)
            persons = people.find_or_add(good, known, by=by, at=at)
            concerned = news.tell(good, persons.introduced, by=by, at=at)
            begun = journeys.begin(good, persons, new_companies, rules, by=by, at=at, is_past=historic_mql)
        told = [(persons.lead_of(entry), entry.row) for entry in good]
        touches.remember(told, fresh=begun.leads, at=at)
        changed = {persons.leads[person] for person in concerned}
        _follow(begun, concerned, rules, at)
        _look_for_behaviour(sorted(begun.leads | changed), at, at_once=is_part)
        if begun.leads:
            nudges.happened("lead.captured")
    _answer(results, good, persons, begun.leads, changed)
    return results


def _checked(rows: Sequence[Inquiry], at: datetime) -> tuple[list[Captured], list[Entry]]:
    found = checked(rows, at=at)
    results = [Captured(index, REJECTED, complaints=row.complaints) for index, row in enumerate(found)]
    return results, [entry_of(index, row) for index, row in enumerate(found) if not row.complaints]


def _follow(begun: journeys.Begun, concerned: set[int], rules: Rules, at: datetime) -> None:
    """Fit the leads of people of whom something is new; who had points before may qualify by it."""
    known = news.follow(concerned) if concerned else []
    if known or begun.unfitted:
        versions.refit(begun.unfitted.union(known), rules)
    if known:
        lifecycle.qualify(known, at=at, decay=rules.decay)


def _look_for_behaviour(leads: list[int], at: datetime, *, at_once: bool) -> None:
    """What waits for these people: after the commit, which finds also what was kept while they were on their way in.

    Where the caller has more to do in this transaction, and may tell of it, also `at_once`.
    """
    if leads and at_once:
        waiting.attach(leads, at=at)
    if leads:
        transaction.on_commit(lambda: waiting.attach(leads, at=at), robust=True)


def _answer(
    results: list[Captured],
    entries: Sequence[Entry],
    persons: people.People,
    created: set[int],
    changed: set[int],
) -> None:
    fresh = set(created)
    for entry in entries:
        lead = persons.lead_of(entry)
        status = CREATED if lead in fresh else UPDATED if lead in changed else UNCHANGED
        fresh.discard(lead)  # a second row about the same person in one batch updates the first
        results[entry.index] = Captured(entry.index, status, lead)
