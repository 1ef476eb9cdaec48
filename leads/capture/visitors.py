"""Who a visitor is: by a cookie that only this browser has, or by a link that only their mailbox has.

A cookie knows what this browser told; what the database knows of the person counts only for who came by a mailed
link. Otherwise anybody could type somebody's address and learn from the next form what is known of them.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from django.core import signing

from crm.models import Consent, Contact
from leads.models import FieldName, Visitor

KEPT, KEPT_UNKNOWN = timedelta(days=365), timedelta(days=180)
LINK_DAYS = 180
_LINK = "leads.visitors.link"


def new_id() -> str:
    return secrets.token_urlsafe(32)


def key_of(visitor_id: str) -> str:
    return sha256(visitor_id.encode(errors="replace")).hexdigest()


def mail_key(contact: Contact, *, at: datetime) -> str:
    """What a mailed link carries as `?k=`: it proves the mailbox, and shows nothing."""
    return signing.dumps([contact.pk, int(at.timestamp())], salt=_LINK, compress=False)


def person_of(key: str, *, at: datetime) -> Contact | None:
    """The contact a mailed link was sent to, or the one they were merged into."""
    try:
        pk, sent = signing.loads(key[:400], salt=_LINK)
        is_fresh = 0 <= at.timestamp() - int(sent) <= LINK_DAYS * 86_400
    except (signing.BadSignature, ValueError, TypeError):
        return None
    rows = Contact.objects.filter(pk=pk).select_related("account", "merged_into__account")
    found = rows.first() if is_fresh else None
    return found.merged_into or found if found else None


@dataclass(frozen=True, slots=True)
class Known:
    """Who is taken to be there, and what must not be asked again."""

    contact: Contact | None = None
    told: frozenset[str] = frozenset()
    is_proven: bool = False

    def has_agreed(self, consent: int | None, *, is_required: bool) -> bool:
        """Whether they need not be asked for this consent once more; a browser is no proof where it is required."""
        if self.contact is None:
            return False
        if self.is_proven:
            return self.contact.consent == Consent.GRANTED
        return agreement(consent) in self.told and not is_required

    @property
    def fields(self) -> set[str]:
        if self.contact is None:
            return set()
        address = {"email"} if self.contact.email_key else set()
        return set(self.told) | address | (_stored(self.contact) if self.is_proven else set())


def agreement(consent: int | None) -> str:
    """How a browser's memory calls the consent text it agreed to."""
    return f"agree:{consent or 0}"


def recognise(visitor_id: str, *, mail_key: str = "", at: datetime) -> Known:
    """A mailed link goes before a cookie: it is the stronger proof."""
    if mail_key and (contact := person_of(mail_key, at=at)):
        return Known(contact, is_proven=True)
    rows = Visitor.objects.select_related("contact__account", "contact__merged_into__account")
    row = rows.filter(key=key_of(visitor_id)).first() if visitor_id else None
    contact = row.contact if row else None
    if row is None or contact is None:
        return Known()
    return Known(contact.merged_into or contact, frozenset(row.told), row.is_proven)


def remember(
    visitor_id: str, contact: Contact | None, *, told: Iterable[str], is_proven: bool = False, at: datetime
) -> Visitor:
    """Know this browser again as this person; another person's browser starts anew."""
    row, _made = Visitor.objects.get_or_create(key=key_of(visitor_id), defaults={"seen_at": at})
    is_same = contact is not None and row.contact_id == contact.pk
    known = set(row.told) if is_same or row.contact_id is None else set()
    row.contact, row.told, row.seen_at = contact, sorted(known | set(told)), at
    row.is_proven = is_proven or (row.is_proven and is_same)
    row.save(update_fields=["contact", "told", "seen_at", "is_proven"])
    return row


def forget(visitor_id: str) -> None:
    """“Not you?”: this browser is nobody again."""
    Visitor.objects.filter(key=key_of(visitor_id)).delete()


def forget_old(*, at: datetime) -> None:
    Visitor.objects.filter(seen_at__lt=at - KEPT).delete()
    Visitor.objects.filter(seen_at__lt=at - KEPT_UNKNOWN, contact=None).delete()


def _stored(contact: Contact) -> set[str]:
    account = contact.account
    values = {
        FieldName.LAST_NAME: contact.last_name,
        FieldName.FIRST_NAME: contact.first_name,
        FieldName.JOB_TITLE: contact.job_title,
        FieldName.DEPARTMENT: contact.department,
        FieldName.ROLE: contact.stakeholder_role,
        FieldName.PHONE: contact.phone,
        FieldName.COMPANY: account,
        FieldName.INDUSTRY: account.industry if account else "",
        FieldName.EMPLOYEES: account.employee_count if account else None,
        FieldName.COUNTRY: account.country if account else "",
    }
    return {name.value for name, value in values.items() if value not in (None, "")}
