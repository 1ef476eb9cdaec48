"""Two records of companies: what is compared, where candidates are looked for, and what each comparison says. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from crm.domains import is_free_mail
from crm.keys import company_key, company_spelling
from crm.matching import likeness
from crm.matching.likeness import Likeness

_SHINGLE = 3


@dataclass(frozen=True, slots=True)
class Company:
    """A company as compared. '' where nothing is known."""

    pk: int
    name: str = ""
    spelling: str = ""
    corporate_number: str = ""
    domain: str = ""
    country: str = ""


def company(
    pk: int, *, name: str, corporate_number: str = "", domain: str = "", country: str = ""
) -> Company:
    """A record from what was typed; a free-mail domain tells nothing about a company."""
    own = "" if is_free_mail(domain) else domain
    return Company(pk, company_key(name), company_spelling(name), corporate_number, own, country.casefold())


def compare(one: Company, other: Company) -> dict[str, Likeness]:
    """Every field that both know. Different corporate numbers are different companies: nothing else is asked."""
    if one.corporate_number and other.corporate_number and one.corporate_number != other.corporate_number:
        return {"corporate_number": Likeness.DIFFERENT}
    found = {
        "corporate_number": likeness.of_texts(one.corporate_number, other.corporate_number),
        "name": likeness.of_companies(one.name, other.name),
        "domain": _exactly(one.domain, other.domain),
        "country": _exactly(one.country, other.country),
        "spelling": _spelling(one, other),
    }
    return {field: alike for field, alike in found.items() if alike is not None}


def _exactly(one: str, other: str) -> Likeness | None:
    if not one or not other:
        return None
    return Likeness.SAME if one == other else Likeness.DIFFERENT


def _spelling(one: Company, other: Company) -> Likeness | None:
    """Equal keys from characters that differ: what one folds, the other writes otherwise."""
    if one.name != other.name or not one.name:
        return None
    mine, theirs = set(one.spelling) - set(other.spelling), set(other.spelling) - set(one.spelling)
    pairs = any(company_key(left) == company_key(right) for left in mine for right in theirs)
    return Likeness.ALMOST if pairs else None


def blocks(one: Company) -> Iterator[str]:
    """The keys under which a record is looked for; records that share none are never compared."""
    if one.corporate_number:
        yield f"n:{one.corporate_number}"
    if one.domain:
        yield f"d:{one.domain}"
    if not one.name:
        return
    yield f"k:{one.name}"
    if len(one.name) >= 2 * _SHINGLE:
        yield f"s:{one.name[: _SHINGLE + 2]}"
        yield f"e:{one.name[-_SHINGLE - 2 :]}"
