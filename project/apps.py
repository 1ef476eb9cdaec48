"""The project as an app: its commands, and nothing in the database; and the admin it brings along."""

import gc

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class ProjectConfig(AppConfig):
    name = "project"
    verbose_name = "Baton"

    def ready(self) -> None:
        """What is loaded stays as long as the process does: the collector need not walk through it again and again."""
        gc.freeze()


class BatonAdminConfig(AdminConfig):
    default_site = "project.admin_site.BatonAdminSite"
