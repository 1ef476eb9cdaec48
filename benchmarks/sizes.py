"""The sizes a run measures: one database each, the larger grown from the smaller."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.core.management import call_command

from benchmarks import databases, seeding


def label(size: int) -> str:
    return f"{size // 1000}k" if size % 1000 == 0 else str(size)


class Sizes:
    """`each()` turns this process to one database after the other; `pair()` names the smallest and the largest."""

    def __init__(self, sizes: list[int]) -> None:
        self.sizes = sorted(set(sizes))

    def prepare(self, at: datetime) -> None:
        call_command("migrate", verbosity=0)
        seeding.found(at=at)
        before = databases.current()
        for size in self.sizes:
            databases.copy(before, self.name(size))
            databases.use(self.name(size))
            seeding.grow(size, at=at)
            before = self.name(size)

    def each(self) -> Iterator[str]:
        for size in self.sizes:
            databases.use(self.name(size))
            yield f"{label(size)} leads"

    def pair(self) -> tuple[str, str]:
        return self.name(self.sizes[0]), self.name(self.sizes[-1])

    def compared(self) -> str:
        return f"{label(self.sizes[-1])} ÷ {label(self.sizes[0])}"

    def names(self) -> list[str]:
        return [self.name(size) for size in self.sizes]

    @staticmethod
    def name(size: int) -> str:
        return f"bench_{size}"
