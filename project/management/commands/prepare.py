"""Bring tables, schedules, folders and static files up to date; ./run demo and ./run serve call it first."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from project import preparation


class Command(BaseCommand):
    help = "Bring tables, schedules, folders and static files up to date."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demo", action="store_true", help="make the demo company in an empty database")

    def handle(self, *args: Any, **options: Any) -> None:
        preparation.prepare(demo=options["demo"])
