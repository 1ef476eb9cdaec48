"""What people enter to bring a file in: the file, and which of its columns is what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import imports
from crm.dates import DATE_FORMATS
from crm.importing import MOMENT, Field, Importer
from crm.imports import Plan
from desk.import_pages import CHOOSABLE, DELIMITERS, ENCODINGS, KINDS

COLUMN, FILL = "column_", "fill_"


class FileForm(forms.Form):
    kind = forms.ChoiceField(
        label=gettext_lazy("What is in it?"),
        choices=[(name, kind.label) for name, kind in KINDS.items()],
        widget=forms.RadioSelect,
        initial="leads",
    )
    file = forms.FileField(
        label=gettext_lazy("File"),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv,text/plain", "class": "drop"}),
        error_messages={
            "empty": gettext_lazy("This file is empty."),
            "required": gettext_lazy("Choose a file."),
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        most = {"rows": f"{imports.MOST_ROWS:,}", "size": imports.MOST_BYTES // 1024**2}
        self.fields["file"].help_text = (
            _("CSV or another text table, UTF-8 or Shift JIS, up to %(rows)s rows and %(size)s MB.") % most
        )

    def clean_file(self) -> Any:
        """Told before the file is read; the deed counts the bytes themselves."""
        file = self.cleaned_data["file"]
        if file.size > imports.MOST_BYTES:
            message = _("This file has more than %s MB. Split it, or have an administrator use import_csv.")
            raise forms.ValidationError(message % (imports.MOST_BYTES // 1024**2), code="too_large")
        return file

    def notes(self) -> dict[str, str]:
        return {name: str(kind.says) for name, kind in KINDS.items()}


@dataclass(frozen=True, slots=True)
class Row:
    """A field with its two questions: which column, and what where the cell is blank."""

    column: BoundField
    fill: BoundField | None


class ColumnsForm(forms.Form):
    """One question per field of the kind; the columns of the file are the answers."""

    def __init__(
        self, *args: Any, importer: type[Importer], examples: Mapping[str, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.importer = importer
        columns = [("", "—"), *((name, _with_example(name, one)) for name, one in examples.items())]
        for item in importer.fields:
            self.fields[COLUMN + item.name] = forms.ChoiceField(
                label=str(item.label), choices=columns, required=False, help_text=_hint(item)
            )
            if item.fill:
                self.fields[FILL + item.name] = _fill_field(item)
        if any(item.form == MOMENT for item in importer.fields):
            self.fields |= {"zone": _zone_field(), "dates": _dates_field()}

    def rows(self) -> list[Row]:
        return [Row(self[COLUMN + item.name], self._fill(item)) for item in self.importer.fields]

    def _fill(self, item: Field) -> BoundField | None:
        return self[FILL + item.name] if item.fill else None

    def plan(self, before: Plan) -> Plan:
        """What was chosen; how the file is read stays as it was."""
        said = self.cleaned_data
        return Plan(
            mapping=self._given(COLUMN),
            constants=self._given(FILL),
            zone=said.get("zone") or before.zone,
            dates=said.get("dates", ""),
            encoding=before.encoding,
            delimiter=before.delimiter,
        )

    def _given(self, prefix: str) -> dict[str, str]:
        said = self.cleaned_data.items()
        return {name.removeprefix(prefix): value for name, value in said if name.startswith(prefix) and value}

    def name_of(self, field: str) -> str | None:
        """The question a refusal is about; None for the whole form."""
        return next((name for name in (field, COLUMN + field) if name in self.fields), None)


def initial_of(plan: Plan) -> dict[str, str]:
    """A plan as the answers of the form."""
    columns = {COLUMN + name: column for name, column in plan.mapping.items()}
    fills = {FILL + name: value for name, value in plan.constants.items()}
    return {**columns, **fills, "zone": plan.zone, "dates": plan.dates}


def _hint(item: Field) -> str:
    return _("Rows are told apart by it.") if item.tells or item.required else ""


def _with_example(name: str, example: str) -> str:
    return _("%(column)s (e.g. %(example)s)") % {"column": name, "example": example} if example else name


def _fill_field(item: Field) -> forms.Field:
    label = _("%(field)s where the cell is blank") % {"field": item.label}
    if item.choices:
        choices = [("", _("stays blank")), *item.choices()]
        return forms.ChoiceField(label=label, choices=choices, required=False)
    blank = forms.TextInput(attrs={"placeholder": _("stays blank"), "autocomplete": "off"})
    return forms.CharField(label=label, required=False, max_length=1000, widget=blank)


def _zone_field() -> forms.Field:
    return forms.CharField(
        label=_("Time zone of the dates"),
        max_length=64,
        widget=forms.TextInput(attrs={"list": "zones", "autocomplete": "off"}),
        help_text=_("For times that do not name one."),
    )


def _dates_field() -> forms.Field:
    return forms.ChoiceField(
        label=_("How dates are written"),
        required=False,
        choices=[("", _("recognised by column")), *((name, name) for name in DATE_FORMATS)],
    )


class SaveForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=imports.saving.LONGEST)
    is_shared = forms.BooleanField(label=gettext_lazy("For everybody who brings files in"), required=False)


class ReadingForm(forms.Form):
    """How the file is read, where the recognition was wrong."""

    encoding = forms.ChoiceField(label=gettext_lazy("Encoding"), required=False)
    delimiter = forms.ChoiceField(label=gettext_lazy("Columns divided by"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        recognised = [("", _("recognised"))]
        self._choose("encoding", recognised, {name: ENCODINGS[name] for name in CHOOSABLE})
        # A tab alone would be stripped off as white space.
        self._choose("delimiter", recognised, {_sent(sign): word for sign, word in DELIMITERS.items()})

    def _choose(self, name: str, first: Sequence[Any], others: Mapping[str, Any]) -> None:
        self.fields[name].choices = [*first, *others.items()]  # type: ignore[attr-defined]

    def chosen(self) -> dict[str, str]:
        said = self.cleaned_data
        delimiter = next((sign for sign in DELIMITERS if _sent(sign) == said["delimiter"]), "")
        return {"encoding": said["encoding"], "delimiter": delimiter}


def reading_of(plan: Plan) -> dict[str, str]:
    return {"encoding": plan.encoding, "delimiter": _sent(plan.delimiter)}


def _sent(sign: str) -> str:
    return "tab" if sign == "\t" else sign
