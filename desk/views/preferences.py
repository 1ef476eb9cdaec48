"""A person's own settings and news."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from crm import preferences, present
from crm.components.faces import Words
from crm.models import Notification, User
from crm.states import Refused
from desk import presenting
from desk.forms_preferences import MAILS, LookForm, ToldForm, look_of, told_of
from desk.views.answers import explain, is_htmx, own_path, person

SHOWN = 50


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def prefer(request: HttpRequest) -> HttpResponse:
    """The page of one's own settings; POST keeps how Baton looks, from here or from the menu of every page."""
    if request.method != "POST":
        return _settings(request)
    chosen = {name: request.POST.get(name, "") for name in preferences.CHOICES}
    try:
        user = preferences.prefer(person(request), **chosen)
    except Refused as refused:
        messages.error(request, str(refused))
        return HttpResponse(str(refused), status=422) if is_htmx(request) else _back(request)
    if is_htmx(request):
        return HttpResponse(status=204)
    _say_saved(request, user)
    return _back(request)


@login_required
@require_POST
def be_told(request: HttpRequest) -> HttpResponse:
    """How one is mailed."""
    form = ToldForm(request.POST)
    if form.is_valid():
        try:
            _say_saved(request, preferences.be_told(person(request), **form.cleaned_data))
            return redirect("desk:preferences")
        except Refused as refused:
            explain(form, refused)
    return _settings(request, form)


def _settings(request: HttpRequest, told: ToldForm | None = None) -> HttpResponse:
    # Read anew: a refused deed leaves its wishes on the person of this request.
    user = User.objects.get(pk=person(request).pk)
    context = {
        "title": _("Preferences"),
        "lede": _("How Baton looks to you, and when it may reach you."),
        "look": LookForm(initial=look_of(user)),
        "told": told or ToldForm(initial=told_of(user)),
        "notes": MAILS,
    }
    return render(request, "desk/preferences.html", context, status=422 if told else 200)


def _say_saved(request: HttpRequest, user: User) -> None:
    with translation.override(user.language):
        messages.success(request, _("Your settings are saved."))


def _back(request: HttpRequest) -> HttpResponse:
    return redirect(own_path(request, request.POST.get("next"), reverse("desk:inbox")))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def news(request: HttpRequest) -> HttpResponse:
    """The bell's lines; POST marks all of them as read."""
    user, at = person(request), present.now()
    if request.method == "POST":
        preferences.read_news(user, at=at)
        return redirect("desk:news")
    lines = Notification.objects.visible_to(user).order_by("-pk")[:SHOWN]
    told = [(line, _words(line), _page(line)) for line in lines]
    return render(request, "desk/news.html", {"title": _("News"), "told": told, "now": at})


def _words(line: Notification) -> Words:
    return presenting.news(line.kind, line.data)


def _page(line: Notification) -> str:
    pages = {"handoff": "desk:handoff", "import": "desk:import-detail", "agreement": "sla:agreement"}
    page = pages.get(line.subject_type)
    return reverse(page, args=[line.subject_id]) if page else ""
