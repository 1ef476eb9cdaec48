"""An asset as the API shows and takes it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from content.models import Asset, AssetKind, Phase
from crm.api.fields import Day, Input, Text
from crm.models import Language, StakeholderRole


class AssetSerializer(serializers.ModelSerializer):
    next_step: Any = serializers.SlugRelatedField("slug", read_only=True)

    class Meta:
        model = Asset
        fields = (
            "slug", "kind", "title", "title_ja", "summary", "url", "phases", "stakeholder_roles", "industries",
            "language", "published_on", "reviewed_on", "retired_on", "next_step", "created_at", "updated_at",
        )  # fmt: skip
        read_only_fields = fields


class AssetChange(Input):
    """What may be changed of an asset. Its slug stays: behaviour events name assets by it."""

    kind = serializers.ChoiceField(AssetKind.choices, required=False)
    title = Text(required=False)
    title_ja = Text(required=False, allow_blank=True)
    summary = Text(multiline=True, required=False, allow_blank=True)
    url = serializers.URLField(max_length=200, required=False, allow_blank=True)
    phases = serializers.ListField(
        child=serializers.ChoiceField(Phase.choices), required=False, max_length=len(Phase)
    )
    stakeholder_roles = serializers.ListField(
        child=serializers.ChoiceField(StakeholderRole.choices),
        required=False,
        max_length=len(StakeholderRole),
    )
    industries = serializers.ListField(child=Text(max_length=80), required=False, max_length=100)
    language = serializers.ChoiceField(Language.choices, required=False)
    published_on = Day(required=False, allow_null=True)
    reviewed_on = Day(required=False, allow_null=True)
    retired_on = Day(required=False, allow_null=True)
    next_step = serializers.SlugRelatedField(
        "slug", queryset=Asset.objects.all(), required=False, allow_null=True
    )


class NewAsset(AssetChange):
    slug = serializers.SlugField(max_length=120)
    kind = serializers.ChoiceField(AssetKind.choices)
    title = Text()
