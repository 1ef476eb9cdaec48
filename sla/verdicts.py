"""Who was in time: pure functions of the facts and the due time, so that anybody can check them (I11)."""

from __future__ import annotations

from datetime import datetime


def responded_in_time(
    *, first_contact_at: datetime | None, respond_by: datetime, decided_at: datetime | None, at: datetime
) -> bool | None:
    """Whether the first contact came by the deadline; None while it still can, or was not needed.

    A lead decided on before the deadline, without a contact, is judged by nobody.
    """
    if first_contact_at is not None:
        return first_contact_at <= respond_by
    if (decided_at or at) > respond_by:
        return False
    return None


def feedback_in_time(*, decided_at: datetime | None, feedback_by: datetime, at: datetime) -> bool | None:
    """Whether sales told the outcome by the deadline; None while it still can."""
    if decided_at is not None:
        return decided_at <= feedback_by
    return False if at > feedback_by else None
