"""Files on their way in. A file is received, its columns are chosen, its rows are checked without being kept, and
then they come in, a batch at a time; `sweep` carries on what waits or broke off.

    run = imports.receive("leads", content, by=user, at=at, file_name="fair.csv")
    imports.check(run, Plan(mapping={"email": "Mail"}), by=user, at=at)
    imports.bring_in(run, by=user, at=at)
"""

from crm.imports import saving
from crm.imports.at_once import run
from crm.imports.door import (
    AT_ONCE,
    KEPT_BAD_ROWS,
    KEPT_WAITING,
    MOST_BYTES,
    MOST_ROWS,
    content_of,
    discard,
    forget,
    may_import,
    read_as,
    receive,
    require_right,
    stop,
)
from crm.imports.guessing import guess_mapping, remembered, same_file
from crm.imports.plan import Plan
from crm.imports.taking import MOST_BAD_ROWS, Report
from crm.imports.work import bring_in, carry_on, check, sweep

__all__ = [
    "AT_ONCE",
    "KEPT_BAD_ROWS",
    "KEPT_WAITING",
    "MOST_BAD_ROWS",
    "MOST_BYTES",
    "MOST_ROWS",
    "Plan",
    "Report",
    "bring_in",
    "carry_on",
    "check",
    "content_of",
    "discard",
    "forget",
    "guess_mapping",
    "may_import",
    "read_as",
    "receive",
    "remembered",
    "require_right",
    "run",
    "same_file",
    "saving",
    "stop",
    "sweep",
]
