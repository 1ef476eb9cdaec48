"""Exports and webhooks of other tools, read as behaviour events.

`bring_in` does it, `try_out` shows what would come of it; `ready` holds the mappings every company starts with.
"""

from leads.events.mappings.door import Outcome, Trial, bring_in, try_out
from leads.events.mappings.payloads import rows_of

__all__ = ["Outcome", "Trial", "bring_in", "rows_of", "try_out"]
