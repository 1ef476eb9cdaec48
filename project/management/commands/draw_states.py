"""Write docs/states.md from the tables of allowed moves."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from project import diagrams


class Command(BaseCommand):
    help = "Draw the state diagrams of the documentation."

    def handle(self, *_args: Any, **_options: Any) -> None:
        target = Path(settings.BASE_DIR) / "docs" / "states.md"
        target.write_text(diagrams.page(), encoding="utf-8")
        self.stdout.write("docs/states.md is current.")
