"""The project as an app: its commands, and nothing in the database; and the admin it brings along."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class ProjectConfig(AppConfig):
    name = "project"
    verbose_name = "Baton"


class BatonAdminConfig(AdminConfig):
    default_site = "project.admin_site.BatonAdminSite"
