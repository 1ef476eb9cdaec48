"""The project as an app: its commands, and nothing in the database."""

from django.apps import AppConfig


class ProjectConfig(AppConfig):
    name = "project"
    verbose_name = "Baton"
