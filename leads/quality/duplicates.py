"""Who is there twice, by keys that are equal.

The one place that says what a duplicate is: a better finder is put in by changing `same_person` and `same_company`.
"""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from crm.models import Account, Contact
from leads.quality.rule import ACCOUNT, CONTACT, DUPLICATE, Look, Rule


def same_person(_look: Look) -> Q:
    """Another contact has the number, or the same name at the same company."""
    others = Contact.objects.standing().exclude(pk=OuterRef("contact"))
    same_number = others.filter(phone_key=OuterRef("contact__phone_key")).exclude(phone_key="")
    same_name = others.filter(
        account=OuterRef("contact__account"),
        last_name__iexact=OuterRef("contact__last_name"),
        first_name__iexact=OuterRef("contact__first_name"),
    ).exclude(last_name="")
    return Q(Exists(same_number)) | Q(Exists(same_name))


def same_company(_look: Look) -> Q:
    """Another account is written alike."""
    others = Account.objects.standing().exclude(pk=OuterRef("account"))
    return Q(Exists(others.filter(name_key=OuterRef("account__name_key")).exclude(name_key="")))


RULES = (
    Rule(
        "same-person",
        DUPLICATE,
        CONTACT,
        _("Same name or number as another person"),
        _("Open the lead and merge it, or confirm that they are two people."),
        same_person,
    ),
    Rule(
        "same-company",
        DUPLICATE,
        ACCOUNT,
        _("Company written like another"),
        _("Merge the two, or confirm that they are two companies."),
        same_company,
    ),
)
