"""Addresses of the pages."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from desk.views import handoff_deeds, handoffs, inbox, preferences

app_name = "desk"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="desk:inbox"), name="home"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("handoffs/<int:pk>/", handoffs.detail, name="handoff"),
    *(
        path(f"handoffs/<int:pk>/{name}/", handoff_deeds.deed, {"name": name}, name=f"handoff-{name}")
        for name in handoff_deeds.DEEDS
    ),
    path("preferences/", preferences.prefer, name="preferences"),
    path("preferences/mails/", preferences.be_told, name="preferences-mails"),
    path("notifications/", preferences.news, name="news"),
]
if find_spec("desk.urls_records"):
    urlpatterns += [path("", include("desk.urls_records"))]
