"""Factories with one fixed seed: companies, people, inquiries. They build values; deeds store them."""

from __future__ import annotations

from random import Random
from typing import Any

import factory
import factory.random

from crm import directory
from crm.models import Account
from leads.capture.intake import Inquiry
from project.demo import companies

SEED = 20240401


def reseed(seed: int = SEED) -> Random:
    """Start every factory over; returns the one source of chance the story draws from as well."""
    factory.random.reseed_random(seed)
    InquiryFactory.reset_sequence(0, force=True)
    chance: Random = factory.random.randgen
    return chance


class AccountFactory(factory.Factory):
    """A company of the catalogue as an unsaved account."""

    class Meta:
        model = Account

    class Params:
        entry = companies.JAPANESE[0]
        is_japanese = True

    name = factory.LazyAttribute(lambda made: made.entry[0])
    domain = factory.LazyAttribute(
        lambda made: f"{made.entry[1]}.example.{'jp' if made.is_japanese else 'com'}"
    )
    industry = factory.LazyAttribute(lambda made: made.entry[2])
    employee_count = factory.LazyAttribute(lambda made: made.entry[3])
    country = factory.LazyAttribute(lambda made: "JP" if made.is_japanese else "GB")
    owner = None

    @classmethod
    def _create(cls, _model: Any, *_args: Any, **values: Any) -> Account:
        return directory.new_account(**values)


def _draw(options: Any) -> Any:
    return factory.LazyFunction(lambda: factory.random.randgen.choice(options))


class InquiryFactory(factory.Factory):
    """One person at a company, as they fill in a form."""

    class Meta:
        model = Inquiry

    class Params:
        account = None
        channel = _draw(companies.CHANNELS)
        is_japanese = factory.LazyAttribute(lambda made: made.account.country == "JP")
        surname = _draw(companies.SURNAMES)
        given = _draw(companies.GIVEN)
        english_given = factory.Faker("first_name", locale="en_GB")
        english_surname = factory.Faker("last_name", locale="en_GB")
        title = factory.LazyAttribute(
            lambda made: factory.random.randgen.choice(
                companies.TITLES_JA if made.is_japanese else companies.TITLES_EN
            )
        )
        number = factory.Sequence(lambda number: number + 1)

    last_name = factory.LazyAttribute(
        lambda made: made.surname[0] if made.is_japanese else made.english_surname
    )
    first_name = factory.LazyAttribute(lambda made: made.given[0] if made.is_japanese else made.english_given)
    email = factory.LazyAttribute(lambda made: f"{_local_part(made)}{made.number}@{made.account.domain}")
    phone = factory.LazyAttribute(lambda made: _phone(made.number) if made.is_japanese else "")
    company = factory.LazyAttribute(lambda made: made.account.name)
    domain = factory.LazyAttribute(lambda made: made.account.domain)
    job_title = factory.LazyAttribute(lambda made: made.title[0])
    stakeholder_role = factory.LazyAttribute(lambda made: made.title[1])
    source = factory.LazyAttribute(lambda made: made.channel[0])
    medium = factory.LazyAttribute(lambda made: made.channel[1])
    campaign = factory.LazyAttribute(lambda made: made.channel[2])
    consent = True
    consent_text = "I agree to be contacted about Baton."


def _local_part(made: Any) -> str:
    if made.is_japanese:
        return f"{made.given[1]}.{made.surname[1]}"
    return "".join(
        letter
        for letter in f"{made.english_given}.{made.english_surname}".lower()
        if letter.isalpha() or letter == "."
    )


def _phone(number: int) -> str:
    return f"03-{5200 + number // 1000:04d}-{number % 1000:04d}"
