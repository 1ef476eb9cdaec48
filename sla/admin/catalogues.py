"""What agreements and routing are made of: reasons, MQL definitions, segments, territories."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from crm.admin_base import BatonAdmin
from leads.models import MqlDefinition, Segment
from sla.models import Agreement, RejectionReason, Territory


@admin.register(RejectionReason)
class RejectionReasonAdmin(BatonAdmin):
    list_display = ("name", "name_ja", "code", "position")
    ordering = ("position", "pk")


class HeldByAgreements(BatonAdmin):
    """Edited as long as only drafts name it: what both sides have before them, or signed, stands still."""

    held_by = ""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and not self.is_held(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not self.is_held(obj)

    def is_held(self, obj: Any) -> bool:
        if obj is None:
            return False
        return Agreement.objects.filter(**{self.held_by: obj}).exclude(status="draft").exists()


@admin.register(MqlDefinition)
class MqlDefinitionAdmin(HeldByAgreements):
    held_by = "definition"
    list_display = (
        "threshold", "minimum_grade", "required_fields", "hand_raises", "consent_required", "segment", "in_force",
    )  # fmt: skip
    list_filter = ("in_force", "segment")
    list_select_related = ("segment",)
    fieldsets = (
        (
            _("When a lead is one"),
            {
                "fields": ("threshold", "minimum_grade", "hand_raises"),
                "description": _(
                    "The score, or one of these behaviours; either way the fit has to be good enough."
                ),
            },
        ),
        (
            _("What has to be known"),
            {
                "fields": ("required_fields", "consent_required"),
                "description": _("A lead that lacks one of these stays with marketing until it is known."),
            },
        ),
    )

    def is_held(self, obj: Any) -> bool:
        return bool(obj and obj.in_force) or super().is_held(obj)


@admin.register(Segment)
class SegmentAdmin(HeldByAgreements):
    held_by = "segment"
    list_display = (
        "name", "name_ja", "code", "position", "industries", "countries", "sources", "min_employees", "max_employees",
    )  # fmt: skip
    search_fields = ("name", "name_ja", "code")
    ordering = ("position", "pk")
    fieldsets = (
        (
            None,
            {
                "fields": ("name", "name_ja", "code", "position"),
                "description": _(
                    "Where a lead lies in several segments, the one with the lowest position counts."
                ),
            },
        ),
        (
            _("Which leads"),
            {
                "fields": ("industries", "countries", "sources", "min_employees", "max_employees"),
                "description": _(
                    "A lead has to meet every condition that is filled in. Several values are separated by commas;"
                    " one of them is enough. Once an agreement for the segment is proposed it stands still: make a"
                    " new segment for other leads."
                ),
            },
        ),
    )


@admin.register(Territory)
class TerritoryAdmin(BatonAdmin):
    list_display = ("segment", "team", "position")
    list_select_related = ("segment", "team")
    ordering = ("position", "pk")
    fieldsets = (
        (
            None,
            {
                "fields": ("segment", "team", "position"),
                "description": _(
                    "Leads of the segment go to people of this team, or wait in the open queue where no team is"
                    " chosen. The owner of a lead's account always comes first. Try it out on the routing page."
                ),
            },
        ),
    )
