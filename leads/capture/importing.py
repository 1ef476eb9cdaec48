"""The importer of leads: every row goes through the one door for new leads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import importing
from crm.domains import is_free_mail
from crm.identity import lookup_key
from crm.importing import Context, Field, Line, Subject, keyed
from crm.keys import company_key
from crm.models import StakeholderRole
from leads.capture import door
from leads.capture.intake import FIELDS, Inquiry
from leads.models import Stage

# What the person's row overwrites, what it only fills, and what it says of the company.
_PERSON = ("last_name", "first_name", "job_title", "department", "stakeholder_role", "phone", "consent")
_FILLS = ("email", "external_id", "company", "domain", "corporate_number", "consent_text")
_COMPANY = ("industry", "employee_count", "country")


def _answers() -> importing.Choices:
    return [("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))]


def _stages() -> importing.Choices:
    return [(stage.value, stage.label) for stage in (Stage.INQUIRY, Stage.MQL)]


class Leads:
    """With stage `mql` the rows are marketing-qualified leads of the past: nobody is called to act."""

    kind: ClassVar[str] = "leads"
    fields: ClassVar[Sequence[Field]] = (
        Field("email", gettext_lazy("e-mail"), tells=True),
        Field("external_id", gettext_lazy("external id"), tells=True),
        Field("phone", gettext_lazy("phone"), tells=True),
        Field("full_name", gettext_lazy("full name"), importing.NAME),
        Field("last_name", gettext_lazy("last name")),
        Field("first_name", gettext_lazy("first name")),
        Field("company", gettext_lazy("company"), fill=True),
        Field("domain", gettext_lazy("web domain")),
        Field("corporate_number", gettext_lazy("corporate number")),
        Field("job_title", gettext_lazy("job title")),
        Field("department", gettext_lazy("department")),
        Field("stakeholder_role", gettext_lazy("stakeholder role"), choices=lambda: StakeholderRole.choices),
        Field("industry", gettext_lazy("industry"), fill=True),
        Field("employee_count", gettext_lazy("employees"), importing.COUNT),
        Field("country", gettext_lazy("country"), fill=True),
        Field("source", gettext_lazy("source"), fill=True),
        Field("medium", gettext_lazy("medium"), fill=True),
        Field("campaign", gettext_lazy("campaign"), fill=True),
        Field("term", gettext_lazy("search term"), fill=True),
        Field("content", gettext_lazy("advertisement"), fill=True),
        Field("referrer", gettext_lazy("referring page")),
        Field("landing_page", gettext_lazy("landing page")),
        Field("consent", gettext_lazy("consent"), importing.FLAG, fill=True, choices=_answers),
        Field("consent_text", gettext_lazy("consent text"), importing.PROSE, fill=True),
        Field("captured_at", gettext_lazy("captured at"), importing.MOMENT),
        Field("stage", gettext_lazy("stage"), fill=True, choices=_stages),
    )

    def take(self, lines: Sequence[Line], context: Context) -> None:
        inquiries, past = [], []
        for line in lines:
            stage = line.text("stage")
            if stage not in ("", Stage.INQUIRY, Stage.MQL):
                line.refuse("stage", _("Leads come in as inquiry or mql."))
            (past if stage == Stage.MQL else inquiries).append(line)
        self._take(inquiries, context, historic_mql=False)
        self._take(past, context, historic_mql=True)

    def subjects(self, line: Line) -> list[Subject]:
        email = lookup_key(line.text("email"))
        sure = keyed(("email", email), ("external", line.text("external_id")))
        person = sure or keyed(("phone", line.text("phone")))
        return [Subject(person, _PERSON, _FILLS), Subject(_company_keys(line, email), _COMPANY)]

    def _take(self, lines: Sequence[Line], context: Context, *, historic_mql: bool) -> None:
        good = [line for line in lines if not line.problems]
        rows = [Inquiry(*_told(line.values)) for line in good]
        done = door.capture(rows, by=context.by, at=context.at, historic_mql=historic_mql) if rows else []
        for line, captured in zip(good, done, strict=True):
            line.outcome = captured.status
            for complaint in captured.complaints:
                line.refuse(complaint.field, complaint.detail)


def _company_keys(line: Line, email: str) -> tuple[tuple[str, str], ...]:
    """The key that `capture` finds the company of this line by, where it names one."""
    if number := line.text("corporate_number"):
        return (("number", number),)
    if not (name := company_key(line.text("company"))):
        return ()
    told = line.text("domain").casefold() or email.rpartition("@")[2]
    domain = "" if is_free_mail(told) else told
    return (("company", domain or name),)


_told: Callable[[Mapping[str, Any]], tuple[Any, ...]] = itemgetter(*FIELDS)


def register() -> None:
    importing.register(Leads)
