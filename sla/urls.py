"""Addresses of the SLA's pages."""

from django.urls import path

from sla.views import agreement_deeds, agreement_editor, agreements, routing, what_if, what_if_leads

app_name = "sla"

urlpatterns = [
    path("sla/", agreements.agreement_list, name="agreements"),
    path("sla/export.csv", agreements.agreement_export, name="agreement-export"),
    path("sla/agreements/<int:pk>/", agreements.agreement_detail, name="agreement"),
    path("sla/agreements/<int:pk>/edit/", agreement_editor.edit, name="agreement-edit"),
    *(
        path(
            f"sla/agreements/<int:pk>/{name}/", agreement_deeds.deed, {"name": name}, name=f"agreement-{name}"
        )
        for name in agreement_deeds.DEEDS
    ),
    path("sla/routing/", routing.page, name="routing"),
    path("sla/what-if/", what_if.ask, name="what-if"),
    path("sla/what-if/<int:pk>/", what_if.run, name="what-if-run"),
    path("sla/what-if/<int:pk>/leads/", what_if_leads.lead_list, name="what-if-leads"),
    path("sla/what-if/<int:pk>/leads.csv", what_if_leads.export, name="what-if-export"),
    path("sla/what-if/<int:pk>/cancel/", what_if.cancel, name="what-if-cancel"),
    path("sla/what-if/<int:pk>/draft/", what_if.draft, name="what-if-draft"),
]
