"""Who was in time: pure functions of the facts and the due time, so that anybody can check them (I11)."""

from __future__ import annotations

from datetime import datetime


def responded_in_time(
    *, first_contact_at: datetime | None, respond_by: datetime, decided_at: datetime | None, at: datetime
) -> bool | None:
    """Whether the first contact came by the deadline; None while it still can, or was not needed.

    A lead decided on before the deadline, without a contact, is judged by nobody.
    """
    return _in_time(first_contact_at, respond_by, decided_at, at)


def accepted_in_time(
    *, answered_at: datetime | None, accept_by: datetime, decided_at: datetime | None, at: datetime
) -> bool | None:
    """Whether sales took the lead or refused it by the deadline; None while it still can, or was not needed."""
    return _in_time(answered_at, accept_by, decided_at, at)


def feedback_in_time(*, decided_at: datetime | None, feedback_by: datetime, at: datetime) -> bool | None:
    """Whether sales told the outcome by the deadline; None while it still can."""
    return _in_time(decided_at, feedback_by, decided_at, at)


def _in_time(done_at: datetime | None, due: datetime, ended_at: datetime | None, at: datetime) -> bool | None:
    if done_at is not None:
        return done_at <= due
    return False if (ended_at or at) > due else None
