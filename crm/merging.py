"""Two records of one person or company become one; nothing that is known about either is lost.

What points at the loser is moved by `crm.moving`, whatever its app; the merge record keeps what was moved and
overwritten (`crm.unmerging` takes it back). Rows are locked in the order of their keys.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from crm import access, duplicates, journal, ledger, moving
from crm.directory import derive_keys
from crm.keys import company_key
from crm.models import Account, Consent, Contact, MergeRecord, RecordKind, User
from crm.states import Refused

FILLED = (
    "account", "owner", "email", "first_name", "last_name", "job_title", "department", "stakeholder_role", "phone",
    "external_id",
)  # fmt: skip
ACCOUNT_FILLED = (
    "name", "domain", "industry", "employee_count", "country", "address", "corporate_number", "external_id",
    "owner",
)  # fmt: skip
# What others may still name a record by: the loser keeps what the winner gives up, and leads to the winner.
NAMED_BY = ("email", "phone", "external_id", "name", "domain", "corporate_number")
NAMES = ("first_name", "last_name")
MODELS: dict[str, type[Account] | type[Contact]] = {RecordKind.CONTACT: Contact, RecordKind.ACCOUNT: Account}


def merge_contacts(
    loser: Contact, winner: Contact, *, by: User | None, at: datetime, chosen: Collection[str] = ()
) -> Contact:
    """Fill what the winner lacks or is `chosen` of the loser, move what was done with it, let its id lead on.

    The journeys of both are merged by the layers above, which also keep the record that takes a merge back.
    """
    if loser.pk == winner.pk:
        return winner
    with transaction.atomic():
        loser, winner = _locked(Contact, loser.pk, winner.pk)
        values = _filled(loser, winner, FILLED, _with_whole_name(chosen)) | _stricter_consent(loser, winner)
        _exchange(loser, winner, values)
        moving.move(Contact, loser.pk, winner.pk)
        duplicates.settle(RecordKind.CONTACT, loser.pk, winner.pk, by=by, at=at)
        ledger.record([_contact_fact(loser, winner, sorted(values), by, at)])
    return winner


def merge_accounts(
    loser: Account,
    winner: Account,
    *,
    by: User | None,
    at: datetime,
    chosen: Collection[str] = (),
    rule: str = "",
) -> Account:
    """One company of two: its people, leads, deals, handoffs and who works it go to the winner."""
    with transaction.atomic():
        loser, winner = _locked(Account, loser.pk, winner.pk)
        _insist_on_one_company(loser, winner, by)
        before = journal.look(Account, [loser.pk, winner.pk])
        values = _filled(loser, winner, ACCOUNT_FILLED, chosen)
        _exchange(loser, winner, values)
        moving.move(Account, loser.pk, winner.pk)
        duplicates.settle(RecordKind.ACCOUNT, loser.pk, winner.pk, by=by, at=at)
        keep(RecordKind.ACCOUNT, loser.pk, winner.pk, before, by=by, at=at, rule=rule)
        ledger.record([_account_fact(loser, winner, sorted(values), by, at)])
    return winner


def keep(
    kind: str,
    loser: int,
    winner: int,
    before: journal.Rows,
    *,
    by: User | None,
    at: datetime,
    rule: str = "",
) -> MergeRecord:
    """Write down what a merge changed since `before` was looked at."""
    after = journal.look(MODELS[kind], [loser, winner], below=kind == RecordKind.CONTACT)
    told = journal.difference(before, after)
    record: MergeRecord = MergeRecord.objects.create(
        kind=kind, loser=loser, winner=winner, journal=told, merged_by=by, merged_at=at, rule=rule
    )
    return record


def insist_may_merge(row: Account | Contact, by: User | None) -> None:
    """Marketing and administrators, the owner, or the owner's manager; a rule has nobody's name."""
    if by is None or access.sees_everything(by) or access.may_work(by, row.owner_id):
        return
    raise PermissionDenied(
        _("You may merge only records you own. Ask their owner, marketing or an administrator.")
    )


def _locked(model: Any, loser: int, winner: int) -> tuple[Any, Any]:
    rows = model.objects.select_for_update(no_key=True).order_by("pk").in_bulk([loser, winner])
    return rows[loser], rows[winner]


def _insist_on_one_company(loser: Account, winner: Account, by: User | None) -> None:
    for row in (loser, winner):
        insist_may_merge(row, by)
    if loser.pk == winner.pk:
        raise Refused(_("A company cannot be merged into itself. Choose the other record."), field="into")
    insist_both_stand(loser, winner)
    numbers = {loser.corporate_number, winner.corporate_number} - {""}
    if len(numbers) > 1:
        message = _(
            "Their corporate numbers differ: these are two companies. Correct the wrong number first."
        )
        raise Refused(message, field="into", code="conflict")


def insist_both_stand(loser: Account | Contact, winner: Account | Contact) -> None:
    """Neither was merged away in the meantime."""
    if loser.merged_into_id or winner.merged_into_id:
        message = _("One of them has been merged already. Load the page again to see where it is now.")
        raise Refused(message, field="into", code="conflict")


def _with_whole_name(chosen: Collection[str]) -> set[str]:
    """Family and given name are one choice."""
    return {*chosen, *(NAMES if set(NAMES) & set(chosen) else ())}


def _filled(loser: Any, winner: Any, fields: Collection[str], chosen: Collection[str]) -> dict[str, Any]:
    """What the loser knows and the winner does not, or is wanted of the loser."""
    return {
        name: getattr(loser, name)
        for name in fields
        if getattr(loser, name) not in (None, "") and (name in chosen or getattr(winner, name) in (None, ""))
        and getattr(loser, name) != getattr(winner, name)
    }  # fmt: skip


def _stricter_consent(loser: Contact, winner: Contact) -> dict[str, Any]:
    """Whoever withdrew consent under one record has withdrawn it; a given one fills an unknown one."""
    order = (Consent.WITHDRAWN, Consent.GRANTED, Consent.UNKNOWN)
    if order.index(Consent(loser.consent)) >= order.index(Consent(winner.consent)):
        return {}
    return {name: getattr(loser, name) for name in ("consent", "consent_at", "consent_text")}


def _exchange(loser: Any, winner: Any, values: dict[str, Any]) -> None:
    """The winner takes values; what it is no longer named by stays with the loser, which leads to it.

    In three steps, because an address, a domain and an external id belong to one standing record at a time.
    """
    given_up = {name: getattr(winner, name) for name in values if name in NAMED_BY}
    loser.merged_into = winner
    own_id, loser.external_id = loser.external_id, ""
    loser.save()
    for name, value in values.items():
        setattr(winner, name, value)
    _keyed(winner).save()
    loser.external_id = own_id
    for name, value in given_up.items():
        setattr(loser, name, value)
    _keyed(loser).save()


def _keyed(row: Any) -> Any:
    if isinstance(row, Contact):
        derive_keys(row)
    else:
        row.name_key = company_key(row.name)[:200]
    return row


def _contact_fact(
    loser: Contact, winner: Contact, filled: list[str], by: User | None, at: datetime
) -> ledger.Fact:
    return ledger.Fact(
        kind="contact.merged",
        subject=("contact", loser.pk),
        at=at,
        actor=by,
        account_id=winner.account_id,
        contact_id=winner.pk,
        data={"into": winner.pk, "filled": filled},
    )


def _account_fact(
    loser: Account, winner: Account, filled: list[str], by: User | None, at: datetime
) -> ledger.Fact:
    return ledger.Fact(
        kind="account.merged",
        subject=("account", loser.pk),
        at=at,
        actor=by,
        account_id=winner.pk,
        data={"into": winner.pk, "filled": filled},
    )
