"""Bring a CSV file in: `import_csv deals pipeline.csv --map opportunity_id=external_id --set currency=USD`."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from crm import importing, imports, present
from crm.importing import CREATED, REJECTED, UNCHANGED, UPDATED
from crm.models import User
from crm.states import Refused

SHOWN = 20


class Command(BaseCommand):
    help = "Bring in a table. The same file a second time changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=sorted(importing.kinds()))
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="COLUMN=FIELD",
            help="may be given many times; without any, the columns are known by their headings",
        )
        parser.add_argument(
            "--mapping", default="", metavar="NAME", help="columns as they were saved under this name"
        )
        parser.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="FIELD=VALUE",
            help="a value for blank cells of a field",
        )
        parser.add_argument("--by", default="", metavar="USERNAME", help="in whose name")
        parser.add_argument("--zone", default="", help="the time zone of dates without one")
        parser.add_argument("--dates", default="", help="how dates are written, such as dd/mm/yyyy")
        parser.add_argument("--dry-run", action="store_true", help="do it all, and take it back")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            plan = _plan(options, by := _person(options["by"]))
            report = imports.run(
                options["kind"],
                options["file"],
                plan.mapping,
                constants=plan.constants,
                by=by,
                at=present.now(),
                file_name=options["file"].name,
                zone=plan.zone,
                dates=plan.dates,
                dry=options["dry_run"],
            )
        except (Refused, OSError) as error:
            raise CommandError(str(error)) from None
        self._tell(options["kind"], report, dry=options["dry_run"])

    def _tell(self, kind: str, report: imports.Report, *, dry: bool) -> None:
        for note in report.notes.told():
            self.stdout.write(f"note: {note['message']} ({note['rows']} rows, first in line {note['line']})")
        for row in report.bad[:SHOWN]:
            for field, message in row.problems:
                self.stdout.write(f"line {row.line}: {field}: {message}")
        if report.counts[REJECTED] > SHOWN:
            self.stdout.write(f"… and {report.counts[REJECTED] - SHOWN} more")
        told = ", ".join(f"{report.counts[name]} {name}" for name in (CREATED, UPDATED, UNCHANGED, REJECTED))
        self.stdout.write(f"{kind}: {told}{' (dry run, nothing kept)' if dry else ''}")


def _plan(options: dict[str, Any], by: User | None) -> imports.Plan:
    """As saved under a name, else by the headings; what is said besides overrules it."""
    said = {field: column for column, field in map(_pair, options["map"])}
    plan = imports.Plan(zone="UTC")
    if options["mapping"]:
        plan = imports.saving.plan_of(imports.saving.named(options["mapping"], options["kind"], by=by))
    elif not said:
        header = imports.Plan().table(options["file"]).header
        plan = imports.Plan(imports.guess_mapping(importing.importer_of(options["kind"]), header), zone="UTC")
    return imports.Plan(
        mapping={**plan.mapping, **said},
        constants={**plan.constants, **dict(map(_pair, options["set"]))},
        zone=options["zone"] or plan.zone,
        dates=options["dates"] or plan.dates,
    )


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
