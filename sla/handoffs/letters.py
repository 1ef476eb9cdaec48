"""Sales answers a handoff with a mail, and hears when that mail came back."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from crm import activities, correspondence
from crm.models import User
from crm.states import Refused
from sla.handoffs import door
from sla.handoffs.answers import weigh
from sla.models import Handoff


def write(handoff: Handoff, *, subject: str, body: str, slip: str, by: User, at: datetime) -> Handoff:
    """Write to the person. It is an attempt to reach them from the moment it is queued, as the terms say.

    `slip` makes it one mail however often the form is sent.
    """
    with transaction.atomic():
        row = door.lock_own(handoff.pk, by=by)
        door.check_running(row, wanted=_("written to"))
        correspondence.write(row.contact, subject=subject, body=body, slip=slip, by=by, at=at)
        weigh(row, at=at)
    return row


def returned(handoff: Handoff, *, by: User, at: datetime) -> Handoff:
    """The mail that answered it came back: the clock runs on as if it had never been sent."""
    with transaction.atomic():
        row = door.lock_own(handoff.pk, by=by)
        door.check_running(row, wanted=_("without a contact"))
        if row.answered_with is None:
            raise Refused(_("Nobody has been contacted yet; there is nothing that could have come back."))
        activities.report_bounce(row.answered_with, by=by, at=at)
        weigh(row, at=at)
    return row
