"""Addresses of records: leads, accounts, deals, and the search over them. `desk.urls` includes them."""

from django.urls import path

from desk.views import accounts, deal_deeds, deals, leads, search

urlpatterns = [
    path("leads/", leads.lead_list, name="lead-list"),
    path("leads/export.csv", leads.lead_export, name="lead-export"),
    path("leads/<int:pk>/", leads.lead_detail, name="lead-detail"),
    path("leads/<int:pk>/score/", leads.lead_score, name="lead-score"),
    path("accounts/", accounts.account_list, name="account-list"),
    path("accounts/<int:pk>/", accounts.account_detail, name="account-detail"),
    path("deals/", deals.deal_list, name="deal-list"),
    path("deals/export.csv", deals.deal_export, name="deal-export"),
    path("deals/board/", deals.deal_board, name="deal-board"),
    path("deals/<int:pk>/", deals.deal_detail, name="deal-detail"),
    path("deals/<int:pk>/move/", deal_deeds.move, name="deal-move"),
    path("deals/<int:pk>/win/", deal_deeds.win, name="deal-win"),
    path("deals/<int:pk>/lose/", deal_deeds.lose, name="deal-lose"),
    path("deals/<int:pk>/reopen/", deal_deeds.reopen, name="deal-reopen"),
    path("search/", search.find, name="search"),
]
