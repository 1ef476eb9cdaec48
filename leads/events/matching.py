"""Which open lead a message from outside means, for a whole batch in a few queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any, Protocol

from crm.identity import lookup_key
from crm.models import Contact, User
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


def find_leads(rows: Sequence[NamesPerson], *, by: User | None) -> list[int | None]:
    """The id of the lead each row means, or None; leads `by` may not see are not found."""
    seen = Lead.objects.all() if by is None else Lead.objects.visible_to(by)
    emails = [lookup_key(row.email) if row.email else "" for row in rows]
    # Of the person who has the address now: those who had it before are found by `_by_old_email`.
    by_email = _lookup(seen.filter(contact__merged_into=None), "contact__email_key", set(emails))
    by_email |= _by_old_email(seen, {email for email in emails if email and email not in by_email})
    found = [by_email.get(email) for email in emails]
    contacts = [row.contact for row in rows]
    by_contact = _lookup(seen, "contact", set(contacts))
    by_contact |= _by_old_contact(seen, {pk for pk in contacts if pk and pk not in by_contact})
    found = _rather(by_contact, contacts, found)
    names = [row.lead_external_id for row in rows]
    found = _rather(_lookup(seen, "external_id", set(names)), names, found)
    ids = [row.lead for row in rows]
    return _rather(_lookup(seen, "pk", set(ids)), ids, found)


def _rather(known: Mapping[Any, int], told: Sequence[Any], found: list[int | None]) -> list[int | None]:
    """Who is meant in a surer way goes before whom was found until now."""
    if not known:
        return found
    return [known.get(value) or before for value, before in zip(told, found, strict=True)]


def _lookup(leads: Any, field: str, values: Set[Any]) -> dict[Any, int]:
    """Newest lead by a field's value; an open one goes before a closed one, a merged one leads to where it went."""
    wanted = values - {"", 0, None}
    if not wanted:
        return {}
    found = leads.filter(**{f"{field}__among": wanted}).order_by("pk")
    rows = found.values_list(field, "pk", "stage", "merged_into")
    best_last = sorted(rows, key=lambda row: (row[3] is None, row[2] not in ("customer", "disqualified")))
    return {value: into or pk for value, pk, _stage, into in best_last}


def _by_old_email(leads: Any, emails: Set[str]) -> dict[Any, int]:
    """By the address of a person who was merged into another."""
    return _by_old(leads, "email_key", emails)


def _by_old_contact(leads: Any, ids: Set[int]) -> dict[Any, int]:
    return _by_old(leads, "pk", ids)


def _by_old(leads: Any, field: str, values: Set[Any]) -> dict[Any, int]:
    if not values:
        return {}
    merged = Contact.objects.filter(merged_into__isnull=False, **{f"{field}__among": values})
    people = dict(merged.values_list(field, "merged_into"))
    found = _lookup(leads, "contact", set(people.values()))
    return {value: found[person] for value, person in people.items() if person in found}
