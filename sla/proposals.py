"""Who hears that an agreement waits for their name: in the bell, and by mail as they prefer."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from crm import mailing
from crm.mailing import Letter
from crm.models import Notification, User
from sla.models import Agreement
from sla.querysets import SIDES

KIND = "agreement.proposed"


def proposed(row: Agreement, at: datetime) -> None:
    """Tell those who may sign for the other side, each in their language; once for each time it is proposed."""
    people = list(signers(row.proposed_by))
    Notification.objects.bulk_create([_line(row, person, at) for person in people], ignore_conflicts=True)
    mailing.tell([_letter(row, person, at) for person in people])


def signers(by: User | None) -> QuerySet[User]:
    """Whose side has not spoken: an administrator proposes for neither, so both hear of it."""
    own = SIDES.get(by.role, "") if by else ""
    roles = [role for role, side in SIDES.items() if side != own]
    return User.objects.active().filter(role__in=roles).exclude(pk=by.pk if by else None).order_by("pk")


def _key(row: Agreement, person: User, at: datetime) -> str:
    return f"proposed:{row.pk}:{at:%y%m%d%H%M%S%f}:{person.pk}"


def _line(row: Agreement, person: User, at: datetime) -> Notification:
    with translation.override(person.language):
        data = {"person": str(row.proposed_by or "Baton"), "agreement": str(row)}
    return Notification(
        user=person,
        key=_key(row, person, at),
        kind=KIND,
        subject_type="agreement",
        subject_id=row.pk,
        data=data,
    )


def _letter(row: Agreement, person: User, at: datetime) -> Letter:
    with translation.override(person.language):
        words = {"person": row.proposed_by or "Baton", "agreement": str(row)}
        return Letter(
            key=f"mail:{_key(row, person, at)}",
            user=person,
            kind=KIND,
            subject=_("To be signed: %(agreement)s") % words,
            body=_(
                "%(person)s proposed %(agreement)s. It begins when somebody of your side has signed it too."
            )
            % words,
            link=f"{settings.BASE_URL}{reverse('sla:agreement', args=[row.pk])}",
        )
