"""The importer of leads: every row goes through the one door for new leads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import importing
from crm.importing import Context, Field, Line
from leads import capture
from leads.intake import Inquiry
from leads.models import Stage


class Leads:
    """With stage `mql` the rows are marketing-qualified leads of the past: nobody is called to act."""

    kind: ClassVar[str] = "leads"
    fields: ClassVar[Sequence[Field]] = (
        Field("email", gettext_lazy("e-mail")),
        Field("phone", gettext_lazy("phone")),
        Field("external_id", gettext_lazy("external id")),
        Field("first_name", gettext_lazy("first name")),
        Field("last_name", gettext_lazy("last name")),
        Field("company", gettext_lazy("company")),
        Field("domain", gettext_lazy("web domain")),
        Field("corporate_number", gettext_lazy("corporate number")),
        Field("job_title", gettext_lazy("job title")),
        Field("stakeholder_role", gettext_lazy("stakeholder role")),
        Field("industry", gettext_lazy("industry")),
        Field("employee_count", gettext_lazy("employees"), importing.COUNT),
        Field("country", gettext_lazy("country")),
        Field("source", gettext_lazy("source")),
        Field("medium", gettext_lazy("medium")),
        Field("campaign", gettext_lazy("campaign")),
        Field("consent", gettext_lazy("consent"), importing.FLAG),
        Field("consent_text", gettext_lazy("consent text")),
        Field("captured_at", gettext_lazy("captured at"), importing.MOMENT),
        Field("stage", gettext_lazy("stage")),
    )

    def take(self, lines: Sequence[Line], context: Context) -> None:
        for line in lines:
            if line.text("stage") not in ("", Stage.INQUIRY, Stage.MQL):
                line.refuse("stage", _("Leads come in as inquiry or mql."))
        for is_mql in (False, True):
            self._take([line for line in lines if _is_mql(line) == is_mql], context, historic_mql=is_mql)

    def _take(self, lines: Sequence[Line], context: Context, *, historic_mql: bool) -> None:
        good = [line for line in lines if not line.problems]
        rows = [_inquiry(line.values) for line in good]
        done = capture.capture(rows, by=context.by, at=context.at, historic_mql=historic_mql) if rows else []
        for line, captured in zip(good, done, strict=True):
            line.outcome = captured.status
            for complaint in captured.complaints:
                line.refuse(complaint.field, complaint.detail)


def _is_mql(line: Line) -> bool:
    return line.text("stage") == Stage.MQL


def _inquiry(values: dict[str, Any]) -> Inquiry:
    return Inquiry(**{name: value for name, value in values.items() if name != "stage" and value is not None})


def register() -> None:
    importing.register(Leads)
