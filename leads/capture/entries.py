"""A checked row on its way in, with what tells its person and its company worked out once. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from crm.domains import is_free_mail
from crm.keys import company_key
from crm.records import Company, Person
from leads.capture.intake import Checked, Inquiry


@dataclass(slots=True)
class Entry:
    """`domain` tells the company, unless anybody can have an address there.

    `company` and `person` are who it is about, once they are found; a row need not name a company.
    """

    index: int
    row: Inquiry
    email_key: str
    phone_key: str
    domain: str
    company_key: str
    company: Company | None = None
    person: Person = field(init=False)

    @property
    def person_key(self) -> tuple[str, str]:
        """What tells the person: e-mail, else external id, else phone."""
        if self.email_key:
            return "email", self.email_key
        return ("external", self.row.external_id) if self.row.external_id else ("phone", self.phone_key)

    @property
    def names_company(self) -> bool:
        return bool(self.row.company or self.row.corporate_number)


def entry_of(index: int, checked: Checked) -> Entry:
    row = checked.row
    domain = row.domain or checked.email_key.rpartition("@")[2]
    return Entry(
        index,
        row,
        checked.email_key,
        checked.phone_key,
        "" if is_free_mail(domain) else domain,
        company_key(row.company)[:200] if row.company else "",
    )
