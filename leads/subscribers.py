"""What follows from news about people, companies and content: leads fit or count anew, at once, and may qualify."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from crm import ledger
from crm.models import MergeRecord, RecordKind
from leads import lifecycle
from leads.models import Lead
from leads.scoring import force, recounting, versions


def contacts_edited(contacts: list[int], at: datetime) -> None:
    _follow(Lead.objects.standing().filter(contact__in=contacts).values_list("pk", flat=True), at)


def accounts_edited(accounts: list[int], at: datetime) -> None:
    _follow(Lead.objects.standing().filter(account__in=accounts).values_list("pk", flat=True), at)


def accounts_joined(losers: list[int], at: datetime) -> None:
    """Two companies became one, or two again: their leads are weighed by what each company is now."""
    records = MergeRecord.objects.filter(kind=RecordKind.ACCOUNT, loser__in=losers)
    accounts_edited([pk for pair in records.values_list("loser", "winner") for pk in pair], at)


def customers_won(leads: list[int], at: datetime) -> None:
    """Colleagues of a new customer may be kept from sales by that."""
    accounts = Lead.objects.filter(pk__in=leads, account__isnull=False).values("account")
    beside = Lead.objects.standing().filter(account__in=accounts).exclude(pk__in=leads)
    _follow(beside.values_list("pk", flat=True), at)


def assets_edited(assets: list[int], at: datetime) -> None:
    """What was done with an asset that is for other phases now may give other points."""
    for leads in versions.concerned_by(assets):
        with transaction.atomic():
            force.change()  # whoever counts by the phases as they were has ended, and is seen
            recounting.hold(leads)
            versions.recount(leads, versions.in_force(), resum_all=True)
            lifecycle.qualify(leads, at=at)


def _follow(found: Iterable[int], at: datetime) -> None:
    leads = sorted(found)
    if leads:
        versions.refit(leads)
        lifecycle.qualify(leads, at=at)


def register() -> None:
    ledger.subscribe("asset.edited", assets_edited)
    ledger.subscribe("contact.edited", contacts_edited)
    ledger.subscribe("account.edited", accounts_edited)
    ledger.subscribe("account.merged", accounts_joined)
    ledger.subscribe("account.unmerged", accounts_joined)
    ledger.subscribe("lead.customer", customers_won)
