"""Which column is probably which field: as it was last time, else by what stands above it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from crm.headings import normal, words_for
from crm.importing import Importer
from crm.imports import saving
from crm.imports.plan import Plan
from crm.models import ImportRun, ImportStatus, User

LOOKED_AT = 20


def guess_mapping(importer: type[Importer], header: Sequence[str]) -> dict[str, str]:
    """Field → column for the columns that are named as the field is, each column once. The surest word wins."""
    free = {normal(column): column for column in reversed(header)}
    words = {item.name: words_for(importer.kind, item.name) for item in importer.fields}
    found: dict[str, str] = {}
    for place in range(max(map(len, words.values()))):
        for name, known in words.items():
            if name not in found and place < len(known) and known[place] in free:
                found[name] = free.pop(known[place])
    return found | _shared(importer, header, words, found)


def _shared(
    importer: type[Importer],
    header: Sequence[str],
    words: Mapping[str, Sequence[str]],
    found: Mapping[str, str],
) -> dict[str, str]:
    """What rows cannot do without may share its column: a deal is told by the lead it came from."""
    columns = {normal(column): column for column in reversed(header)}
    missing = (item.name for item in importer.fields if item.required and item.name not in found)
    guesses = {name: next((columns[word] for word in words[name] if word in columns), "") for name in missing}
    return {name: column for name, column in guesses.items() if column}


def remembered(run: ImportRun, *, by: User) -> Plan | None:
    """How a file of this kind with all of these columns is read: as saved, else as the person last brought one in."""
    if known := saving.fitting(run, by=by):
        return saving.plan_of(known[0])
    earlier = ImportRun.objects.visible_to(by).light().filter(kind=run.kind, status=ImportStatus.DONE)
    for before in earlier.exclude(pk=run.pk).order_by("-pk")[:LOOKED_AT]:
        if before.mapping and set(before.mapping.values()) <= set(run.header):
            return Plan.of(before)
    return None


def same_file(run: ImportRun, *, by: User) -> ImportRun | None:
    """The person's last import of these very bytes as this kind, if there was one."""
    earlier = ImportRun.objects.visible_to(by).light().filter(kind=run.kind, status=ImportStatus.DONE)
    return earlier.filter(digest=run.digest).exclude(digest="").order_by("-pk").first()
