"""Which open lead a message from outside means, for a whole batch in a few queries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from crm.identity import lookup_key
from crm.models import User
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
    seen = Lead.objects.standing()
    if by is not None:
        seen = seen.visible_to(by)
    emails = [lookup_key(row.email) if row.email else "" for row in rows]
    by_id = _lookup(seen, "pk", (row.lead for row in rows))
    by_external = _lookup(seen, "external_id", (row.lead_external_id for row in rows))
    by_contact = _lookup(seen, "contact", (row.contact for row in rows))
    by_email = _lookup(seen, "contact__email_key", emails)
    return [
        by_id.get(row.lead)
        or by_external.get(row.lead_external_id)
        or by_contact.get(row.contact)
        or by_email.get(email)
        for row, email in zip(rows, emails, strict=True)
    ]


def _lookup(leads: Any, field: str, values: Iterable[Any]) -> dict[Any, int]:
    """Newest lead by a field's value; an open one goes before a closed one."""
    wanted = {value for value in values if value}
    if not wanted:
        return {}
    found = leads.filter(**{f"{field}__in": wanted}).order_by("pk").values_list(field, "pk", "stage")
    closed_first = sorted(found, key=lambda row: row[2] not in ("customer", "disqualified"))
    return {value: pk for value, pk, _stage in closed_first}
