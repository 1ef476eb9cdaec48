"""Whether a mail was opened or a link clicked by a filter rather than by a person. Pure."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

MARKED, AGENT, TOO_FAST = "marked", "user_agent", "too_fast"
MAIL_KINDS = frozenset({"email_open", "email_click"})
# Filters and previews that say who they are.
_AGENTS = re.compile(
    r"proofpoint|mimecast|barracuda|safelinks|trendmicro|symantec|messagelabs|cloudmark|forcepoint|fireeye"
    r"|googleimageproxy|yahoomailproxy|slackbot|bot\b|crawler|spider|scanner|prefetch|headless|python-requests|curl/",
    re.IGNORECASE,
)
# Tools say so by a yes, or by the name of the machine.
_NO = frozenset({"", "false", "0", "no", "n", "off", "none", "null"})


def scanner(
    *, kind: str, agent: str, marked: str, delivered_at: datetime | None, at: datetime, seconds: int
) -> str:
    """What gives a scanner away, or nothing. A person needs longer than a moment to read what arrives."""
    if kind not in MAIL_KINDS:
        return ""
    if marked.casefold() not in _NO:
        return MARKED
    if agent and _AGENTS.search(agent):
        return AGENT
    if delivered_at and timedelta(0) <= at - delivered_at <= timedelta(seconds=seconds):
        return TOO_FAST
    return ""
