"""Search over what the user may see: people, companies, deals. Two characters are enough; few hits per kind.

It takes as long in a large company as in a small one: what has a common word is found among the newest records, what
has a rare one by the index. Who sees a part of the records is searched for in that part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from crm import access, finding, grams
from crm.components.faces import Words
from crm.models import Account, Contact, User
from deals.models import Deal
from leads.models import Lead

PER_KIND, SHORTEST = 8, 2


@dataclass(frozen=True, slots=True)
class Hit:
    name: str
    beside: str
    url: str
    icon: str


@dataclass(frozen=True, slots=True)
class Group:
    label: Words
    hits: list[Hit]


def find(user: User, text: str) -> list[Group]:
    """Groups that have hits. Every word has to be found somewhere in the record."""
    words = grams.words(text)
    if sum(map(len, words)) < SHORTEST:
        return []
    people, companies, deals = _found(user, words)
    groups = [
        Group(_("People"), _people(user, people)),
        Group(_("Companies"), _companies(companies)),
        Group(_("Deals"), _deals(deals)),
    ]
    return [group for group in groups if group.hits]


def _found(user: User, words: Sequence[str]) -> list[list[int]]:
    """Keys of the newest of each kind that the user sees and that hold every word."""
    leads = Lead.objects.visible_to(user).standing().filter(contact=OuterRef("pk"))
    people = Contact.objects.visible_to(user).standing().alias(lead=Subquery(leads.values("pk")[:1]))
    people = people.filter(Q(account__isnull=False) | Q(lead__isnull=False))
    kinds = (people, Account.objects.visible_to(user).standing(), Deal.objects.visible_to(user))
    find = finding.among_all if access.sees_everything(user) else finding.among_some
    return find(kinds, words, most=PER_KIND)


def _people(user: User, keys: Sequence[int]) -> list[Hit]:
    """A person leads to their newest lead, or to their company."""
    rows = Contact.objects.filter(pk__among=keys).select_related("account").order_by("-pk")
    leads = Lead.objects.visible_to(user).standing().filter(contact__among=keys).order_by("pk")
    newest = dict(leads.values_list("contact", "pk"))
    return [_person(row, newest.get(row.pk)) for row in rows]


def _person(contact: Contact, lead: int | None) -> Hit:
    beside = contact.account.name if contact.account else contact.email
    page, key = ("lead", lead) if lead else ("account", contact.account_id)
    return Hit(contact.full_name, beside, reverse(f"desk:{page}-detail", args=[key]), "lead")


def _companies(keys: Sequence[int]) -> list[Hit]:
    rows = Account.objects.filter(pk__among=keys).order_by("-pk").values_list("pk", "name", "industry")
    return [
        Hit(name, industry, reverse("desk:account-detail", args=[key]), "account")
        for key, name, industry in rows
    ]


def _deals(keys: Sequence[int]) -> list[Hit]:
    rows = Deal.objects.filter(pk__among=keys).select_related("stage").order_by("-pk")
    return [Hit(row.name, str(row.stage), reverse("desk:deal-detail", args=[row.pk]), "deal") for row in rows]
