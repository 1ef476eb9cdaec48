"""Addresses of the SLA's pages."""

from django.urls import path

from sla.views import agreement_deeds, agreement_editor, agreements, routing

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
]
