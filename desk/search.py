"""Search over what the user may see: people, companies, deals. Two characters are enough; few hits per kind."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Concat
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.components.faces import Words
from crm.models import Account, Contact, User
from deals.models import Deal
from leads.models import Lead

PER_KIND, SHORTEST, WORDS, LONGEST = 8, 2, 5, 100


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
    words = _words(text)
    if sum(map(len, words)) < SHORTEST:
        return []
    groups = [
        Group(_("People"), _people(user, words)),
        Group(_("Companies"), _companies(user, words)),
        Group(_("Deals"), _deals(user, words)),
    ]
    return [group for group in groups if group.hits]


def _words(text: str) -> list[str]:
    return text[:LONGEST].replace("\0", "").split()[:WORDS]


def _has(word: str, *fields: str) -> Q:
    """Also as NFKC has it: ＡＢＣ finds ABC, and ｱﾙﾌｧ finds アルファ."""
    found = Q()
    for spelling in {word, unicodedata.normalize("NFKC", word)}:
        for field in fields:
            found |= Q(**{f"{field}__icontains": spelling})
    return found


def _people(user: User, words: list[str]) -> list[Hit]:
    lead = Lead.objects.visible_to(user).standing().filter(contact=OuterRef("pk")).order_by("-pk")
    whole = Concat("last_name", "first_name")
    rows: Any = Contact.objects.visible_to(user).standing().annotate(whole=whole).select_related("account")
    for word in words:
        rows = rows.filter(_has(word, "whole", "first_name", "email", "account__name"))
    rows = rows.annotate(lead_id=Subquery(lead.values("pk")[:1])).exclude(lead_id=None, account=None)
    return [_person(row) for row in rows.order_by("-pk")[:PER_KIND]]


def _person(contact: Any) -> Hit:
    beside = contact.account.name if contact.account else contact.email
    if contact.lead_id:
        return Hit(contact.full_name, beside, reverse("desk:lead-detail", args=[contact.lead_id]), "lead")
    url = reverse("desk:account-detail", args=[contact.account_id])
    return Hit(contact.full_name, beside, url, "lead")


def _companies(user: User, words: list[str]) -> list[Hit]:
    rows = Account.objects.visible_to(user).standing()
    for word in words:
        rows = rows.filter(_has(word, "name", "domain"))
    found = rows.order_by("name", "pk")[:PER_KIND]
    return [
        Hit(row.name, row.industry, reverse("desk:account-detail", args=[row.pk]), "account") for row in found
    ]


def _deals(user: User, words: list[str]) -> list[Hit]:
    rows = Deal.objects.visible_to(user).select_related("stage", "account")
    for word in words:
        rows = rows.filter(_has(word, "name", "account__name"))
    found = rows.order_by("-pk")[:PER_KIND]
    return [
        Hit(row.name, str(row.stage), reverse("desk:deal-detail", args=[row.pk]), "deal") for row in found
    ]
