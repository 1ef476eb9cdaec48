"""Put the periodic tasks into django-celery-beat's tables; running it again changes nothing."""

from typing import Any

from django.core.management.base import BaseCommand

from project import schedules


class Command(BaseCommand):
    help = "Make the periodic tasks known to the scheduler. An operator's own interval and switch are kept."

    def handle(self, *args: Any, **options: Any) -> None:
        for line in schedules.sync():
            self.stdout.write(line)
