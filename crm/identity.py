"""Who someone is: normalised e-mail, phone and company facts, and whether two companies are the same. Pure.

Every function refuses what it cannot use with a subclass of `InvalidIdentity` whose message says what to do.
Keys are NFKC-normalised; what a person typed is kept beside them.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import phonenumbers
from django.utils.translation import gettext as _
from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

from crm.domains import FREE_MAIL_DOMAINS, InvalidDomain, domain_of, is_free_mail, within_domain
from crm.keys import company_key, person_key
from crm.text import InvalidText, clean_text, shown

__all__ = [
    "FREE_MAIL_DOMAINS",
    "CompanyFacts",
    "Email",
    "InvalidCorporateNumber",
    "InvalidDomain",
    "InvalidEmail",
    "InvalidIdentity",
    "InvalidPhone",
    "InvalidText",
    "Match",
    "Phone",
    "check_digit",
    "clean_text",
    "company_key",
    "compare_companies",
    "domain_of",
    "email_key",
    "is_free_mail",
    "lookup_key",
    "parse_corporate_number",
    "parse_email",
    "parse_phone",
    "person_key",
    "within_domain",
]


class InvalidIdentity(ValueError):
    """A value that identifies nobody; the message says what to change."""


class InvalidEmail(InvalidIdentity):
    """Not an e-mail address."""


class InvalidPhone(InvalidIdentity):
    """Not a telephone number."""


class InvalidCorporateNumber(InvalidIdentity):
    """Not a Japanese corporate number."""


@dataclass(frozen=True)
class Email:
    """`address` as to be written to, `key` to compare by, `domain` in ASCII for the company."""

    address: str
    key: str
    domain: str


@dataclass(frozen=True)
class Phone:
    """`e164` to compare and dial, `extension` ('' for none), `national` as people of that country write it."""

    e164: str
    extension: str
    national: str


@dataclass(frozen=True)
class CompanyFacts:
    """What is known of a company; '' where nothing is."""

    name: str = ""
    corporate_number: str = ""
    domain: str = ""


class Match(StrEnum):
    SAME = "same"
    DIFFERENT = "different"
    UNSURE = "unsure"


@lru_cache(maxsize=4096)  # a batch asks for each address several times: checked, compared, stored
def parse_email(value: str) -> Email:
    """An address without asking the net; full-width characters are accepted. Raises InvalidEmail.

    The key is the whole address in lower case with the domain in ASCII: `A@Example.jp` is `a@example.jp`.
    """
    if (plain := _plain_email(value)) is not None:
        return plain
    try:
        text = unicodedata.normalize("NFKC", clean_text(value)).strip().removeprefix("mailto:")
        found = validate_email(text, check_deliverability=False, test_environment=True, allow_smtputf8=True)
    except (EmailNotValidError, InvalidText) as error:
        message = _("%(value)s is not an e-mail address. Write one such as name@example.co.jp.")
        raise InvalidEmail(message % {"value": shown(value)}) from error
    key = f"{unicodedata.normalize('NFKC', found.local_part).casefold()}@{found.ascii_domain.lower()}"
    return Email(address=found.normalized, key=key, domain=found.ascii_domain.lower())


def email_key(value: str) -> str:
    """The key of an address; '' for blank. Raises InvalidEmail."""
    return parse_email(value).key if value.strip() else ""


# Letters and digits with single separators: what most addresses look like, and what no rule can refuse.
_PLAIN_EMAIL = re.compile(r"[a-z0-9]+(?:[._+-][a-z0-9]+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,}")
# Within these no length can be too great: 64 before the @ and in a label, 254 in all.
_PLAIN_LENGTH = 64


def _plain_email(value: str) -> Email | None:
    """The address when it looks like most do: twenty times as fast as asking every rule."""
    key = value.lower()
    if len(value) > _PLAIN_LENGTH or not value.isascii() or not _PLAIN_EMAIL.fullmatch(key):
        return None
    local, _at, domain = value.partition("@")
    lowered = domain.lower()
    if lowered.rpartition(".")[2] in SPECIAL_USE_DOMAIN_NAMES:
        return None
    return Email(address=f"{local}@{lowered}", key=key, domain=lowered)


def lookup_key(value: str) -> str:
    """The key to look an address up by; '' for what is none. Plain addresses are not checked: it is ten times
    faster, and an address nobody may have is found nowhere.
    """
    lowered = value.lower()
    if _PLAIN_EMAIL.fullmatch(lowered):
        return lowered
    try:
        return email_key(value)
    except InvalidEmail:
        return ""


@lru_cache(maxsize=4096)
def parse_phone(value: str, *, region: str = "JP") -> Phone:
    """A number of its country's numbering plan; `region` (ISO 3166) where it has no +. Raises InvalidPhone.

    Full-width digits and extensions (`内線`, `ext.`) are read. The length alone would let a Japanese number
    without its area code pass, and two people share a key.
    """
    message = _(
        "%(value)s is not a telephone number. Write it with its area code, or with + and the country."
    )
    try:
        number = phonenumbers.parse(_half_width(value).replace("内線", " ext. "), region.upper() or None)
    except (phonenumbers.NumberParseException, InvalidText) as error:
        raise InvalidPhone(message % {"value": shown(value)}) from error
    if not phonenumbers.is_valid_number(number):
        raise InvalidPhone(message % {"value": shown(value)})
    extension, number.extension = number.extension or "", None
    return Phone(
        e164=phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164),
        extension=extension,
        national=phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL),
    )


def check_digit(base: str) -> int:
    """The check digit of a corporate number's last twelve digits.

    9 - (sum of digit x weight mod 9), the weights 1 and 2 alternating from the last digit: ordinance of the
    Ministry of Finance on the designation of corporate numbers (法人番号の指定等に関する省令), article 2.
    """
    weighted = sum(int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(base)))
    return 9 - weighted % 9


def parse_corporate_number(value: str) -> str:
    """The thirteen digits of a Japanese corporate number (法人番号). Raises InvalidCorporateNumber.

    Full-width digits, spaces, hyphens and a leading T (of the invoice system) are accepted.
    """
    try:
        digits = _half_width(value).replace("-", "").replace(" ", "").upper().removeprefix("T")
    except InvalidText:
        digits = ""
    if len(digits) != 13 or not (digits.isascii() and digits.isdigit()):
        raise InvalidCorporateNumber(_("A corporate number has thirteen digits."))
    if check_digit(digits[1:]) != int(digits[0]):
        raise InvalidCorporateNumber(
            _("The check digit of this corporate number is wrong; look for a typing error.")
        )
    return digits


def compare_companies(one: CompanyFacts, other: CompanyFacts) -> Match:
    """Whether two records are of one company.

    Corporate numbers decide when both are known. Then name and own domain together; either alone leaves it
    unsure, because different companies share names, and groups share domains. Blank says nothing.
    """
    if one.corporate_number and other.corporate_number:
        return Match.SAME if one.corporate_number == other.corporate_number else Match.DIFFERENT
    key = company_key(one.name)
    same_name = bool(key) and key == company_key(other.name)
    own_domain = bool(one.domain) and one.domain == other.domain and not is_free_mail(one.domain)
    if same_name and own_domain:
        return Match.SAME
    return Match.UNSURE if same_name or own_domain else Match.DIFFERENT


def _half_width(value: str) -> str:
    """Digits and dashes as numbers are written; people type ー and － for a dash."""
    return unicodedata.normalize("NFKC", clean_text(value)).translate(_DASHES).strip()


_DASHES = {ord(dash): "-" for dash in "‐‑‒–—―−ー－─"}
