"""Addresses of records: leads, accounts, deals, and the search over them. `desk.urls` includes them."""

from django.urls import path

from desk.views import (
    accounts,
    deal_deeds,
    deals,
    follow_ups,
    lead_deeds,
    lead_page,
    lead_score,
    leads,
    neglected,
    quality,
    scoring,
    search,
)

urlpatterns = [
    path("leads/", leads.lead_list, name="lead-list"),
    path("leads/export.csv", leads.lead_export, name="lead-export"),
    path("leads/neglected/", neglected.neglected, name="neglected"),
    path("leads/neglected.csv", neglected.neglected_export, name="neglected-export"),
    path("leads/neglected/all/", neglected.ask_all, name="neglected-all"),
    path("leads/neglected/tend/", neglected.tend, name="neglected-tend"),
    path("bulk/<int:pk>/", neglected.bulk_run, name="bulk-run"),
    path("bulk/<int:pk>/stop/", neglected.bulk_stop, name="bulk-stop"),
    path("bulk/<int:pk>/undo/", neglected.bulk_undo, name="bulk-undo"),
    path("leads/quality/", quality.quality_list, name="quality-list"),
    path("leads/quality.csv", quality.quality_export, name="quality-export"),
    path("leads/quality/mend/", quality.mend, name="quality-mend"),
    path("leads/quality/confirm/", quality.confirm, name="quality-confirm"),
    path("leads/quality/doubt/", quality.doubt, name="quality-doubt"),
    path("leads/quality/look/", quality.look, name="quality-look"),
    path("leads/<int:pk>/", lead_page.detail, name="lead-detail"),
    path("leads/<int:pk>/score/", lead_score.score, name="lead-score"),
    *(
        path(f"leads/<int:pk>/{name}/", lead_deeds.deed, {"name": name}, name=f"lead-{name}")
        for name in lead_deeds.DEEDS
    ),
    path("follow-ups/<int:pk>/done/", follow_ups.done, name="follow-up-done"),
    path("follow-ups/<int:pk>/undo/", follow_ups.undo, name="follow-up-undo"),
    path("accounts/", accounts.account_list, name="account-list"),
    path("accounts/export.csv", accounts.account_export, name="account-export"),
    path("accounts/<int:pk>/", accounts.account_detail, name="account-detail"),
    path("deals/", deals.deal_list, name="deal-list"),
    path("deals/export.csv", deals.deal_export, name="deal-export"),
    path("deals/board/", deals.deal_board, name="deal-board"),
    path("deals/<int:pk>/", deals.deal_detail, name="deal-detail"),
    *(
        path(f"deals/<int:pk>/{name}/", deal_deeds.deed, {"name": name}, name=f"deal-{name}")
        for name in deal_deeds.DEEDS
    ),
    path("scoring/", scoring.version_list, name="scoring"),
    path("scoring/draft/", scoring.draft, name="scoring-draft"),
    path("scoring/<int:pk>/", scoring.compare, name="scoring-compare"),
    path("scoring/<int:pk>/activate/", scoring.activate, name="scoring-activate"),
    path("search/", search.find, name="search"),
]
