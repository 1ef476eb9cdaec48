"""What anybody may open: the forms under /f/, and the beacon for our web sites."""

from django.urls import path

from leads.views import beacon, capture

urlpatterns = [
    path("f/<slug:slug>/", capture.page, name="capture-page"),
    path("f/<slug:slug>/thanks/<str:secret>/", capture.thanks, name="capture-thanks"),
    path("f/<slug:slug>/get/<str:secret>/", capture.get, name="capture-get"),
    path("f/<slug:slug>/not-me/", capture.not_me, name="capture-not-me"),
    path("b.js", beacon.script, name="beacon-script"),
    path("b/", beacon.note, name="beacon-note"),
]
