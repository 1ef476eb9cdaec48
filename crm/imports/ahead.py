"""Making the next one while the last is in use: Python reads a file while the database takes in what was read."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.utils import translation

Item = TypeVar("Item")


def ahead(items: Iterator[Item]) -> Iterator[Item]:
    """The same, each made in a thread beside, in the language of who asks for the first.

    To make one must not ask the database: a thread has a connection, and transactions, of its own.
    """
    language = translation.get_language()

    def make() -> Item | None:
        with translation.override(language):
            return next(items, None)

    with ThreadPoolExecutor(1, "ahead") as beside:
        coming = beside.submit(make)
        while (item := coming.result()) is not None:
            coming = beside.submit(make)
            yield item
