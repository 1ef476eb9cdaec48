"""Which open lead a message from outside means, for a whole batch in a few queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any, Protocol

from crm import access
from crm.arrays import literal
from crm.identity import lookup_key
from crm.models import Contact, User
from crm.statements import Question
from leads.models import Lead


class NamesPerson(Protocol):
    """A row that names a person in one of four ways."""

    @property
    def email(self) -> str: ...
    @property
    def lead_external_id(self) -> str: ...
    @property
    def contact(self) -> int | None: ...
    @property
    def lead(self) -> int | None: ...


def _leads_by(value: str, but: str = "") -> str:
    """Asked for every event, hence without the ORM: making a statement anew takes it longer than running it."""
    return f"""
        SELECT {value}, lead.id, lead.stage, lead.merged_into_id
          FROM leads_lead lead JOIN crm_contact person ON person.id = lead.contact_id
         WHERE {value} = ANY(%(told)s) {but}
    """


# Of the person who has the address now: those who had it before are found by `_by_old`. Leads are looked up by an
# array of keys: of a join the planner would rather read all leads, once there are many.
_BY_EMAIL = """
    WITH person AS MATERIALIZED (
        SELECT id, email_key FROM crm_contact
         WHERE email_key = ANY(%(told)s) AND email_key <> '' AND merged_into_id IS NULL
    )
    SELECT person.email_key, lead.id, lead.stage, lead.merged_into_id
      FROM leads_lead lead JOIN person ON person.id = lead.contact_id
     WHERE lead.contact_id = ANY(ARRAY(SELECT id FROM person))
"""
_BY_EXTERNAL_ID = _leads_by("lead.external_id", "AND lead.external_id <> ''")
_BY_CONTACT, _BY_ID = _leads_by("lead.contact_id"), _leads_by("lead.id")


def find_leads(rows: Sequence[NamesPerson], *, by: User | None) -> list[int | None]:
    """The id of the lead each row means, or None; leads `by` may not see are not found."""
    search = Search(rows)
    return search.found(search.by_email.ask(), by)


class Search:
    """Whom rows mean, in two steps: most are told by their address, which can be asked beside something else."""

    def __init__(self, rows: Sequence[NamesPerson]) -> None:
        self._rows = rows
        told = [row.email for row in rows]
        keys = {email: lookup_key(email) if email else "" for email in set(told)}  # many tell of one person
        self._emails = list(map(keys.__getitem__, told))

    @property
    def by_email(self) -> Question:
        return Question(_BY_EMAIL, {"told": literal(list(set(self._emails) - {""}))})

    def found(self, answer: Iterable[Any], by: User | None) -> list[int | None]:
        """As `find_leads`, with what `by_email` answered."""
        emails, by_email = self._emails, _best(answer, by)
        by_email |= _by_old("email_key", {email for email in emails if email and email not in by_email}, by)
        found = [by_email.get(email) for email in emails]
        contacts = [row.contact for row in self._rows]
        by_contact = _lookup(_BY_CONTACT, set(contacts), by)
        by_contact |= _by_old("pk", {pk for pk in contacts if pk and pk not in by_contact}, by)
        found = _rather(by_contact, contacts, found)
        names = [row.lead_external_id for row in self._rows]
        found = _rather(_lookup(_BY_EXTERNAL_ID, set(names), by), names, found)
        ids = [row.lead for row in self._rows]
        return _rather(_lookup(_BY_ID, set(ids), by), ids, found)


def _rather(known: Mapping[Any, int], told: Sequence[Any], found: list[int | None]) -> list[int | None]:
    """Who is meant in a surer way goes before whom was found until now."""
    if not known:
        return found
    return [known.get(value) or before for value, before in zip(told, found, strict=True)]


def _lookup(statement: str, values: Set[Any], by: User | None) -> dict[Any, int]:
    wanted = values - {"", 0, None}
    return _best(Question(statement, {"told": literal(list(wanted))}).ask(), by) if wanted else {}


def _best(answer: Iterable[Any], by: User | None) -> dict[Any, int]:
    """Newest lead by a value; an open one goes before a closed one, a merged one leads to where it went."""
    best_last = sorted(_seen(answer, by), key=_standing)
    return {value: into or pk for value, pk, _stage, into in best_last}


def _standing(row: Any) -> tuple[bool, bool, int]:
    _value, pk, stage, into = row
    return into is None, stage not in ("customer", "disqualified"), pk


def _seen(answer: Iterable[Any], by: User | None) -> Iterable[Any]:
    if by is None or access.sees_everything(by):
        return answer
    rows = list(answer)
    seen = Lead.objects.visible_to(by).filter(pk__among={row[1] for row in rows})
    ids = set(seen.values_list("pk", flat=True))
    return [row for row in rows if row[1] in ids]


def _by_old(field: str, values: Set[Any], by: User | None) -> dict[Any, int]:
    """By what a person had who was merged into another."""
    if not values:
        return {}
    merged = Contact.objects.filter(merged_into__isnull=False, **{f"{field}__among": values})
    people = dict(merged.values_list(field, "merged_into"))
    found = _lookup(_BY_CONTACT, set(people.values()), by)
    return {value: found[person] for value, person in people.items() if person in found}
