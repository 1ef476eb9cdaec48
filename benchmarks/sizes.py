"""The sizes a run measures: one database each, the larger grown from the smaller, measured in a copy."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

from django.core.management import call_command

from benchmarks import databases, seeding


def label(size: int) -> str:
    return f"{size // 1000}k" if size % 1000 == 0 else str(size)


class Sizes:
    """`each()` turns this process to one database after the other; `pair()` names the smallest and the largest."""

    def __init__(self, sizes: list[int]) -> None:
        self.sizes = sorted(set(sizes))

    def prepare(self, at: datetime) -> None:
        if not databases.exists(self.made(0)):
            call_command("migrate", verbosity=0)
            seeding.found(at=at)
            databases.copy(databases.current(), self.made(0))
        for before, size in pairwise([0, *self.sizes]):
            if not databases.exists(self.made(size)):
                databases.copy(self.made(before), self.made(size))
                databases.use(self.made(size))
                seeding.grow(size, at=at)

    def begin_anew(self) -> None:
        """Copies of what was made: what one goal has left behind must not be measured by the next."""
        for size in self.sizes:
            databases.copy(self.made(size), self.name(size))

    def each(self) -> Iterator[str]:
        for size in self.sizes:
            databases.use(self.name(size))
            yield f"{label(size)} leads"

    def pair(self) -> tuple[str, str]:
        return self.name(self.sizes[0]), self.name(self.sizes[-1])

    def compared(self) -> str:
        return f"{label(self.sizes[-1])} ÷ {label(self.sizes[0])}"

    def drop(self, *, keep: bool) -> None:
        """What was measured goes; what was made stays for the next run, should one `keep` it."""
        databases.drop(*map(self.name, self.sizes), *([] if keep else map(self.made, [0, *self.sizes])))

    @staticmethod
    def made(size: int) -> str:
        return f"made_{size}"

    @staticmethod
    def name(size: int) -> str:
        return f"bench_{size}"
