"""What is sent through public forms: counted once, taken in by the one door for leads, or held back for a look."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from content.models import Asset
from crm import access, ledger
from crm.models import Contact, Role, User
from crm.states import Refused
from leads.capture import beacon, door, limits, spam, visitors
from leads.capture.asking import Ticket, receipt_of
from leads.capture.intake import Inquiry
from leads.capture.visitors import Known
from leads.events import recording
from leads.events.recording import Behaviour
from leads.models import CaptureForm, ConsentText, EventKind, Fate, FormSubmission, Lead

SOURCE = "form"


@dataclass(frozen=True, slots=True)
class Sent:
    """One post as it came in: cleaned answers, the way that led here, and what is known of the sender."""

    answers: dict[str, Any]
    ticket: Ticket
    consent: ConsentText | None = None  # the words that were agreed to
    ways: dict[str, str] = field(default_factory=dict)
    known: Known = field(default_factory=Known)
    visitor_id: str = ""  # of the cookie that is set when the person agrees
    beacon_id: str = ""  # what the site's own beacon calls this browser
    sender: str = ""
    trap: str = ""
    is_program: bool = False
    is_from_page: bool = True

    @property
    def agreed(self) -> bool:
        return self.consent is not None

    @property
    def email(self) -> str:
        """The address typed, else that of the person we know is there."""
        return str(self.answers.get("email") or (self.known.contact.email if self.known.contact else ""))


def submit(form: CaptureForm, sent: Sent, *, at: datetime) -> FormSubmission:
    """Take a post in, or hold it back when it is doubtful. The same post again changes nothing, except that it lets in
    what was held back: a program may have sent it first.

    Raises Refused (`too_many`) when one sender posts so often that nobody could look at it all.
    """
    found = _doubts(sent, at)
    with transaction.atomic():
        new = _claim(form, sent, found, at)
        row = new or FormSubmission.objects.get(receipt=receipt_of(sent.ticket.secret))
        if not found:
            contact = _take_in(row, _stored(sent), at=at) if new else _let_in(row, at)
            if contact:
                _know_again(row, sent, contact, at)
    return row


def _doubts(sent: Sent, at: datetime) -> list[str]:
    of_sender = limits.count("form.sender", sent.sender, per=limits.HOUR, at=at)
    if of_sender > spam.REFUSED_AN_HOUR:
        message = _("Too many forms came from your network within an hour. Please try again later.")
        raise Refused(message, code="too_many")
    is_known = sent.known.contact is not None  # who reads a whole library in a day is no pest
    of_address = 0 if is_known else limits.count("form.address", sent.email.lower(), per=limits.DAY, at=at)
    post = spam.Post(
        texts=tuple(str(value) for value in sent.answers.values()),
        trap=sent.trap,
        is_program=sent.is_program,
        opened_at=sent.ticket.opened_at if sent.is_from_page and not is_known else None,
        of_address=of_address,
        of_sender=of_sender,
    )
    return spam.doubts(post, at=at)


def _claim(form: CaptureForm, sent: Sent, found: list[str], at: datetime) -> FormSubmission | None:
    """This post's row when it is new; None when it came before. A simultaneous one waits for the first."""
    row = FormSubmission(
        form=form,
        received_at=at,
        receipt=receipt_of(sent.ticket.secret),
        status=Fate.HELD if found else Fate.TAKEN,
        doubts=found,
        answers=_stored(sent) if found else {},
        consent=sent.consent,
        link_until=at + timedelta(days=form.link_days) if form.asset_id else None,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        if "form_submission_once" not in str(error):
            raise
        return None
    return row


def _let_in(row: FormSubmission, at: datetime) -> Contact | None:
    """Whose post it is that was held back until it came without any doubt."""
    if not _close(row.pk, Fate.TAKEN, None, at):
        return None
    row.refresh_from_db()
    return row.lead.contact if row.lead else None


def _stored(sent: Sent) -> dict[str, Any]:
    """What has to be kept to take a post in later."""
    return {"answers": sent.answers | {"email": sent.email}, "ways": sent.ways}


def _take_in(row: FormSubmission, stored: dict[str, Any], *, at: datetime) -> Contact:
    """Through the one door for leads, then the event that it was; inside the transaction of the post."""
    [done] = door.capture([_inquiry(row, stored)], by=None, at=at)
    if done.lead is None:
        said = done.complaints[0]
        raise Refused(said.detail, field=said.field, code=said.code)
    recording.record([_event(row, stored, done.lead)], by=None, at=at)
    if row.downloaded_at:
        recording.record([_download(row, done.lead, row.downloaded_at)], by=None, at=at)
    if row.consent_id:
        ConsentText.objects.filter(pk=row.consent_id, used_at=None).update(used_at=at)
    FormSubmission.objects.filter(pk=row.pk).update(lead=done.lead)
    row.lead_id = done.lead
    return Lead.objects.select_related("contact").get(pk=done.lead).contact


def _inquiry(row: FormSubmission, stored: dict[str, Any]) -> Inquiry:
    told: dict[str, Any] = {name: value for name, value in stored["answers"].items() if name != "message"}
    return Inquiry(
        **told,
        **_ways(row.form, stored["ways"]),
        form=row.form_id,
        captured_at=row.received_at,
        consent=True if row.consent else None,
        consent_text=row.consent.as_agreed if row.consent else "",
    )


def _ways(form: CaptureForm, told: dict[str, Any]) -> dict[str, Any]:
    """The campaign that led here, whole; the form's own only where none is named, so that the two never mix."""
    named = ("source", "medium", "campaign")
    if any(told.get(name) for name in named):
        return told
    return told | {name: getattr(form, name) for name in named}


def _event(row: FormSubmission, stored: dict[str, Any], lead: int) -> Behaviour:
    message = stored["answers"].get("message")
    is_webinar = row.form.kind == EventKind.WEBINAR_REGISTERED
    return Behaviour(
        source=SOURCE,
        external_id=row.receipt,
        kind=row.form.kind,
        occurred_at=row.received_at,
        asset=row.form.asset.slug if is_webinar and row.form.asset else "",
        properties={"form": row.form.slug} | ({"message": message} if message else {}),
        lead=lead,
    )


def _know_again(row: FormSubmission, sent: Sent, contact: Contact, at: datetime) -> None:
    """The browser that agreed, and what it did on our sites before it told who it is."""
    if sent.agreed or sent.known.contact:
        told = {name for name, value in sent.answers.items() if value not in (None, "") and name != "message"}
        told |= {visitors.agreement(row.consent_id)} if sent.agreed else set()
        is_proven = sent.known.is_proven and sent.known.contact == contact
        visitors.remember(sent.visitor_id, contact, told=told, is_proven=is_proven, at=at)
    if sent.beacon_id:
        beacon.attach(sent.beacon_id, contact, at=at)


# -- what stands behind a form ----------------------------------------------------------------------


def received(form: CaptureForm, secret: str) -> FormSubmission | None:
    """The post a page of thanks belongs to."""
    rows = FormSubmission.objects.select_related("form__asset", "lead")
    return rows.filter(form=form, receipt=receipt_of(secret)).first()


def opens(row: FormSubmission, *, at: datetime) -> Asset | None:
    """What may be downloaded now."""
    is_open = row.link_until is not None and at < row.link_until
    is_given = row.form.kind != EventKind.WEBINAR_REGISTERED
    asset = row.form.asset
    return asset if is_open and is_given and asset and asset.url else None


def note_download(row: FormSubmission, *, at: datetime) -> None:
    """The first download counts as behaviour; of a post that is held back it counts once that is taken in."""
    with transaction.atomic():
        locked = (
            FormSubmission.objects.select_for_update(of=("self",))
            .select_related("form__asset")
            .get(pk=row.pk)
        )
        if locked.downloaded_at is not None:
            return
        FormSubmission.objects.filter(pk=row.pk).update(downloaded_at=at)
        if locked.lead_id:
            recording.record([_download(locked, locked.lead_id, at)], by=None, at=at)


def _download(row: FormSubmission, lead: int, at: datetime) -> Behaviour:
    assert row.form.asset, "something was downloaded"
    return Behaviour(
        source=SOURCE,
        external_id=f"{row.receipt}:download",
        kind=EventKind.DOWNLOAD,
        occurred_at=at,
        asset=row.form.asset.slug,
        properties={"form": row.form.slug},
        lead=lead,
    )


def forget_links(*, at: datetime) -> None:
    """Links that have expired open nothing any more; the row stays as the record of what was agreed to."""
    FormSubmission.objects.filter(link_until__lt=at).update(link_until=None)


# -- what was held back -----------------------------------------------------------------------------


def accept(rows: Iterable[FormSubmission], *, by: User, at: datetime) -> int:
    """It was a person after all: through the same door, as of when it was sent."""
    return sum(_decide(row, Fate.TAKEN, by, at) for row in rows)


def discard(rows: Iterable[FormSubmission], *, by: User, at: datetime) -> int:
    """It was nobody: what was typed is forgotten."""
    return sum(_decide(row, Fate.DISCARDED, by, at) for row in rows)


def kept_until(row: FormSubmission) -> datetime | None:
    """When what was typed is thrown away unless somebody decides before; None of a post nobody waits for."""
    is_held = row.status == Fate.HELD
    return row.received_at + timedelta(days=settings.HELD_POST_DAYS) if is_held else None


def forget_held(*, at: datetime) -> int:
    """Nobody looked in time: personal data is not kept for ever on the doubt that it might be wanted."""
    old = FormSubmission.objects.held().filter(received_at__lte=at - timedelta(days=settings.HELD_POST_DAYS))
    return sum(_close(pk, Fate.DISCARDED, None, at) for pk in old.order_by("pk").values_list("pk", flat=True))


def _decide(row: FormSubmission, fate: Fate, by: User, at: datetime) -> bool:
    access.require_role(by, Role.MARKETER)
    return _close(row.pk, fate, by, at)


@transaction.atomic
def _close(pk: int, fate: Fate, by: User | None, at: datetime) -> bool:
    """Whether it was still held; nobody is named where its time ran out."""
    held = FormSubmission.objects.held().select_related("form__asset", "consent")
    locked = held.select_for_update(of=("self",)).filter(pk=pk).first()
    if locked is None:
        return False
    if fate == Fate.TAKEN:
        _take_in(locked, locked.answers, at=at)
    decided = FormSubmission.objects.filter(pk=pk)
    decided.update(status=fate, answers={}, decided_at=at, decided_by=by)
    ledger.record([_fact(locked, fate, by, at)])
    return True


def _fact(row: FormSubmission, fate: Fate, by: User | None, at: datetime) -> ledger.Fact:
    lead = Lead.objects.filter(pk=row.lead_id).first() if row.lead_id else None
    return ledger.Fact(
        kind="form_post.accepted" if fate == Fate.TAKEN else "form_post.discarded",
        subject=("form_post", row.pk),
        at=at,
        actor=by,
        account_id=lead.account_id if lead else None,
        contact_id=lead.contact_id if lead else None,
        data={"form": row.form.slug, "doubts": row.doubts},
    )
