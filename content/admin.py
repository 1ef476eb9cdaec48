"""The content library in the admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from content import publishing
from content.models import Asset, Phase
from crm import present
from crm.admin_base import BatonAdmin


@admin.register(Asset)
class AssetAdmin(BatonAdmin):
    list_display = ("title", "kind", "said_phases", "language", "published_on", "reviewed_on", "retired_on")
    list_filter = ("kind", "language", "published_on")
    search_fields = ("slug", "title", "title_ja")
    ordering = ("title", "pk")

    def get_readonly_fields(self, request: HttpRequest, obj: Asset | None = None) -> tuple[str, ...]:
        """Its slug is its name for good."""
        return ("slug",) if obj else ()

    def get_form(self, request: HttpRequest, obj: Asset | None = None, **kwargs: Any) -> Any:
        """No asset leads on to itself."""
        form = super().get_form(request, obj, **kwargs)
        if obj and "next_step" in form.base_fields:
            form.base_fields["next_step"].queryset = Asset.objects.exclude(pk=obj.pk)
        return form

    def save_model(self, request: HttpRequest, obj: Asset, form: Any, change: bool) -> None:
        by: Any = request.user
        if change:
            changes = {name: form.cleaned_data[name] for name in form.changed_data}
            publishing.edit(obj, by=by, at=present.now(), **changes)
        else:
            obj.pk = publishing.add(by=by, at=present.now(), **form.cleaned_data).pk

    @admin.display(description=gettext_lazy("phases"))
    def said_phases(self, asset: Asset) -> str:
        return " · ".join(str(Phase(code).label) for code in asset.phases)
