"""What stood in the way of a first contact, in words."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.components import formats
from sla.breaches import OnRecord
from sla.causes import LABELS, Cause


def words(one: OnRecord) -> str:
    """“Paused (3 June 10:00): customer asked for July”."""
    if one.kind == Cause.TRIED:
        tries = int(one.what)
        said = ngettext("%(n)d attempt that did not count", "%(n)d attempts that did not count", tries)
        return said % {"n": tries}
    label = str(LABELS[one.kind])
    if one.kind == Cause.QUEUE and one.at:
        label = _("Claimed from the open queue")
    moment = f" ({formats.exact(one.at)})" if one.at else ""
    reason = f": {one.what}" if one.what else ""
    return f"{label}{moment}{reason}"
