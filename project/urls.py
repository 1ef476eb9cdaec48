"""Every address. An app's own urls.py and api_urls.py are included as soon as they exist."""

from importlib.util import find_spec

from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

from project import health

APPS = ("crm", "content", "leads", "deals", "sla", "reports")

Addresses = list[URLPattern | URLResolver]
handler400 = "project.errors.bad_request"
handler404 = "project.errors.not_found"
handler500 = "project.errors.failed"


def _included(module: str, apps: tuple[str, ...]) -> Addresses:
    """The modules of this name, side by side under one prefix; each names its own paths and its own namespace."""
    return [path("", include(f"{app}.{module}")) for app in apps if find_spec(f"{app}.{module}")]


accounts: Addresses = [
    path("login/", auth.LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("password/", auth.PasswordChangeView.as_view(), name="password_change"),
    path("password/done/", auth.PasswordChangeDoneView.as_view(), name="password_change_done"),
]

urlpatterns: Addresses = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("admin/", admin.site.urls),
    path("accounts/", include(accounts)),
    path("language/", set_language, name="set_language"),
    path("api/v1/", include(_included("api_urls", APPS))),
    *_included("urls", (*APPS, "desk")),
]
