"""`./run manage find_duplicates [--all]`: look for duplicates now, of what changed or of everything."""

from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from crm import present, searching
from crm.models import DuplicatePair


class Command(BaseCommand):
    help = "Compare what changed since the last search with what is stored; --all compares everything anew."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--all", action="store_true")

    def handle(self, *_args: Any, **options: Any) -> None:
        begun = monotonic()
        work = searching.search_all if options["all"] else searching.search_rest
        count = work(at=present.now())
        seconds = monotonic() - begun
        self.stdout.write(
            f"{count} records in {seconds:.1f} s ({count / max(seconds, 0.001):.0f}/s);"
            f" {DuplicatePair.objects.open().count()} pairs to be decided."
        )
