"""Mails from one of our people to one of theirs: written in Baton, sent through the outbox, kept as an activity.

A mail counts as an attempt to reach the person from the moment it is queued. Should it never arrive, because it
bounced, was refused for good, or the person opted out in between, it has bounced, and counts as nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm import activities, deliverability, outbox
from crm.models import Activity, Channel, Contact, OutboxMessage, Outcome, User
from crm.states import Refused
from crm.text import InvalidText, clean_text

TOPIC = "letter"


def write(contact: Contact, *, subject: str, body: str, slip: str, by: User, at: datetime) -> Activity:
    """Queue a mail to a person and log it. `slip` makes it one mail however often the form is sent.

    Raises `Refused` for a person who may not or cannot be written to, and for an empty letter.
    """
    letter = {"subject": _text("subject", subject, False), "body": _text("body", body, True)}
    with transaction.atomic():
        person = _locked(contact.pk)
        if reason := unreachable(person) or _without_address(by):
            raise Refused(reason, code="conflict")
        key = f"{TOPIC}:{person.pk}:{slip}"
        sent = {
            "to": person.email,
            "from_name": by.full_name,
            "reply_to": by.email,
            "contact": str(person.pk),
        }
        outbox.mails([{"key": key, **letter, **sent}], topic=TOPIC)
        return activities.log(
            person,
            channel=Channel.EMAIL,
            outcome=Outcome.LEFT_MESSAGE,
            note=f"{letter['subject']}\n\n{letter['body']}",
            external_id=outbox.message_id(key)[:120],
            by=by,
            at=at,
        )


def _text(name: str, value: str, is_long: bool) -> str:
    try:
        text = clean_text(value, multiline=is_long)
    except InvalidText as error:
        raise Refused(str(error), field=name, code="invalid") from error
    if not text:
        raise Refused(_("Write something here; an empty mail is not sent."), field=name, code="required")
    return text


def _locked(pk: int) -> Contact:
    """Held while it is decided, so that nobody is written to after having opted out."""
    person: Contact = Contact.objects.select_for_update(no_key=True).get(pk=pk)
    return person


def unreachable(person: Contact) -> str:
    """Why no mail may go to this person; nothing when one may."""
    if person.has_opted_out:
        return _("%(person)s has withdrawn consent to be written to. No mail is sent.") % {"person": person}
    if not person.email:
        return _("There is no e-mail address of %(person)s. Add one, or call.") % {"person": person}
    return ""


def _without_address(writer: User) -> str:
    if writer.email:
        return ""
    return _(
        "You have no e-mail address of your own that an answer could go to. Ask an administrator to add it."
    )


# -- what the outbox asks and tells ---------------------------------------------------------------


def _forbids(payload: Mapping[str, Any]) -> str:
    return unreachable(_locked(int(payload["contact"])))


def _never_left(message: OutboxMessage, at: datetime) -> None:
    """The mail was given up: what was logged when it was queued did not arrive."""
    sent = Activity.objects.filter(external_id=outbox.message_id(message.key)[:120]).first()
    if sent:
        activities.bounced(sent, at=at)


def register() -> None:
    deliverability.watch(TOPIC, deliverability.Guard(forbids=_forbids, gave_up=_never_left))
