"""`./run manage evaluate_duplicates DIR`: precision and recall of the duplicate rules on data whose truth is known."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from crm.matching import trial


class Command(BaseCommand):
    help = "Say how well duplicates are found in the real data of a folder (see docs/real-data.md)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *_args: Any, folder: Path, **_options: Any) -> None:
        figures = trial.run(folder)
        if not figures:
            raise CommandError(f"{folder} holds none of: {', '.join(trial.TRIALS)}")
        for line in figures:
            self.stdout.write(str(line))
