"""Which questions a form asks this visitor now, from the rules in force; and the ticket its page carries."""

from __future__ import annotations

import secrets
from collections.abc import Set
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from django.core import signing
from django.utils.crypto import salted_hmac

from crm.models import Language
from leads.capture import profiling
from leads.capture.profiling import Question
from leads.models import Asked, CaptureForm, FormField, MqlDefinition
from leads.scoring import versions

_TICKET = "leads.asking.ticket"
EMAIL = Question("email", position=-1, is_required=True)


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a page was made with: a number that counts once, what was asked, and when it was opened."""

    nonce: str
    asked: tuple[str, ...]
    opened_at: datetime
    consent: int | None = None  # the text that was on the page

    @property
    def secret(self) -> str:
        """Opens the page of thanks and the download, 256 bits; made from the number, so a reload finds the same."""
        digest = salted_hmac("leads.asking.receipt", self.nonce, algorithm="sha256")
        return digest.hexdigest()


def receipt_of(secret: str) -> str:
    """What is stored of it."""
    return sha256(secret.encode(errors="replace")).hexdigest()


def questions_for(form: CaptureForm, known: Set[str]) -> list[Question]:
    """The next questions of a form, the address first unless it is known."""
    rows = [_question(row) for row in form.questions.order_by("position", "pk")]
    asks_email = "email" not in known
    room = form.most_fields - asks_email
    chosen = profiling.next_questions(rows, known=known, worth=_worth(), most=room)
    return [EMAIL, *chosen] if asks_email else chosen


def _question(row: FormField) -> Question:
    return Question(row.name, row.position, row.is_required, row.asked == Asked.ALWAYS)


def _worth() -> dict[str, float]:
    needed = MqlDefinition.objects.in_force().values_list("required_fields", flat=True)
    points = [(rule.attribute, rule.points) for rule in versions.in_force().fit_rules]
    return profiling.usefulness({field for fields in needed for field in fields}, points)


def issue(form: CaptureForm, asked: tuple[str, ...], *, at: datetime) -> str:
    """A signed ticket for one page of this form."""
    told = [form.pk, secrets.token_hex(16), list(asked), at.timestamp(), form.consent_id]
    return signing.dumps(told, salt=_TICKET)


def read(form: CaptureForm, signed: str) -> Ticket | None:
    """The ticket of a post, or None when it is missing, forged or of another form."""
    try:
        pk, nonce, asked, opened, consent = signing.loads(signed[:1000], salt=_TICKET)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    if pk != form.pk:
        return None
    return Ticket(nonce, tuple(asked), datetime.fromtimestamp(opened, tz=UTC), consent)


def ticket_without_page(form: CaptureForm, answers: str, asked: tuple[str, ...], *, at: datetime) -> Ticket:
    """For a form that stands on another site: the same answers on one day are the same post."""
    said = f"{form.pk}\0{at:%Y-%m-%d}\0{answers}"
    nonce = salted_hmac("leads.asking.elsewhere", said, algorithm="sha256").hexdigest()
    return Ticket(nonce, asked, at)


def suggestions(language: str) -> list[str]:
    """Industries the fit rules know, in the script of the language: what is typed alike is counted alike."""
    rules = [rule for rule in versions.in_force().fit_rules if rule.attribute == "industry"]
    is_latin = language == Language.ENGLISH
    return sorted({value for rule in rules for value in rule.values if value.isascii() == is_latin})
