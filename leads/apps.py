from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LeadsConfig(AppConfig):
    name = "leads"
    verbose_name = _("Leads")

    def ready(self) -> None:
        from crm.webhooks.disclosure import disclose
        from leads import importing, subscribers

        importing.register()
        subscribers.register()
        disclose("lead.edited", "fields")
        disclose("lead.recycled", "waits_until", "programme")
