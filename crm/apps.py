from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CrmConfig(AppConfig):
    name = "crm"
    verbose_name = _("Crm")

    def ready(self) -> None:
        from crm import activity_import, correspondence, importers
        from crm.webhooks.disclosure import disclose

        correspondence.register()
        importers.register()
        activity_import.register()
        disclose("activity.logged", "channel", "direction", "outcome")
        disclose("followup.planned", "due_at")
        disclose("followup.done", "due_at")
        disclose("contact.edited", "fields")
        disclose("webhook.changed", "fields")
        disclose("webhook.switched_off", "cause")
