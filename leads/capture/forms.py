"""The form that a visitor fills in: its fields follow from the questions asked this time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.components.faces import Words
from crm.models import StakeholderRole
from crm.text import InvalidText, clean_text
from leads.capture.intake import LENGTHS, Inquiry, checked
from leads.models import CaptureForm, FieldName, FormField

LONGEST_MESSAGE = 2000
TRAP = "homepage"
# As one asks a stranger, which is not how we call it among ourselves.
LABELS: dict[str, Words] = {
    "email": _("Business e-mail"),
    FieldName.LAST_NAME: _("Last name"),
    FieldName.FIRST_NAME: _("First name"),
    FieldName.COMPANY: pgettext_lazy("public form", "Company"),
    FieldName.DEPARTMENT: pgettext_lazy("public form", "Department"),
    FieldName.JOB_TITLE: pgettext_lazy("public form", "Job title"),
    FieldName.ROLE: _("Your part in the decision"),
    FieldName.PHONE: pgettext_lazy("public form", "Phone"),
    FieldName.INDUSTRY: pgettext_lazy("public form", "Industry"),
    FieldName.EMPLOYEES: _("Number of employees"),
    FieldName.COUNTRY: pgettext_lazy("public form", "Country"),
    FieldName.MESSAGE: _("Your question"),
}
AUTOCOMPLETE = {
    "email": "email", "last_name": "family-name", "first_name": "given-name", "company": "organization",
    "job_title": "organization-title", "phone": "tel", "country": "country-name",
}  # fmt: skip


class AnswersForm(forms.Form):
    """Every value is cleaned by the rules of the one door, `leads.capture.intake`."""

    homepage = forms.CharField(required=False, label=_("Leave this empty"))

    def __init__(
        self,
        form: CaptureForm,
        asked: tuple[str, ...],
        *,
        at: datetime,
        data: Any = None,
        has_agreed: bool = False,
    ) -> None:
        super().__init__(data)
        self.asked, self.at = asked, at
        rows = {row.name: row for row in form.questions.all()}
        for name in asked:
            self.fields[name] = _field(name, rows.get(name))
        if form.consent and not has_agreed:
            self.fields["agree"] = forms.BooleanField(
                label=form.consent.text,
                required=form.consent_required,
                error_messages={
                    "required": _("Please agree to this, so that we may send you what you ask for.")
                },
            )

    @property
    def shown(self) -> list[forms.BoundField]:
        """What a person sees, without the trap."""
        return [field for field in self if field.name != TRAP]

    def clean(self) -> dict[str, Any]:
        """The answers under `cleaned_data["answers"]`, as they may be stored; complaints beside their fields."""
        values = {name: self.cleaned_data.get(name) for name in self.asked if name in self.cleaned_data}
        told = {name: value for name, value in values.items() if value not in (None, "")}
        message = told.pop("message", "")
        [found] = checked([Inquiry(**told)], at=self.at)
        for said in found.complaints:
            if said.field in self.fields and not self.has_error(said.field):
                self.add_error(said.field, said.detail)
        answers = {name: getattr(found.row, name) for name in told}
        self.cleaned_data["answers"] = answers | ({"message": message} if message else {})
        return self.cleaned_data


class Line(forms.CharField):
    """Text of strangers: what no person types on purpose goes, half a character is told."""

    def __init__(self, *, multiline: bool = False, **options: Any) -> None:
        self.multiline = multiline
        super().__init__(**options)

    def to_python(self, value: Any) -> str:
        try:
            return clean_text(str(value or ""), multiline=self.multiline)
        except InvalidText as error:
            raise forms.ValidationError(str(error)) from error


def _field(name: str, row: FormField | None) -> forms.Field:
    label = row.label if row and row.label else LABELS[name]
    is_required = name == "email" or bool(row and row.is_required)
    shared: dict[str, Any] = {"label": label, "required": is_required}
    if name == FieldName.ROLE:
        return forms.ChoiceField(choices=[("", _("Please choose")), *StakeholderRole.choices], **shared)
    if name == FieldName.EMPLOYEES:
        return forms.IntegerField(min_value=0, max_value=10_000_000, **shared)
    if name == FieldName.MESSAGE:
        area = forms.Textarea(attrs={"rows": 4})
        return Line(multiline=True, max_length=LONGEST_MESSAGE, widget=area, **shared)
    return Line(max_length=LENGTHS[name], widget=_widget(name), **shared)


def _widget(name: str) -> forms.Widget:
    kinds = {"email": forms.EmailInput, "phone": forms.TextInput}
    attributes = {"autocomplete": AUTOCOMPLETE[name]} if name in AUTOCOMPLETE else {}
    if name == "industry":
        attributes["list"] = "industry-options"
    if name == "phone":
        attributes["inputmode"] = "tel"
    return kinds.get(name, forms.TextInput)(attrs=attributes)
