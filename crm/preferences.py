"""Deeds with one's own settings and one's own bell: nobody else is touched by them."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from crm.models import User
from crm.states import Refused

CHOICES = ("theme", "density", "language", "time_zone")


def prefer(user: User, **chosen: str) -> User:
    """Keep how a person wants to see Baton; what is empty stays as it is."""
    return _keep(user, {name: chosen[name] for name in CHOICES if chosen.get(name)})


def be_told(
    user: User,
    *,
    mails: str,
    digest_hour: int,
    quiet_from: time | None,
    quiet_until: time | None,
    quiet_days_off: bool,
    urgent_always: bool,
    hears_hot_leads: bool = False,
) -> User:
    """Keep whether, when and how a person wants to be mailed."""
    _insist_on_both_ends(quiet_from, quiet_until)
    chosen = {
        "mails": mails,
        "digest_hour": digest_hour,
        "quiet_from": quiet_from,
        "quiet_until": quiet_until,
        "quiet_days_off": quiet_days_off,
        "urgent_always": urgent_always,
        "hears_hot_leads": hears_hot_leads,
    }
    return _keep(user, chosen)


def _insist_on_both_ends(begin: time | None, end: time | None) -> None:
    if (begin is None) != (end is None):
        missing = "quiet_from" if begin is None else "quiet_until"
        raise Refused(_("Give both ends of the quiet hours, or leave both empty."), field=missing)
    if begin is not None and begin == end:
        raise Refused(
            _("The quiet hours end when they begin. Choose two different times."), field="quiet_until"
        )


def _keep(user: User, chosen: dict[str, Any]) -> User:
    for name, value in chosen.items():
        setattr(user, name, value)
    try:
        user.clean_fields(exclude=[f.name for f in user._meta.fields if f.name not in chosen])
    except ValidationError as error:
        field = next(iter(error.message_dict))
        raise Refused(error.message_dict[field][0], field=field, code="invalid") from error
    user.save(update_fields=[*chosen, "updated_at"])
    return user


def read_news(user: User, *, at: datetime, ids: list[int] | None = None) -> int:
    """Mark lines of one's bell as read: these, or all; returns how many were unread."""
    unread = user.notifications.filter(read_at=None)
    return int((unread if ids is None else unread.filter(pk__in=ids)).update(read_at=at))
