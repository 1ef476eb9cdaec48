"""The shared ground: people, companies, facts, calendars, exchange."""

from crm.models.calendars import WEEKDAYS, Calendar, Closure
from crm.models.companies import Account, AccountAccess, Consent, Contact, StakeholderRole
from crm.models.exchange import IMPORT_MOVES, BadRow, IdempotencyRecord, ImportRun, ImportStatus
from crm.models.facts import (
    Activity,
    Channel,
    Delivery,
    Direction,
    FollowUp,
    LedgerEntry,
    Notification,
    OutboxMessage,
    Outcome,
)
from crm.models.people import ApiToken, Density, Language, Leave, Role, Team, Theme, User

__all__ = [
    "IMPORT_MOVES",
    "WEEKDAYS",
    "Account",
    "AccountAccess",
    "Activity",
    "ApiToken",
    "BadRow",
    "Calendar",
    "Channel",
    "Closure",
    "Consent",
    "Contact",
    "Delivery",
    "Density",
    "Direction",
    "FollowUp",
    "IdempotencyRecord",
    "ImportRun",
    "ImportStatus",
    "Language",
    "Leave",
    "LedgerEntry",
    "Notification",
    "OutboxMessage",
    "Outcome",
    "Role",
    "StakeholderRole",
    "Team",
    "Theme",
    "User",
]
