"""What anybody may open: the forms under /f/, and the beacon for our web sites."""

from django.urls import path

from leads.capture.views import beacon, forms

urlpatterns = [
    path("f/<slug:slug>/", forms.page, name="capture-page"),
    path("f/<slug:slug>/thanks/<str:secret>/", forms.thanks, name="capture-thanks"),
    path("f/<slug:slug>/get/<str:secret>/", forms.get, name="capture-get"),
    path("f/<slug:slug>/not-me/", forms.not_me, name="capture-not-me"),
    path("b.js", beacon.script, name="beacon-script"),
    path("b/", beacon.note, name="beacon-note"),
]
