"""Bring a CSV file in: `import_csv deals pipeline.csv --map opportunity_id=external_id --set currency=USD`."""

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.management.base import BaseCommand, CommandError, CommandParser

from crm import importing, present
from crm.models import ImportRun, User
from crm.states import Refused
from crm.tabular import UnreadableTable

SHOWN = 20


class Command(BaseCommand):
    help = "Bring in a table. The same file a second time changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=sorted(importing.kinds()))
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--map", action="append", default=[], metavar="COLUMN=FIELD", help="may be given many times"
        )
        parser.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="FIELD=VALUE",
            help="a value for blank cells of a field",
        )
        parser.add_argument("--by", default="", metavar="USERNAME", help="in whose name")
        parser.add_argument("--zone", default="UTC", help="the time zone of dates without one")
        parser.add_argument("--dry-run", action="store_true", help="do it all, and take it back")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = importing.run(
                options["kind"],
                options["file"].read_bytes(),
                {field: column for column, field in map(_pair, options["map"])},
                constants=dict(map(_pair, options["set"])),
                by=_person(options["by"]),
                at=present.now(),
                file_name=options["file"].name,
                zone=ZoneInfo(options["zone"]),
                dry=options["dry_run"],
            )
        except (Refused, UnreadableTable, OSError, ZoneInfoNotFoundError) as error:
            raise CommandError(str(error)) from None
        self._tell(report, dry=options["dry_run"])

    def _tell(self, report: ImportRun, *, dry: bool) -> None:
        for note in report.notes:
            self.stdout.write(f"note: {note['message']} ({note['rows']} rows, first in line {note['line']})")
        for error in report.errors[:SHOWN]:
            self.stdout.write(f"line {error['line']}: {error['field']}: {error['message']}")
        if len(report.errors) > SHOWN:
            self.stdout.write(f"… and {len(report.errors) - SHOWN} more")
        counts = ("created", "updated", "unchanged", "rejected")
        told = ", ".join(f"{getattr(report, name)} {name}" for name in counts)
        self.stdout.write(f"{report.kind}: {told}{' (dry run, nothing kept)' if dry else ''}")


def _pair(text: str) -> tuple[str, str]:
    left, sign, right = text.partition("=")
    if not sign or not left or not right:
        raise CommandError(f"Write {text!r} as two names with = between them.")
    return left, right


def _person(username: str) -> User | None:
    person = User.objects.filter(username=username).first() if username else None
    if username and person is None:
        raise CommandError(f"There is no person with the user name {username!r}.")
    return person
