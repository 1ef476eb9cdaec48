"""Addresses of duplicates and merges. `desk.urls` includes them."""

from django.urls import path

from desk.views import duplicates, merges

urlpatterns = [
    path("duplicates/", duplicates.pair_list, name="duplicate-list"),
    path("duplicates/export.csv", duplicates.pair_export, name="duplicate-export"),
    path("duplicates/merge-exact/", duplicates.merge_exact, name="duplicate-exact"),
    path("duplicates/merged/", merges.merge_list, name="merge-list"),
    path("duplicates/merged.csv", merges.merge_export, name="merge-export"),
    path("duplicates/merged/<int:merge>/undo/", merges.merge_undo, name="merge-undo"),
    path("duplicates/<int:pk>/", duplicates.pair_page, name="duplicate"),
    path("duplicates/<int:pk>/merge/", duplicates.pair_merge, name="duplicate-merge"),
    path("duplicates/<int:pk>/apart/", duplicates.pair_apart, name="duplicate-apart"),
]
