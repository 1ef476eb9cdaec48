"""Agreements, handoffs, feedback and escalations."""

from sla.models.agreement import (
    AGREEMENT_MOVES,
    BINDING,
    AfterExpiry,
    Agreement,
    AgreementStatus,
    BantField,
    Clock,
    EscalationStep,
    ResponseCounts,
    Routing,
    Side,
    Signature,
    Terms,
    Told,
)
from sla.models.answers import Authority, Bant, Budget, DataTask, Feedback, Need, Timing, Verdict
from sla.models.bulk import BulkKind, BulkRun
from sla.models.handoff import ACTIVE, DECIDED, MOVES, Escalation, Handoff, Pause, Status
from sla.models.reasons import Disposition, ReasonRule, RejectionReason
from sla.models.runs import RUN_MOVES, Run, RunStatus
from sla.models.simulation import SimulationRun
from sla.models.territories import Territory

__all__ = [
    "ACTIVE",
    "AGREEMENT_MOVES",
    "BINDING",
    "DECIDED",
    "MOVES",
    "RUN_MOVES",
    "AfterExpiry",
    "Agreement",
    "AgreementStatus",
    "Authority",
    "Bant",
    "BantField",
    "Budget",
    "BulkKind",
    "BulkRun",
    "Clock",
    "DataTask",
    "Disposition",
    "Escalation",
    "EscalationStep",
    "Feedback",
    "Handoff",
    "Need",
    "Pause",
    "ReasonRule",
    "RejectionReason",
    "ResponseCounts",
    "Routing",
    "Run",
    "RunStatus",
    "Side",
    "Signature",
    "SimulationRun",
    "Status",
    "Terms",
    "Territory",
    "Timing",
    "Told",
    "Verdict",
]
