"""Check the promises of the data; exits with 1 and names what breaks them."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from crm import present
from project import invariants


class Command(BaseCommand):
    help = "Check the invariants of handoffs, scores, terms, verdicts, ledger and outbox."

    def handle(self, *_args: Any, **_options: Any) -> None:
        broken = invariants.broken(present.now())
        for line in broken:
            self.stderr.write(line)
        if broken:
            raise CommandError(f"{len(broken)} promises are broken.")
        self.stdout.write("All invariants hold.")
