"""Make the demo company, or tell who can log in to it."""

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandParser

from crm import present
from project.demo import cast, factories, story


class Command(BaseCommand):
    help = "Make the demo company in an empty database; with --logins, tell one log-in per role."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--logins", action="store_true", help="print one log-in per role and do nothing else"
        )
        parser.add_argument("--scale", type=float, default=1.0, help="how much of everything (default 1.0)")
        parser.add_argument("--seed", type=int, default=factories.SEED, help="start of the random numbers")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["logins"]:
            self.stdout.write("\n".join(cast.login_lines()))
        elif get_user_model()._default_manager.exists():
            self.stdout.write(
                "There are people here already; the demo company is made in an empty database only."
            )
        else:
            story.play(at=present.now(), scale=options["scale"], seed=options["seed"])
