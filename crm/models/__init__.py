"""The shared ground: people, companies, facts, calendars, exchange."""

from crm.models.calendars import WEEKDAYS, Calendar, Closure
from crm.models.companies import Account, AccountAccess, Consent, Contact, StakeholderRole
from crm.models.duplicates import (
    AutomaticMerge,
    Block,
    DuplicatePair,
    Fingerprint,
    MergeRecord,
    PairStatus,
    RecordKind,
)
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
from crm.models.letters import DigestLine
from crm.models.people import ApiToken, Density, Language, Leave, Mails, Role, Team, Theme, User
from crm.models.webhooks import (
    FeedPlace,
    SwitchedOff,
    Trouble,
    Webhook,
    WebhookAttempt,
    WebhookDelivery,
)

__all__ = [
    "IMPORT_MOVES",
    "WEEKDAYS",
    "Account",
    "AccountAccess",
    "Activity",
    "ApiToken",
    "AutomaticMerge",
    "BadRow",
    "Block",
    "Calendar",
    "Channel",
    "Closure",
    "Consent",
    "Contact",
    "Delivery",
    "Density",
    "DigestLine",
    "Direction",
    "DuplicatePair",
    "FeedPlace",
    "Fingerprint",
    "FollowUp",
    "IdempotencyRecord",
    "ImportRun",
    "ImportStatus",
    "Language",
    "Leave",
    "LedgerEntry",
    "Mails",
    "MergeRecord",
    "Notification",
    "OutboxMessage",
    "Outcome",
    "PairStatus",
    "RecordKind",
    "Role",
    "StakeholderRole",
    "SwitchedOff",
    "Team",
    "Theme",
    "Trouble",
    "User",
    "Webhook",
    "WebhookAttempt",
    "WebhookDelivery",
]
