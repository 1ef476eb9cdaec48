"""The top layer: settings, addresses, the queue and the services that run beside the web process."""

from project.celery import app as celery_app

__all__ = ["celery_app"]
