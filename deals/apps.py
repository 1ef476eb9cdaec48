from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DealsConfig(AppConfig):
    name = "deals"
    verbose_name = _("Deals")

    def ready(self) -> None:
        from crm.webhooks.disclosure import disclose
        from deals import importing

        importing.register()
        disclose("deal.lost", "reason")
        disclose("deal.seated", "role", "stance")
