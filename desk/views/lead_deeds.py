"""The deeds with a lead: correct what is known, plan the next step, hand it to sales."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from crm import present
from desk import next_steps, presenting
from desk.forms import FollowUpForm
from desk.forms_events import RestoreForm, WithdrawForm
from desk.forms_records import HandOverForm, MergeForm, PersonForm
from desk.views import lead_page
from desk.views.answers import person
from desk.views.deeds import Deed, Subject, data_of, perform
from leads import steering
from leads.events import withdrawing
from leads.models import Lead
from sla import handoffs, merging

FIELDS = ("last_name", "first_name", "job_title", "department", "stakeholder_role", "email", "phone")


def _plan(request: HttpRequest, lead: Lead, said: dict[str, Any]) -> None:
    next_steps.plan(lead.contact, by=person(request), at=present.now(), **said)


def _edit(request: HttpRequest, lead: Lead, said: dict[str, Any]) -> None:
    steering.edit(lead, by=person(request), at=present.now(), **said)


def _hand_over(request: HttpRequest, lead: Lead, said: dict[str, Any]) -> None:
    handoffs.hand_over(lead, by=person(request), at=present.now(), **said)


def _merge(request: HttpRequest, lead: Lead, said: dict[str, Any]) -> Lead:
    return merging.merge(lead, into=said["into"], by=person(request), at=present.now())


def _withdraw(request: HttpRequest, lead: Lead, said: dict[str, Any]) -> None:
    withdrawing.withdraw([said["event"]], reason=said["reason"], by=person(request), at=present.now())


def _restore(request: HttpRequest, lead: Lead, said: dict[str, Any]) -> None:
    withdrawing.restore([said["event"]], by=person(request), at=present.now())


def _event_form(form: type[WithdrawForm | RestoreForm]) -> Callable[[HttpRequest, Lead], forms.Form]:
    def make(request: HttpRequest, lead: Lead) -> forms.Form:
        if not withdrawing.may_withdraw(person(request)):
            raise PermissionDenied(_("Only marketing may take behaviour back."))
        return form(data_of(request), lead=lead, initial={"event": request.GET.get("event")})

    return make


def _merge_form(request: HttpRequest, lead: Lead) -> forms.Form:
    _insist_may_edit(request, lead)
    return MergeForm(data_of(request), user=person(request), lead=lead)


def _follow_up_form(request: HttpRequest, lead: Lead) -> forms.Form:
    return FollowUpForm(data_of(request), initial={"on": next_steps.suggested_day(present.now())})


def _insist_may_edit(request: HttpRequest, lead: Lead) -> None:
    if not lead_page.may_edit(person(request), lead):
        raise PermissionDenied(_("Only the lead's owner, their manager or marketing may do this."))


def _person_form(request: HttpRequest, lead: Lead) -> forms.Form:
    _insist_may_edit(request, lead)
    return PersonForm(data_of(request), initial={name: getattr(lead.contact, name) for name in FIELDS})


def _hand_over_form(request: HttpRequest, lead: Lead) -> forms.Form:
    return HandOverForm(data_of(request), user=person(request))


DEEDS = {
    "task": Deed(
        gettext_lazy("Plan a follow-up"),
        gettext_lazy("Plan"),
        gettext_lazy("Planned. %(person)s comes back to your inbox on that day."),
        _follow_up_form,
        _plan,
        template="desk/_deed_task.html",
    ),
    "edit": Deed(
        gettext_lazy("Change what is known"),
        gettext_lazy("Save"),
        gettext_lazy("Saved."),
        _person_form,
        _edit,
        template="desk/_deed_person.html",
    ),
    "merge": Deed(
        gettext_lazy("Merge with another record"),
        gettext_lazy("Merge"),
        gettext_lazy("Merged. This is the one that stays."),
        _merge_form,
        _merge,
    ),
    "withdraw": Deed(
        gettext_lazy("Take behaviour back"),
        gettext_lazy("Do not count"),
        gettext_lazy("Taken back. The score of %(person)s is summed anew."),
        _event_form(WithdrawForm),
        _withdraw,
        is_grave=True,
    ),
    "restore": Deed(
        gettext_lazy("Count behaviour again"),
        gettext_lazy("Count again"),
        gettext_lazy("Counted again. The score of %(person)s is summed anew."),
        _event_form(RestoreForm),
        _restore,
    ),
    "handover": Deed(
        gettext_lazy("Hand over to sales"),
        gettext_lazy("Hand over"),
        gettext_lazy("%(person)s is handed over to sales."),
        _hand_over_form,
        _hand_over,
    ),
}


def _whom(lead: Lead) -> str:
    return presenting.whom(lead.contact, lead.account)


def _stale(request: HttpRequest, pk: int) -> HttpResponse:
    return lead_page.page(request, lead_page.find(request, pk), status=409)


LEAD = Subject(
    "lead", lead_page.find, _whom, lambda lead: {"person": lead.contact}, "desk:lead-detail", _stale
)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def deed(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    return perform(request, LEAD, pk, name, DEEDS)
