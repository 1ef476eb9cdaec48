"""The content library in the admin."""

from __future__ import annotations

from django.contrib import admin

from content.models import Asset
from crm.admin_base import BatonAdmin


@admin.register(Asset)
class AssetAdmin(BatonAdmin):
    list_display = ("title", "kind", "phases", "language", "published_on", "reviewed_on", "retired_on")
    list_filter = ("kind", "language", "published_on")
    search_fields = ("slug", "title", "title_ja")
    ordering = ("title", "pk")
