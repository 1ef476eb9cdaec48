"""The Celery application. A message is only a nudge: every task finds its own work in the database."""

import os
import warnings
from typing import Any

from celery import Celery
from celery.exceptions import SecurityWarning
from celery.signals import setup_logging

from project import file_queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

# The demo may run as root in a container. What the warning is about, pickled messages, we do not accept.
warnings.simplefilter("ignore", SecurityWarning)

file_queue.install()
app = Celery("baton")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def use_django_logging(**_kwargs: Any) -> None:
    """Without this Celery replaces the root logger, and its lines are no JSON any more."""
    from logging.config import dictConfig

    from django.conf import settings

    dictConfig(settings.LOGGING)
