from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CrmConfig(AppConfig):
    name = "crm"
    verbose_name = _("Crm")

    def ready(self) -> None:
        from crm import activity_import, correspondence, importers

        correspondence.register()
        importers.register()
        activity_import.register()
