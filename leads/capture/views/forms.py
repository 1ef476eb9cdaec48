"""The public pages of a form: the questions, the thanks, and what stands behind it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm import access, present
from crm.states import Refused
from leads.capture import asking, consents, submissions, visitors
from leads.capture.asking import Ticket
from leads.capture.forms import TRAP, AnswersForm
from leads.capture.origins import origin_of
from leads.capture.spam import is_stale
from leads.capture.submissions import Sent
from leads.capture.views import strangers
from leads.capture.visitors import Known
from leads.events.bots import is_program
from leads.models import CaptureForm, ConsentText

MOST_BYTES = 64 * 1024
# Hidden fields that go through a page unchanged.
CARRIED = (*strangers.WAYS, "k", "v", "next")
View = Callable[..., HttpResponse]


def public(view: View) -> View:
    """A page of a form, in the form's language; a form that is not published is gone."""

    @never_cache
    @wraps(view)
    def wrapped(request: HttpRequest, slug: str, **more: str) -> HttpResponse:
        if strangers.is_larger_than(request, MOST_BYTES):
            return strangers.too_large()
        rows = CaptureForm.objects.select_related("asset__next_step", "next_asset", "next_form", "consent")
        form = get_object_or_404(rows.prefetch_related("questions"), slug=slug)
        with translation.override(form.language):
            if form.is_active or (request.method == "GET" and access.sees_everything(request.user)):
                return strangers.framed(view(request, form, **more), form)
            return strangers.framed(render(request, "capture/gone.html", {"form": form}, status=410), form)

    return wrapped


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@public
def page(request: HttpRequest, form: CaptureForm) -> HttpResponse:
    at = present.now()
    told = request.POST if request.method == "POST" else request.GET
    known = visitors.recognise(strangers.visitor_id_of(request), mail_key=told.get("k", ""), at=at)
    if request.method == "POST":
        return _receive(request, form, known, at)
    return _ask(request, form, known, at)


def _ask(request: HttpRequest, form: CaptureForm, known: Known, at: datetime) -> HttpResponse:
    """The questions that are still open, on a fresh page."""
    asked = tuple(one.name for one in asking.questions_for(form, known.fields))
    carried = {name: request.GET.get(name, "") for name in CARRIED} | _came_by(request)
    answers = AnswersForm(form, asked, at=at, has_agreed=_has_agreed(form, known))
    return _shown(request, form, answers, known, carried=carried)


def _has_agreed(form: CaptureForm, known: Known) -> bool:
    return known.has_agreed(form.consent_id, is_required=form.consent_required)


def _came_by(request: HttpRequest) -> dict[str, str]:
    referrer = request.headers.get("Referer", "")
    is_own = origin_of(referrer) == strangers.own_origin(request)
    named = {"referrer": request.GET.get("referrer") or ("" if is_own else referrer)}
    return named | {"landing_page": request.GET.get("landing_page") or request.path}


def _shown(
    request: HttpRequest,
    form: CaptureForm,
    answers: AnswersForm,
    known: Known,
    *,
    carried: dict[str, str],
    signed: str = "",
    note: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "form": form,
        "answers": answers,
        "is_known": known.contact is not None,
        "hidden": {name: value for name, value in carried.items() if value},
        "ticket": signed or asking.issue(form, answers.asked, at=answers.at),
        "suggestions": asking.suggestions(form.language) if "industry" in answers.asked else [],
        "note": note,
        "is_preview": not form.is_active,
    }
    return render(request, "capture/page.html", context, status=status)


# -- sending ----------------------------------------------------------------------------------------


def _receive(request: HttpRequest, form: CaptureForm, known: Known, at: datetime) -> HttpResponse:
    """Take the post in; where that cannot be, the page again with everything that was typed."""
    ticket = asking.read(form, request.POST.get("t", ""))
    asked = _asked(form, ticket, known) if ticket else _pasted(form, request)
    has_agreed = "email" not in asked and _has_agreed(form, known)
    answers = AnswersForm(form, asked, at=at, data=request.POST, has_agreed=has_agreed)
    again: dict[str, Any] = {"carried": {name: request.POST.get(name, "") for name in CARRIED}, "status": 422}
    if not answers.is_valid():
        signed = request.POST.get("t", "") if ticket and ticket.asked == asked else ""
        return _shown(request, form, answers, known, signed=signed, **again)
    has_said_yes = bool(answers.cleaned_data.get("agree"))
    consent = _words(request, form, ticket) if has_said_yes else None
    if not _is_current(request, form, ticket, at) or (has_said_yes and consent is None):
        note = _(
            "This page has changed or was open for a long time. Please look at it once more and send it again."
        )
        return _shown(request, form, answers, known, note=note, **again)
    sent = _sent(request, form, answers, known, ticket, consent, at)
    try:
        submissions.submit(form, sent, at=at)
    except Refused as refusal:
        again["status"] = 429 if refusal.code == "too_many" else 422
        return _shown(request, form, answers, known, note=str(refusal), **again)
    return _thanked(request, form, sent)


