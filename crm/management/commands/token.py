"""Print a new API token of a person; the last line is the token and nothing else."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from crm import present, tokens
from crm.models import User
from crm.states import Refused


class Command(BaseCommand):
    help = "Issue an API token. It is printed once, alone on the last line, and kept only as a hash."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument(
            "--scopes", required=True, help=f"separated by commas, out of: {', '.join(tokens.SCOPES)}"
        )
        parser.add_argument("--name", default="command line", help="what it is for, as the admin shows it")
        parser.add_argument("--days", type=int, help="when it expires; without it, never")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"], is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active person with the user name {options['username']!r}.")
        scopes = [scope.strip() for scope in options["scopes"].split(",") if scope.strip()]
        try:
            _token, secret = tokens.issue(
                user, scopes=scopes, at=present.now(), name=options["name"], days=options["days"]
            )
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(secret)
