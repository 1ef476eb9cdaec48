"""Addresses of the pages."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from desk.views import handoff_deeds, handoff_list, handoffs, inbox, leaves, preferences, team

app_name = "desk"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="desk:inbox"), name="home"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("handoffs/", handoff_list.handoff_list, name="handoff-list"),
    path("handoffs/export.csv", handoff_list.handoff_export, name="handoff-export"),
    path("handoffs/<int:pk>/", handoffs.detail, name="handoff"),
    *(
        path(f"handoffs/<int:pk>/{name}/", handoff_deeds.deed, {"name": name}, name=f"handoff-{name}")
        for name in handoff_deeds.DEEDS
    ),
    path("team/", team.today, name="team"),
    path("team/export.csv", team.team_export, name="team-export"),
    path("team/reassign/", team.reassign, name="team-reassign"),
    path("team/leave/", leaves.add, name="leave-add"),
    path("team/leave/<int:pk>/remove/", leaves.remove, name="leave-remove"),
    path("team/leave/<int:entry>/restore/", leaves.restore, name="leave-restore"),
    path("preferences/", preferences.prefer, name="preferences"),
    path("preferences/mails/", preferences.be_told, name="preferences-mails"),
    path("notifications/", preferences.news, name="news"),
]
for module in ("desk.urls_records", "desk.urls_imports", "desk.urls_duplicates"):
    if find_spec(module):
        urlpatterns += [path("", include(module))]
