"""Search over what the user may see: people, companies, deals. Two characters are enough; few hits per kind.

It takes as long in a large company as in a small one: what has a common word is found among the newest records, what
has a rare one by the index. Who sees a part of the records is searched for in that part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from crm import access, grams
from crm.components.faces import Words
from crm.models import Account, Contact, User
from deals.models import Deal
from leads.models import Lead

PER_KIND, SHORTEST, NEWEST = 8, 2, 500


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
    groups = [
        Group(_("People"), _people(user, words)),
        Group(_("Companies"), _companies(user, words)),
        Group(_("Deals"), _deals(user, words)),
    ]
    return [group for group in groups if group.hits]


def _first(rows: Any, user: User, words: Sequence[str]) -> list[Any]:
    """The newest of what the user sees that hold every word."""
    seen = rows.visible_to(user).order_by("-pk")
    if not access.sees_everything(user):
        return list(seen.reading(*words)[:PER_KIND])
    last = rows.model.objects.order_by("-pk").values_list("pk", flat=True)[NEWEST : NEWEST + 1].first() or 0
    found = list(seen.filter(pk__gt=last).reading(*words)[:PER_KIND])
    return found if len(found) == PER_KIND else list(seen.holding(*words)[:PER_KIND])


def _people(user: User, words: Sequence[str]) -> list[Hit]:
    lead = Lead.objects.visible_to(user).standing().filter(contact=OuterRef("pk")).order_by("-pk")
    rows: Any = Contact.objects.standing().select_related("account")
    rows = rows.annotate(lead_id=Subquery(lead.values("pk")[:1])).exclude(lead_id=None, account=None)
    return [_person(row) for row in _first(rows, user, words)]


def _person(contact: Any) -> Hit:
    beside = contact.account.name if contact.account else contact.email
    if contact.lead_id:
        return Hit(contact.full_name, beside, reverse("desk:lead-detail", args=[contact.lead_id]), "lead")
    url = reverse("desk:account-detail", args=[contact.account_id])
    return Hit(contact.full_name, beside, url, "lead")


def _companies(user: User, words: Sequence[str]) -> list[Hit]:
    found = _first(Account.objects.standing(), user, words)
    return [
        Hit(row.name, row.industry, reverse("desk:account-detail", args=[row.pk]), "account") for row in found
    ]


def _deals(user: User, words: Sequence[str]) -> list[Hit]:
    found = _first(Deal.objects.select_related("stage", "account"), user, words)
    return [
        Hit(row.name, str(row.stage), reverse("desk:deal-detail", args=[row.pk]), "deal") for row in found
    ]
