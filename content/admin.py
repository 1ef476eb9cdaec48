"""The content library in the admin."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy

from content.models import Asset, Phase
from crm.admin_base import BatonAdmin


@admin.register(Asset)
class AssetAdmin(BatonAdmin):
    list_display = ("title", "kind", "said_phases", "language", "published_on", "reviewed_on", "retired_on")
    list_filter = ("kind", "language", "published_on")
    search_fields = ("slug", "title", "title_ja")
    ordering = ("title", "pk")

    @admin.display(description=gettext_lazy("phases"))
    def said_phases(self, asset: Asset) -> str:
        return " · ".join(str(Phase(code).label) for code in asset.phases)
