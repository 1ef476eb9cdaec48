"""The pipeline's catalogues in the admin, and deals to look at."""

from __future__ import annotations

from django.contrib import admin

from crm.admin_base import BatonAdmin, LookOnlyAdmin
from deals.models import Deal, DealStage, LossReason, Product


@admin.register(DealStage)
class DealStageAdmin(BatonAdmin):
    list_display = ("name", "name_ja", "code", "position", "probability", "outcome")
    ordering = ("position", "pk")


@admin.register(LossReason)
class LossReasonAdmin(BatonAdmin):
    list_display = ("name", "name_ja", "code", "recycles", "wait_days", "programme")
    list_select_related = ("programme",)
    ordering = ("name", "pk")


@admin.register(Product)
class ProductAdmin(BatonAdmin):
    list_display = ("name", "code", "price", "currency")
    search_fields = ("name", "code")
    ordering = ("name", "pk")


@admin.register(Deal)
class DealAdmin(LookOnlyAdmin):
    list_display = ("name", "account", "owner", "stage", "amount", "currency", "opened_at", "closed_at")
    list_filter = ("stage", "owner", "closed_at")
    list_select_related = ("account", "owner", "stage")
    search_fields = ("name", "account__name", "external_id")
