"""Which column is probably which field: as it was last time, else by what stands above it."""

from __future__ import annotations

from collections.abc import Iterable

from crm.headings import normal, words_for
from crm.importing import Importer
from crm.imports.plan import Plan
from crm.models import ImportRun, ImportStatus, User

LOOKED_AT = 20


def guess_mapping(importer: type[Importer], header: Iterable[str]) -> dict[str, str]:
    """Field → column for the columns that are named as the field is, each column once. The surest word wins."""
    free = {normal(column): column for column in reversed(list(header))}
    words = {item.name: words_for(importer.kind, item.name) for item in importer.fields}
    found: dict[str, str] = {}
    for place in range(max(map(len, words.values()))):
        for name, known in words.items():
            if name not in found and place < len(known) and known[place] in free:
                found[name] = free.pop(known[place])
    return found


def remembered(run: ImportRun, *, by: User) -> Plan | None:
    """How the same person last brought in a file of this kind with all of these columns."""
    earlier = ImportRun.objects.visible_to(by).light().filter(kind=run.kind, status=ImportStatus.DONE)
    for known in earlier.exclude(pk=run.pk).order_by("-pk")[:LOOKED_AT]:
        if known.mapping and set(known.mapping.values()) <= set(run.header):
            return Plan.of(known)
    return None


def same_file(run: ImportRun, *, by: User) -> ImportRun | None:
    """The person's last import of these very bytes as this kind, if there was one."""
    earlier = ImportRun.objects.visible_to(by).light().filter(kind=run.kind, status=ImportStatus.DONE)
    return earlier.filter(digest=run.digest).exclude(digest="").order_by("-pk").first()
