"""Who may be there twice: what the search for duplicates found and nobody has decided on yet."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from crm.models import DuplicatePair, RecordKind
from leads.quality.rule import ACCOUNT, CONTACT, DUPLICATE, Look, Rule


def same_person(_look: Look) -> Q:
    return _in_a_pair(RecordKind.CONTACT, OuterRef("contact"))


def same_company(_look: Look) -> Q:
    return _in_a_pair(RecordKind.ACCOUNT, OuterRef("account"))


def _in_a_pair(kind: str, record: OuterRef) -> Q:
    undecided = DuplicatePair.objects.open().likely().filter(kind=kind)
    return Q(Exists(undecided.filter(low=record))) | Q(Exists(undecided.filter(high=record)))


RULES = (
    Rule(
        "same-person",
        DUPLICATE,
        CONTACT,
        _("Perhaps the same person as another"),
        _("Compare both: merge them, or say that they are two people."),
        same_person,
    ),
    Rule(
        "same-company",
        DUPLICATE,
        ACCOUNT,
        _("Perhaps the same company as another"),
        _("Compare both: merge them, or say that they are two companies."),
        same_company,
    ),
)
