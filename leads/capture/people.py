"""The person of each row, and their lead so far: found by e-mail, an id elsewhere or phone, or added."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from crm import directory
from crm.arrays import literal
from crm.models import User
from crm.records import Person
from crm.statements import Question
from leads.capture.entries import Entry
from leads.models import OPEN_STAGES

# Where several are found by one key who stands goes before who was merged, then the oldest: see `_last_counts`.
_WAYS = {
    "email": """
        SELECT 'email', email_key, id, 1, id FROM crm_contact
         WHERE email_key = ANY(%(email)s) AND email_key <> '' AND merged_into_id IS NULL
        UNION ALL
        SELECT 'email', email_key, merged_into_id, 0, id FROM crm_contact
         WHERE email_key = ANY(%(email)s) AND merged_into_id IS NOT NULL
    """,
    "external": """
        SELECT 'external', external_id, coalesce(merged_into_id, id), 0, id FROM crm_contact
         WHERE external_id = ANY(%(external)s) AND external_id <> ''
        UNION ALL
        SELECT 'external', external_id, contact_id, 1, id FROM leads_lead
         WHERE external_id = ANY(%(external)s) AND external_id <> ''
    """,
    "phone": """
        SELECT 'phone', phone_key, id, 1, id FROM crm_contact
         WHERE phone_key = ANY(%(phone)s) AND phone_key <> '' AND merged_into_id IS NULL
    """,
}
# Their lead is the open one, else the newest (a customer's, say).
_FOUND = """
    SELECT told.way, told.key, lead.id, person.account_id, person.owner_id, person.email, person.email_key,
           person.first_name, person.last_name, person.job_title, person.department, person.stakeholder_role,
           person.phone, person.phone_key, person.external_id, person.consent, person.id, told.rank, told.age
      FROM ({ways}) AS told (way, key, person, rank, age)
      JOIN crm_contact person ON person.id = told.person
      LEFT JOIN LATERAL (
           SELECT lead.id FROM leads_lead lead
            WHERE lead.contact_id = person.id AND lead.merged_into_id IS NULL
            ORDER BY lead.stage = ANY(%(open)s) DESC, lead.id DESC LIMIT 1
      ) lead ON true
"""
_OPEN = [stage.value for stage in OPEN_STAGES]


def question(entries: Sequence[Entry]) -> Question:
    """Who is known of those that entries tell of, and their lead so far."""
    told = {
        "email": {entry.email_key for entry in entries} - {""},
        "external": {entry.row.external_id for entry in entries} - {""},
        "phone": {entry.phone_key for entry in entries if not entry.email_key} - {""},
    }
    keys: dict[str, Any] = {way: literal(sorted(values)) for way, values in told.items() if values}
    ways = " UNION ALL ".join(_WAYS[way] for way in keys)
    return Question(_FOUND.format(ways=ways), keys | {"open": literal(_OPEN)})


def find_or_add(entries: Sequence[Entry], answer: Iterable[Any], *, by: User | None, at: datetime) -> People:
    """Give each entry its person; those that are missing are added, as the first row about them says.

    The `answer` is that to `question`.
    """
    known = People(entries, answer)
    missing = {entry.person_key: entry for entry in reversed(entries) if known.find(entry) is None}
    rows = {key: _new(entry, at) for key, entry in missing.items()}
    added = directory.add_contacts(list(rows.values()), by=by, at=at) if rows else []
    if len(added) < len(missing):  # somebody else added one meanwhile
        known.look_up()
    known.add(added)
    known.introduced = {missing[key].index for key, row in rows.items() if row.pk}
    for entry in entries:
        entry.person = known.of(entry)
    return known


def _new(entry: Entry, at: datetime) -> Person:
    row = entry.row
    return Person(
        account_id=entry.company.pk if entry.company else None,
        email=row.email,
        email_key=entry.email_key,
        first_name=row.first_name,
        last_name=row.last_name,
        job_title=row.job_title,
        department=row.department,
        stakeholder_role=row.stakeholder_role,
        phone=row.phone,
        phone_key=entry.phone_key,
        external_id="" if entry.email_key else row.external_id,
        consent=row.consent_state,
        consent_at=None if row.consent is None else at,
        consent_text=row.consent_text,
    )


class People:
    """People a batch may mean, and `leads`, the lead of each by their key."""

    def __init__(self, entries: Sequence[Entry], answer: Iterable[Any]) -> None:
        self._entries = entries
        self.introduced: set[int] = set()  # indexes of the entries that told of somebody new
        self._read(answer)

    def look_up(self) -> None:
        """Again, as somebody else has added one meanwhile."""
        self._read(question(self._entries).ask())

    def _read(self, answer: Iterable[Any]) -> None:
        self._by: dict[str, dict[str, Person]] = {way: {} for way in _WAYS}
        self.leads: dict[int, int] = {}
        by_key: dict[int, Person] = {}
        for way, key, lead, *columns, _rank, _age in sorted(answer, key=_last_counts):
            person = by_key.setdefault(columns[-1], Person(*columns))
            self._by[way][key] = person
            if lead:
                self.leads[person.pk] = lead

    def add(self, rows: Iterable[Person]) -> None:
        """People just added; of two with one phone number the older is meant."""
        for row in sorted(rows, key=attrgetter("pk")):
            for way, key in (
                ("email", row.email_key),
                ("external", row.external_id),
                ("phone", row.phone_key),
            ):
                if key:
                    self._by[way].setdefault(key, row)

    def find(self, entry: Entry) -> Person | None:
        by_email = self._by["email"].get(entry.email_key)
        if by_email is not None:
            return by_email
        by_external = self._by["external"].get(entry.row.external_id)
        if by_external is not None:
            return by_external
        is_told_by_phone = not entry.email_key and not entry.row.external_id
        return self._by["phone"].get(entry.phone_key) if is_told_by_phone else None

    def of(self, entry: Entry) -> Person:
        person = self.find(entry)
        assert person is not None, "the person was just added, or somebody else added them"
        return person

    def lead_of(self, entry: Entry) -> int:
        return self.leads[entry.person.pk]


def _last_counts(found: Any) -> tuple[int, int]:
    *_told, rank, age = found
    return rank, -age
