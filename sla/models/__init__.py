"""Agreements, handoffs, feedback and escalations."""

from sla.models.agreement import (
    AGREEMENT_MOVES,
    Agreement,
    AgreementStatus,
    Disposition,
    ReasonRule,
    RejectionReason,
    ResponseCounts,
    Terms,
)
from sla.models.handoff import ACTIVE, DECIDED, MOVES, Escalation, Feedback, Handoff, Level, Status, Verdict

__all__ = [
    "ACTIVE",
    "AGREEMENT_MOVES",
    "DECIDED",
    "MOVES",
    "Agreement",
    "AgreementStatus",
    "Disposition",
    "Escalation",
    "Feedback",
    "Handoff",
    "Level",
    "ReasonRule",
    "RejectionReason",
    "ResponseCounts",
    "Status",
    "Terms",
    "Verdict",
]