def _is_current(request: HttpRequest, form: CaptureForm, ticket: Ticket | None, at: datetime) -> bool:
    """Whether it is of a page opened lately, with the words of consent as they stand; or from a site of the form."""
    if ticket is None:
        return request.headers.get("Origin", "").lower() in form.origins
    return ticket.consent == form.consent_id and not is_stale(ticket.opened_at, at=at)


def _words(request: HttpRequest, form: CaptureForm, ticket: Ticket | None) -> ConsentText | None:
    """Of consent, as they stood beside the box that was ticked."""
    return form.consent if ticket else consents.as_pasted(form, request.POST.get("c", ""))


def _pasted(form: CaptureForm, request: HttpRequest) -> tuple[str, ...]:
    """What a form on another site asks: it stays as it was pasted, whatever has changed here since."""
    rows = sorted(form.questions.all(), key=lambda row: (row.position, row.pk))
    return ("email", *(row.name for row in rows if row.name in request.POST))


def _asked(form: CaptureForm, ticket: Ticket, known: Known) -> tuple[str, ...]:
    """What the page asked; the address as well when we no longer know who is there."""
    is_nobody = known.contact is None and "email" not in ticket.asked
    return ("email", *ticket.asked) if is_nobody else ticket.asked


def _sent(
    request: HttpRequest,
    form: CaptureForm,
    answers: AnswersForm,
    known: Known,
    ticket: Ticket | None,
    consent: ConsentText | None,
    at: datetime,
) -> Sent:
    told, said = request.POST, answers.cleaned_data["answers"]
    typed = "\0".join(f"{name}={value}" for name, value in sorted(said.items()))
    elsewhere = {} if told.get("landing_page") else {"landing_page": request.headers.get("Referer", "")}
    return Sent(
        answers=said,
        ticket=ticket or asking.ticket_without_page(form, typed, answers.asked, at=at),
        consent=consent,
        ways=strangers.ways_of({**told.dict(), **({} if ticket else elsewhere)}),
        known=Known() if "email" in said else known,
        visitor_id=strangers.visitor_id_of(request) or visitors.new_id(),
        beacon_id=told.get("v", ""),
        sender=strangers.sender_of(request),
        trap=told.get(TRAP, ""),
        is_program=is_program(request.headers),
        is_from_page=ticket is not None,
    )


def _thanked(request: HttpRequest, form: CaptureForm, sent: Sent) -> HttpResponse:
    """To the thanks; or to the page the site asked for, when it is on one of the form's own sites."""
    following = request.POST.get("next", "")
    is_allowed = origin_of(following) in form.origins
    address = following if is_allowed else reverse("capture-thanks", args=[form.slug, sent.ticket.secret])
    response: HttpResponse = HttpResponseRedirect(address)
    response.status_code = 303
    if sent.agreed or sent.known.contact:
        strangers.with_cookie(request, response, sent.visitor_id)
    return response


# -- afterwards -------------------------------------------------------------------------------------


@require_safe
@public
def thanks(request: HttpRequest, form: CaptureForm, secret: str) -> HttpResponse:
    row = submissions.received(form, secret)
    if row is None:
        return render(request, "capture/gone.html", {"form": form, "is_lost": True}, status=404)
    following = form.next_form if form.next_form and form.next_form.is_active else None
    asset = form.next_asset or (form.asset.next_step if form.asset else None)
    context = {
        "form": form,
        "asset": submissions.opens(row, at=present.now()),
        "link": reverse("capture-get", args=[form.slug, secret]),
        "following": following,
        "next_asset": asset if asset and asset.url and not following else None,
    }
    return render(request, "capture/thanks.html", context)


@require_safe
@public
def get(request: HttpRequest, form: CaptureForm, secret: str) -> HttpResponse:
    """The asset behind a form, for who has sent it; what a program fetches does not count."""
    at, row = present.now(), submissions.received(form, secret)
    asset = submissions.opens(row, at=at) if row else None
    if row is None or asset is None:
        return render(request, "capture/gone.html", {"form": form, "is_lost": True}, status=410)
    if request.method == "GET" and not is_program(request.headers):
        submissions.note_download(row, at=at)
    return redirect(asset.url)


@csrf_exempt
@require_POST
@public
def not_me(request: HttpRequest, form: CaptureForm) -> HttpResponse:
    """Forget who this browser was; the page then asks as it asks anybody."""
    visitors.forget(strangers.visitor_id_of(request))
    response = redirect("capture-page", form.slug)
    response.delete_cookie(strangers.COOKIE, samesite="Lax")
    return response
