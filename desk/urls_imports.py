"""Addresses of the files people bring in. `desk.urls` includes them."""

from django.urls import path

from desk.views import import_deeds, import_mappings, imports

urlpatterns = [
    path("imports/", imports.import_list, name="import-list"),
    path("imports/export.csv", imports.import_export, name="import-export"),
    path("imports/new/", import_deeds.receive, name="import-new"),
    path("imports/columns/", import_mappings.mappings, name="import-mappings"),
    path("imports/columns/<int:pk>/", import_mappings.change, name="import-mapping-change"),
    path("imports/columns/<int:pk>/drop/", import_mappings.drop, name="import-mapping-drop"),
    path("imports/<int:pk>/save/", import_mappings.save, name="import-save"),
    path("imports/<int:pk>/", imports.import_detail, name="import-detail"),
    path("imports/<int:pk>/columns/", import_deeds.columns, name="import-columns"),
    path("imports/<int:pk>/bad-rows.csv", imports.bad_rows, name="import-bad-rows"),
    path("imports/<int:pk>/start/", import_deeds.start, name="import-start"),
    path("imports/<int:pk>/stop/", import_deeds.stop, name="import-stop"),
    path("imports/<int:pk>/discard/", import_deeds.discard, name="import-discard"),
]
