"""D1: how fast duplicates of people and companies are found among records with the names people have."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime

from benchmarks.measuring import Figure, Goal, seconds, told
from benchmarks.sizes import Sizes
from crm import searching
from crm.directory import new_account
from crm.models import Account, Contact, DuplicatePair, Fingerprint
from leads.models import Lead

D1 = Goal("D1", "records per second searched for duplicates, everything anew", 300, 1_500)
LATE, TWINS = 100, 20  # one record in so many is a second one of somebody

_SIGNS = "佐藤鈴木高橋田中伊渡辺山本村小林加吉森池阿部石川前岡長谷後近遠青坂西福太三"
_GIVEN = "太郎次一花子美咲健翔大蓮陽菜結衣葵悠真恵理沙直樹誠司和也"
_ROMAN = (
    "ka",
    "ki",
    "ku",
    "ke",
    "ko",
    "sa",
    "shi",
    "su",
    "so",
    "ta",
    "chi",
    "to",
    "na",
    "ni",
    "no",
    "mo",
    "ya",
    "ri",
)


def search(sizes: Sizes, at: datetime) -> Iterator[Figure]:
    for size in sizes.each():
        made = people(Lead.objects.count() // 2, at=at)
        taken = seconds(lambda: searching.search_all(at=at))
        count = Fingerprint.objects.count()
        pairs = DuplicatePair.objects.open().count()
        yield Figure(
            D1, size, count / taken, {"records": f"{count:,}", "took": told(taken), "pairs": f"{pairs:,}"}
        )
        late = Contact.objects.filter(pk__in=made[:LATE])
        late.update(job_title="CFO")
        taken = seconds(lambda: searching.search(at=at))
        yield Figure(D1, size, LATE / taken, {"changed records": str(LATE), "took": told(taken)})


def people(count: int, *, at: datetime, seed: int = 7) -> list[int]:
    """So many contacts more, and a company for every four; some are second records with a slip or a gap."""
    dice = random.Random(seed)
    accounts = Account.objects.bulk_create(
        [
            new_account(name=f"株式会社{_name(dice, _SIGNS, 4)}{dice.choice(('工業', '商事', '電機'))}")
            for _n in range(count // 4)
        ],
        batch_size=5000,
    )
    rows = [_contact(number, dice, accounts) for number in range(count)]
    for one, twin in zip(rows[::TWINS], rows[1::TWINS], strict=False):
        # The same person, family and given name exchanged, from another list without the address.
        twin.last_name, twin.first_name, twin.account = one.first_name, one.last_name, one.account
        twin.email = twin.email_key = ""
    return [row.pk for row in Contact.objects.bulk_create(rows, batch_size=5000)]


def _contact(number: int, dice: random.Random, accounts: list[Account]) -> Contact:
    roman = "".join(dice.choices(_ROMAN, k=4))
    email = f"{roman}{number}@{dice.choice(('example', 'sample', 'muster'))}{number % 9000}.jp"
    return Contact(
        last_name=_name(dice, _SIGNS, 2),
        first_name=_name(dice, _GIVEN, 2),
        email=email,
        email_key=email,
        phone_key=f"+81{dice.randrange(10**9, 10**10)}" if number % 2 else "",
        account=dice.choice(accounts),
    )


def _name(dice: random.Random, signs: str, length: int) -> str:
    return "".join(dice.choices(signs, k=length))
