"""Bring another tool's export in through a mapping: `import_events attendees.csv --mapping zoom-attendees`."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from crm import present
from crm.models import User
from crm.states import Refused
from leads.events import mappings
from leads.models import EventMapping

SHOWN = 20


class Command(BaseCommand):
    help = "Bring in behaviour that another tool exported. The same file a second time counts nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--mapping", required=True, metavar="CODE", help="see Event mappings in the admin"
        )
        parser.add_argument("--by", default="", metavar="USERNAME", help="in whose name")

    def handle(self, *args: Any, **options: Any) -> None:
        mapping, by = _mapping(options["mapping"]), _person(options["by"])
        try:
            payload = mappings.rows_of(options["file"].read_bytes())
        except (Refused, OSError) as error:
            raise CommandError(str(error)) from None
        self._tell(mappings.bring_in(mapping, payload, by=by, at=present.now()))

    def _tell(self, outcome: mappings.Outcome) -> None:
        for no in outcome.refused[:SHOWN]:
            self.stdout.write(f"row {no.index + 1}: {no.field}: {no.detail}")
        for kind, count in outcome.unmapped.most_common(SHOWN):
            self.stdout.write(f"not translated: {kind} ({count})")
        told = ("accepted", "duplicates", "waiting", "scanners", "ignored")
        counts = ", ".join(f"{getattr(outcome, name)} {name}" for name in told)
        self.stdout.write(f"events: {counts}, {len(outcome.refused)} refused")


def _mapping(code: str) -> EventMapping:
    mapping = EventMapping.objects.filter(code=code).first()
    if mapping is None:
        listed = ", ".join(EventMapping.objects.order_by("code").values_list("code", flat=True))
        raise CommandError(f"There is no mapping {code!r}. Choose one of: {listed}.")
    return mapping


def _person(username: str) -> User | None:
    person = User.objects.filter(username=username).first() if username else None
    if username and person is None:
        raise CommandError(f"There is no person with the user name {username!r}.")
    return person
