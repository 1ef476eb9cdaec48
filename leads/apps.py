from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LeadsConfig(AppConfig):
    name = "leads"
    verbose_name = _("Leads")

    def ready(self) -> None:
        from crm import ledger
        from crm.webhooks.disclosure import disclose
        from leads import subscribers
        from leads.capture import importing as lead_files
        from leads.events import arrivals
        from leads.events import importing as event_files

        lead_files.register()
        event_files.register()
        subscribers.register()
        ledger.subscribe("contact.readdressed", arrivals.people_readdressed)
        disclose("lead.edited", "fields")
        disclose("lead.recycled", "waits_until", "programme")
