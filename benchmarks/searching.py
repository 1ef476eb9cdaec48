"""P14: what a person types into the search, among few leads and among many."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import Q

from benchmarks import databases
from benchmarks.measuring import REPEATS, Figure, Goal, p95, seconds, told
from benchmarks.sizes import Sizes
from crm import finding, grams
from crm.models import Contact, User
from desk import search

P14 = Goal("P14", "p95 of the search, largest ÷ smallest", 3, 1.5, more_is_better=False)
P14_PLAIN = Goal("P14", "p95 of finding people ÷ of Django's icontains", 0.01, 0.002, more_is_better=False)
# Common and rare names and companies in both scripts, parts of addresses, both at once, and what nobody is called.
TYPED = (
    "佐藤", "鈴木 太郎", "東海林", "勅使河原健", "四十物", "李 明", "田中花子", "Smith", "okafor", "wójcik",
    "ﾃｸﾉ", "商事", "さくら", "Contoso", "Nimbus Labs", "八咫水産", "駿河薩摩", "person4711", "n777@ex", "company88.",
    "山田 アルファ", "Müller Vertex", "鴨志田 莉子", "zzyzx", "該当なし",
)  # fmt: skip


def words(sizes: Sizes, at: datetime) -> Iterator[Figure]:
    """For who sees everything, and finds everything: the whole search in turn, then the people alone in both ways."""
    few, many = ([], [])  # type: tuple[list[float], list[float]]
    for _ in range(REPEATS + 1):
        for taken, name in zip((few, many), sizes.pair(), strict=True):
            taken += _each(name, _search)
    # The first round fills the caches.
    small, large = (p95(taken[len(TYPED) :]) for taken in (few, many))
    yield Figure(P14, sizes.compared(), large / small, {"smallest": told(small), "largest": told(large)})
    databases.use(sizes.pair()[1])
    user = User.objects.get(username="admin")
    works = [[partial(ask, user, text) for ask in (_people, _plain)] for text in TYPED]
    pairs = [list(map(seconds, both)) for both in works]
    people, plain = map(p95, zip(*pairs, strict=True))
    yield Figure(P14_PLAIN, sizes.compared(), people / plain, {"people": told(people), "plain": told(plain)})


def _each(database: str, work: Callable[[User, str], Any]) -> list[float]:
    databases.use(database)
    user = User.objects.get(username="admin")
    return [seconds(lambda text=text: work(user, text)) for text in TYPED]


def _search(user: User, text: str) -> None:
    search.find(user, text)


def _people(user: User, text: str) -> None:
    people = Contact.objects.visible_to(user).standing()
    keys = finding.among_all([people], grams.words(text), most=search.PER_KIND)[0]
    list(Contact.objects.filter(pk__among=keys).select_related("account").order_by("-pk"))


def _plain(user: User, text: str) -> None:
    """The same people, as Django would look for them."""
    rows = Contact.objects.visible_to(user).standing().select_related("account")
    for word in text.split():
        own = Q(last_name__icontains=word) | Q(first_name__icontains=word) | Q(email__icontains=word)
        rows = rows.filter(own | Q(account__name__icontains=word))
    list(rows.order_by("-pk")[: search.PER_KIND])
