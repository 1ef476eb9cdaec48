"""The importer of behaviour: a table whose columns a person maps. Tools with headings of their own have mappings."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import importing
from crm.identity import lookup_key
from crm.importing import CREATED, UNCHANGED, Context, Field, Line, Subject
from leads.events import waiting
from leads.events.recording import Behaviour
from leads.models import EventKind


class Events:
    """Each row counts once by its source and id; without an id it is told by all that it says."""

    kind: ClassVar[str] = "events"
    fields: ClassVar[Sequence[Field]] = (
        Field("email", gettext_lazy("e-mail"), tells=True),
        Field("lead_external_id", gettext_lazy("external id of the lead"), tells=True),
        Field("kind", gettext_lazy("kind"), required=True, fill=True, choices=lambda: EventKind.choices),
        Field("occurred_at", gettext_lazy("occurred at"), importing.MOMENT, required=True),
        Field("source", gettext_lazy("source"), required=True, fill=True),
        Field("external_id", gettext_lazy("external id")),
        Field("asset", gettext_lazy("content")),
    )

    def take(self, lines: Sequence[Line], context: Context) -> None:
        told = [(line, _behaviour(line)) for line in lines if _is_sound(line)]
        before = waiting.known([(event.source, event.external_id) for _line, event in told])
        receipt = waiting.receive([event for _line, event in told], by=context.by, at=context.at)
        for line, event in told:
            line.outcome = UNCHANGED if (event.source, event.external_id) in before else CREATED
        for no in receipt.refused:
            told[no.index][0].refuse("email" if no.field == "lead" else no.field, no.detail)
        if receipt.waiting:
            _note(told[0][0], receipt.waiting, context)

    def subjects(self, line: Line) -> list[Subject]:
        event = _behaviour(line)
        own = repr((event.source, event.external_id))
        return [Subject((("event", own),), tuple(item.name for item in self.fields))]


def _note(line: Line, waiting: int, context: Context) -> None:
    for _each in range(waiting):
        context.notes.add(_("The person is not known yet; it counts when they appear."), line.number)


def _is_sound(line: Line) -> bool:
    if line.values.get("occurred_at") is None and not line.problems:
        line.refuse("occurred_at", _("This row does not say when it happened."))
    return not line.problems


def _behaviour(line: Line) -> Behaviour:
    return Behaviour(
        source=line.text("source")[:80],
        external_id=_id(line),
        kind=line.text("kind"),
        occurred_at=line.values.get("occurred_at"),  # type: ignore[arg-type]  # checked before it is sent
        asset=line.text("asset"),
        email=line.text("email"),
        lead_external_id=line.text("lead_external_id"),
    )


def _id(line: Line) -> str:
    if 0 < len(line.text("external_id")) <= 200:
        return line.text("external_id")
    said = {**line.values, "email": lookup_key(line.text("email"))}
    return f"row:{sha256(repr(sorted((name, str(value)) for name, value in said.items())).encode()).hexdigest()[:40]}"


def register() -> None:
    importing.register(Events)
