"""`./run manage find_duplicates [--all]`: look for duplicates now, of what changed or of everything."""

from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from crm import present, searching
from crm.models import DuplicatePair

STOPPED = "Stopped. What was compared so far is kept; the next search goes on with the rest."


class Command(BaseCommand):
    help = "Compare what changed since the last search with what is stored; --all compares everything anew."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--all", action="store_true")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["all"]:
            searching.forget()
        try:
            self._search()
        except KeyboardInterrupt:
            self.stdout.write(STOPPED)
        self.stdout.write(f"{DuplicatePair.objects.open().count():,} pairs to be decided.")

    def _search(self) -> None:
        begun, waiting, done = monotonic(), searching.left(), 0
        for count in searching.steps(at=present.now()):
            done += count
            pace = done / max(monotonic() - begun, 0.001)
            self.stdout.write(f"{done:,} of {max(waiting, done):,} records compared, {pace:,.0f} a second")
