"""The deeds of a handoff: offer, contact, accept, reject, convert, and the rest.

Every deed locks the handoff, checks right and state again, and writes row, feedback, ledger and outbox in
one transaction. Locks are taken in the order handoff, lead, deal. Doing the same deed again as the
same person changes nothing; a deed from the wrong state raises `UnableToMove`.
"""

from sla.handoffs.answers import Opportunity, accept, contact, convert, credit, reject
from sla.handoffs.endings import close_after, expire, withdraw
from sla.handoffs.letters import returned, write
from sla.handoffs.offers import hand_over, hand_over_all, offer, offer_forgotten
from sla.handoffs.ownership import Handed, claim, reassign, reassign_all
from sla.handoffs.past import record_past
from sla.handoffs.pauses import end_overdue, pause, resume
from sla.handoffs.rebasing import rebase

__all__ = [
    "Handed",
    "Opportunity",
    "accept",
    "claim",
    "close_after",
    "contact",
    "convert",
    "credit",
    "end_overdue",
    "expire",
    "hand_over",
    "hand_over_all",
    "offer",
    "offer_forgotten",
    "pause",
    "reassign",
    "reassign_all",
    "rebase",
    "record_past",
    "reject",
    "resume",
    "returned",
    "withdraw",
    "write",
]
