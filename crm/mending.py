"""One detail set for many companies or people at once; the ledger keeps each change as it keeps a single one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from crm import ledger
from crm.models import Account, Contact, User

# Details that may be the same for many: no keys are derived from them, and no two records exclude each other.
OF_ACCOUNTS = ("industry", "employee_count", "country")
OF_CONTACTS = ("job_title", "stakeholder_role")


def set_for_accounts(
    accounts: Sequence[int], field: str, value: Any, *, by: User | None, at: datetime
) -> list[int]:
    """The accounts that had something else before, which is kept in the ledger beside the new value."""
    assert field in OF_ACCOUNTS, f"not for many: {field}"
    with transaction.atomic():
        rows = _differing(Account, accounts, field, value)
        Account.objects.filter(pk__in=[row.pk for row in rows]).update(**{field: value})
        ledger.record([_of_account(row, field, value, by, at) for row in rows])
    return [row.pk for row in rows]


def set_for_contacts(
    contacts: Sequence[int], field: str, value: Any, *, by: User | None, at: datetime
) -> list[int]:
    """The contacts that had something else before; of people the ledger keeps which field, not what was in it."""
    assert field in OF_CONTACTS, f"not for many: {field}"
    with transaction.atomic():
        rows = _differing(Contact, contacts, field, value)
        Contact.objects.filter(pk__in=[row.pk for row in rows]).update(**{field: value})
        ledger.record([_of_contact(row, field, by, at) for row in rows])
    return [row.pk for row in rows]


def _differing(model: Any, ids: Sequence[int], field: str, value: Any) -> list[Any]:
    rows = model.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True)
    return [row for row in rows if getattr(row, field) != value]


def _of_account(row: Account, field: str, value: Any, by: User | None, at: datetime) -> ledger.Fact:
    data = {field: [ledger.plain(getattr(row, field)), ledger.plain(value)]}
    return ledger.Fact(
        kind="account.edited", subject=("account", row.pk), at=at, actor=by, account_id=row.pk, data=data
    )


def _of_contact(row: Contact, field: str, by: User | None, at: datetime) -> ledger.Fact:
    return ledger.Fact(
        kind="contact.edited",
        subject=("contact", row.pk),
        at=at,
        actor=by,
        account_id=row.account_id,
        contact_id=row.pk,
        data={"fields": [field]},
    )
