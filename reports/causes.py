"""What stood in the way of a first contact, in words."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.components import formats
from crm.components.faces import Words
from reports import breaches
from reports.breaches import Cause

LABELS: dict[str, Words] = {
    breaches.QUEUE: gettext_lazy("Open queue"),
    breaches.OFF_HOURS: gettext_lazy("Offered outside working hours"),
    breaches.PAUSED: gettext_lazy("Paused"),
    breaches.REASSIGNED: gettext_lazy("Handed to somebody else"),
    breaches.LEAVE: gettext_lazy("Owner was away"),
    breaches.TRIED: gettext_lazy("Tried, not reached"),
    breaches.NOTHING: gettext_lazy("No attempt before it was due"),
}


def words(cause: Cause) -> str:
    """“Paused on 3 June 10:00: customer asked for July”."""
    if cause.kind == breaches.TRIED:
        tries = int(cause.what)
        return ngettext("%(n)d attempt that did not count", "%(n)d attempts that did not count", tries) % {
            "n": tries
        }
    label = str(LABELS[cause.kind])
    if cause.kind == breaches.QUEUE:
        label = _("Claimed from the open queue") if cause.at else _("Waits in the open queue")
    moment = f" ({formats.exact(cause.at)})" if cause.at else ""
    reason = f": {cause.what}" if cause.what else ""
    return f"{label}{moment}{reason}"
