"""P14: what a person types into the search, among few leads and among many."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import Q

from benchmarks import databases
from benchmarks.measuring import REPEATS, Figure, Goal, p95, seconds, told
from benchmarks.sizes import Sizes
from crm.models import Contact, User
from desk import search

P14 = Goal("P14", "p95 of the search, largest ÷ smallest", 3, 1.5, more_is_better=False)
P14_PLAIN = Goal("P14", "p95 of the search ÷ of Django's icontains", 0.01, 0.002, more_is_better=False)
# Common and rare names and companies in both scripts, parts of addresses, both at once, and what nobody is called.
TYPED = (
    "佐藤", "鈴木 太郎", "東海林", "勅使河原健", "四十物", "李 明", "田中花子", "Smith", "okafor", "wójcik",
    "ﾃｸﾉ", "商事", "さくら", "Contoso", "Nimbus Labs", "八咫水産", "駿河薩摩", "person4711", "n777@ex", "company88.",
    "山田 アルファ", "Müller Vertex", "鴨志田 莉子", "zzyzx", "該当なし",
)  # fmt: skip


def words(sizes: Sizes, at: datetime) -> Iterator[Figure]:
    """For who sees everything, and finds everything; the databases are asked in turn."""
    few, many = ([], [])  # type: tuple[list[float], list[float]]
    for _ in range(REPEATS + 1):
        for taken, name in zip((few, many), sizes.pair(), strict=True):
            taken += _each(name, _search)
    # The first round fills the caches.
    small, large = (p95(taken[len(TYPED) :]) for taken in (few, many))
    yield Figure(P14, sizes.compared(), large / small, {"smallest": told(small), "largest": told(large)})
    plain = p95(_each(sizes.pair()[1], _plain))
    yield Figure(P14_PLAIN, sizes.compared(), large / plain, {"search": told(large), "plain": told(plain)})


def _each(database: str, work: Callable[[User, str], Any]) -> list[float]:
    databases.use(database)
    user = User.objects.get(username="admin")
    return [seconds(lambda text=text: work(user, text)) for text in TYPED]


def _search(user: User, text: str) -> None:
    search.find(user, text)


def _plain(user: User, text: str) -> None:
    """The people alone, as Django would look for them."""
    rows = Contact.objects.visible_to(user).select_related("account")
    for word in text.split():
        own = Q(last_name__icontains=word) | Q(first_name__icontains=word) | Q(email__icontains=word)
        rows = rows.filter(own | Q(account__name__icontains=word))
    list(rows.order_by("-pk")[: search.PER_KIND])
