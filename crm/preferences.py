"""Deeds with one's own settings and one's own bell: nobody else is touched by them."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError

from crm.models import User
from crm.states import Refused

CHOICES = ("theme", "density", "language", "time_zone")


def prefer(user: User, **chosen: str) -> User:
    """Keep how a person wants to see Baton; what is empty stays as it is."""
    changed = [name for name in CHOICES if chosen.get(name)]
    for name in changed:
        setattr(user, name, chosen[name])
    try:
        user.clean_fields(exclude=[f.name for f in user._meta.fields if f.name not in changed])
    except ValidationError as error:
        field = next(iter(error.message_dict))
        raise Refused(error.message_dict[field][0], field=field, code="invalid") from error
    user.save(update_fields=[*changed, "updated_at"])
    return user


def read_news(user: User, *, at: datetime, ids: list[int] | None = None) -> int:
    """Mark lines of one's bell as read: these, or all; returns how many were unread."""
    unread = user.notifications.filter(read_at=None)
    return int((unread if ids is None else unread.filter(pk__in=ids)).update(read_at=at))
