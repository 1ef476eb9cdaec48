"""What cannot be right, whatever else is known."""

from __future__ import annotations

from django.db.models import BooleanField, CharField, Exists, F, Func, OuterRef, Q
from django.db.models.lookups import In
from django.utils.translation import gettext_lazy as _

from crm.domains import FREE_MAIL_DOMAINS
from crm.models import Activity, Channel, LedgerEntry, Outcome
from leads.quality.rule import ACCOUNT, CONTACT, INVALID, Look, Rule

# Reserved or private names no mail reaches (RFC 2606, RFC 6762), and slips of the keyboard at the usual providers.
_NO_DOMAIN = (
    "example.com example.net example.org gmial.com gmai.com gamil.com gmail.co gmail.co.jp gnail.com hotmial.com "
    "yaho.co.jp yahoo.ne.jp outlok.com"
)
_NO_ENDING = "test invalid localhost local con cmo ocm vom"
_STAND_IN = (
    r"^\s*(test|tester|テスト|てすと|dummy|ダミー|none|n/?a|null|unknown|不明|なし|無し|未定|xxx+|aaa+"
    r"|[-–—−ー.・*?？0-9]+)\s*$"
)


class WrongCheckDigit(Func):
    """Whether a text is no Japanese corporate number; `crm.identity.check_digit` names the source of the formula."""

    template = (
        "(CASE WHEN %(expressions)s ~ '^[0-9]{13}$' THEN (SELECT 9 - sum(substr(%(expressions)s, 14 - n, 1)::int"
        " * (1 + (n - 1) %%%% 2)) %%%% 9 <> substr(%(expressions)s, 1, 1)::int FROM generate_series(1, 12) n)"
        " ELSE coalesce(%(expressions)s, '') <> '' END)"
    )
    output_field = BooleanField()


class DomainOf(Func):
    template, output_field = "split_part(%(expressions)s, '@', 2)", CharField()


class EndingOf(Func):
    template, output_field = "split_part(%(expressions)s, '.', -1)", CharField()


def _bounced(_look: Look) -> Q:
    """A mail came back, and the address was not changed since."""
    changed = LedgerEntry.objects.filter(
        contact=OuterRef("contact"),
        kind="contact.edited",
        at__gte=OuterRef("occurred_at"),
        data__fields__contains=["email"],
    )
    back = Activity.objects.filter(
        contact=OuterRef("contact"), channel=Channel.EMAIL, outcome=Outcome.BOUNCED
    )
    return ~Q(contact__email_key="") & Q(Exists(back.exclude(Exists(changed))))


def _to_nowhere(_look: Look) -> Q:
    domain = DomainOf("contact__email_key")
    return Q(In(domain, _NO_DOMAIN.split())) | Q(In(EndingOf(domain), _NO_ENDING.split()))


def _at_sign_in_name(_look: Look) -> Q:
    named = Q(contact__last_name__contains="@") | Q(contact__first_name__contains="@")
    return named | Q(contact__job_title__contains="@")


RULES = (
    Rule(
        "bounced",
        INVALID,
        CONTACT,
        _("E-mail came back"),
        _("Ask for the address that is right, and enter it in the row."),
        _bounced,
        "email",
    ),
    Rule(
        "unreachable-email",
        INVALID,
        CONTACT,
        _("E-mail cannot exist"),
        _("Nobody can have this address; look for a typing error."),
        _to_nowhere,
        "email",
    ),
    Rule(
        "unread-phone",
        INVALID,
        CONTACT,
        _("Phone is no number"),
        _("Write it with its area code, or with + and the country."),
        lambda look: ~Q(contact__phone="") & Q(contact__phone_key=""),
        "phone",
    ),
    Rule(
        "at-sign-in-name",
        INVALID,
        CONTACT,
        _("E-mail in the name"),
        _("Enter the name; an address belongs into its own field."),
        _at_sign_in_name,
        "last_name",
    ),
    Rule(
        "stand-in-name",
        INVALID,
        CONTACT,
        _("Name stands for nobody"),
        _("Enter the name, or disqualify the lead where somebody only tried the form."),
        lambda look: Q(contact__last_name__iregex=_STAND_IN),
        "last_name",
    ),
    Rule(
        "stand-in-company",
        INVALID,
        ACCOUNT,
        _("Company stands for none"),
        _("Enter the name of the company."),
        lambda look: Q(account__name__iregex=_STAND_IN),
        "name",
    ),
    Rule(
        "check-digit",
        INVALID,
        ACCOUNT,
        _("Corporate number is wrong"),
        _("The check digit does not fit; look for a typing error."),
        lambda look: Q(WrongCheckDigit(F("account__corporate_number"))),
        "corporate_number",
    ),
    Rule(
        "free-mail-domain",
        INVALID,
        ACCOUNT,
        _("Domain is of a mail provider"),
        _("Enter the company's own domain, or empty it: everybody at that provider would be counted to it."),
        lambda look: Q(account__domain__in=sorted(FREE_MAIL_DOMAINS)),
        "domain",
    ),
    Rule(
        "no-people",
        INVALID,
        ACCOUNT,
        _("Zero employees"),
        _("Enter how many work there."),
        lambda look: Q(account__employee_count=0),
        "employee_count",
    ),
    Rule(
        "strange-country",
        INVALID,
        ACCOUNT,
        _("Country is not known"),
        _("Write the country by its usual name."),
        lambda look: Q(account__country__in=list(look.strange)),
        "country",
    ),
)  # fmt: skip
