"""What cannot both be true."""

from __future__ import annotations

from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from crm.models import Account, Consent, StakeholderRole
from leads.models import Enrolment, Lead, Stage
from leads.quality.invalid import DomainOf
from leads.quality.rule import CONTACT, CONTRADICTING, LEAD, Look, Rule

EARLY = (Stage.INQUIRY, Stage.NURTURING, Stage.MQL)
# Words of a title that speak for a role, and those that such a role may well have.
_SPEAKS_FOR = {
    StakeholderRole.EXECUTIVE: r"代表取締役|社長|\mCEO\M|\mpresident\M",
    StakeholderRole.IT: r"情報システム|情シス|(^|[^a-z])IT($|[^a-z])",
    StakeholderRole.PROCUREMENT: r"購買|調達|procurement|purchasing",
    StakeholderRole.LEGAL: r"法務|legal|counsel",
}
_MAY_HAVE = _SPEAKS_FOR | {
    StakeholderRole.EXECUTIVE: r"長|役|chief|head|director|president|officer|founder|owner|\mC[A-Z]O\M"
}


def _title_speaks_for_another(_look: Look) -> Q:
    """Where a title speaks for several roles, one of them is enough."""
    found = Q(pk__in=[])
    for role in StakeholderRole:
        others = Q(pk__in=[])
        for other, words in _SPEAKS_FOR.items():
            if other != role:
                others |= Q(contact__job_title__iregex=words)
        own = Q(contact__job_title__iregex=_MAY_HAVE[role]) if role in _MAY_HAVE else Q(pk__in=[])
        found |= Q(contact__stakeholder_role=role) & others & ~own
    return found


def _phone_of_another_country(look: Look) -> Q:
    found = Q(pk__in=[])
    for code, spellings in look.dialling.items():
        found |= Q(account__country__in=list(spellings)) & ~Q(contact__phone_key__startswith=f"+{code}")
    return ~Q(contact__phone_key="") & found


def _writes_from_elsewhere(_look: Look) -> Q:
    """The domain of the address is another company's we know."""
    theirs = Account.objects.filter(
        merged_into=None, domain=DomainOf(OuterRef("contact__email_key"))
    ).exclude(domain="").exclude(pk=OuterRef("account"))  # fmt: skip
    return Q(account__isnull=False) & Q(Exists(theirs))


def _open_at_a_customer(_look: Look) -> Q:
    won = Lead.objects.filter(account=OuterRef("account"), stage=Stage.CUSTOMER, merged_into=None)
    return Q(stage__in=[str(stage) for stage in EARLY], account__isnull=False) & Q(Exists(won))


def _nurtured_against_their_will(_look: Look) -> Q:
    inside = Enrolment.objects.filter(lead=OuterRef("pk"), ended_at=None)
    return Q(contact__consent=Consent.WITHDRAWN) & Q(Exists(inside))


RULES = (
    Rule(
        "nurtured-unwilling",
        CONTRADICTING,
        LEAD,
        _("Consent withdrawn, still in a programme"),
        _("End the programme: nothing may be sent."),
        _nurtured_against_their_will,
    ),
    Rule(
        "consent-without-date",
        CONTRADICTING,
        CONTACT,
        _("Consent without a date"),
        _("Nobody can show when it was given. Ask again, and keep the day."),
        lambda look: Q(contact__consent=Consent.GRANTED, contact__consent_at=None),
    ),
    Rule(
        "two-companies",
        CONTRADICTING,
        LEAD,
        _("Lead and person at two companies"),
        _("Enter the company they work for now; both follow it."),
        lambda look: (
            Q(account__isnull=False, contact__account__isnull=False) & ~Q(account=F("contact__account"))
        ),
        "company",
    ),
    Rule(
        "elsewhere",
        CONTRADICTING,
        LEAD,
        _("Writes from another company"),
        _("Enter the company they work for now, or their address there."),
        _writes_from_elsewhere,
        "company",
    ),
    Rule(
        "phone-abroad",
        CONTRADICTING,
        CONTACT,
        _("Phone of another country"),
        _("Correct the number or the company's country."),
        _phone_of_another_country,
        "phone",
    ),
    Rule(
        "title-and-role",
        CONTRADICTING,
        CONTACT,
        _("Title and stakeholder role"),
        _("Choose the role the title speaks for."),
        _title_speaks_for_another,
        "stakeholder_role",
    ),
    Rule(
        "open-at-customer",
        CONTRADICTING,
        LEAD,
        _("Open lead at a customer"),
        _("Tell who looks after the customer, or confirm that it is a new matter."),
        _open_at_a_customer,
    ),
)
