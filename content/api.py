"""REST: the content library."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from content import publishing
from content.filters import AssetFilters
from content.models import Asset
from content.serializers import AssetChange, AssetSerializer, NewAsset
from crm.api.views import Resource


class Assets(Resource):
    required_scopes = {"read": "content:read", "write": "content:write"}
    serializer_class = AssetSerializer
    input_class = NewAsset
    patch_class = AssetChange
    filterset_class = AssetFilters
    ordering_fields = {"id": "id", "slug": "slug", "updated_at": "updated_at"}
    lookup_field = "slug"

    def rows(self) -> QuerySet[Asset]:
        return Asset.objects.visible_to(self.user).select_related("next_step")

    def add(self, values: dict[str, Any]) -> Asset:
        return publishing.add(values.pop("slug"), by=self.user, at=self.at, **values)

    def edit(self, row: Asset, values: dict[str, Any]) -> Asset:
        return publishing.edit(row, by=self.user, at=self.at, **values)
