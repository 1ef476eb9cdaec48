"""The promises the data keeps at all times, as queries that return what breaks them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from math import isclose
from typing import Any

from django.db import connection

from crm import journal, outbox
from crm.tasks import KEPT_FOR
from leads.models import BehaviourEvent, LeadScore, ScoringModel, VersionStatus
from leads.scoring import versions
from sla import clock, ladder, terms
from sla.handoffs import door
from sla.models import Handoff, Signature, Terms
from sla.work_calendar import WorkCalendar

Broken = Iterator[str]

# Each query lists the ids of what breaks the promise.
QUERIES = {
    "I1 at most one running handoff per lead": """
        SELECT lead_id FROM sla_handoff WHERE status IN ('open', 'contacted', 'accepted')
         GROUP BY lead_id HAVING count(*) > 1""",
    "I2 decided exactly when it says so": """
        SELECT id FROM sla_handoff
         WHERE (status IN ('converted', 'rejected', 'expired', 'withdrawn')) <> (decided_at IS NOT NULL)""",
    "I2 one winning transition": """
        SELECT subject_id FROM crm_ledgerentry
         WHERE subject_type = 'handoff' AND to_state IN ('converted', 'rejected', 'expired', 'withdrawn')
         GROUP BY subject_id HAVING count(*) > 1""",
    "I3 the last transition is the state": """
        SELECT h.id FROM sla_handoff h
          JOIN LATERAL (SELECT to_state FROM crm_ledgerentry
                         WHERE subject_type = 'handoff' AND subject_id = h.id AND to_state <> ''
                         ORDER BY id DESC LIMIT 1) last ON last.to_state <> h.status""",
    "I3 the ledger names records that are there": """
        SELECT entry.id FROM crm_ledgerentry entry
          LEFT JOIN crm_account account ON account.id = entry.account_id
          LEFT JOIN crm_contact contact ON contact.id = entry.contact_id
          LEFT JOIN crm_user actor ON actor.id = entry.actor_id
         WHERE (entry.account_id, entry.contact_id, entry.actor_id)
               IS DISTINCT FROM (account.id, contact.id, actor.id)""",
    "I5 one escalation per handoff and level": """
        SELECT handoff_id FROM sla_escalation GROUP BY handoff_id, level HAVING count(*) > 1""",
    "I6 an event counts once": """
        SELECT min(id) FROM leads_behaviourevent GROUP BY source, external_id HAVING count(*) > 1""",
    "I13 a tally of data quality is how many findings hold its mark": """
        SELECT coalesce(tally.id, 0)
          FROM (SELECT captured_on, source, segment, mark, count(*) AS held
                  FROM leads_findings, unnest(array_append(marks, '')) AS mark
                 GROUP BY 1, 2, 3, 4) AS told
          FULL JOIN leads_qualitytally tally USING (captured_on, source, segment, mark)
         WHERE coalesce(told.held, 0) <> coalesce(tally.count, 0)""",
}


def broken(at: datetime) -> list[str]:
    """One line for everything that breaks a promise; empty when all hold."""
    found = [f"{promise}: {pk}" for promise, query in QUERIES.items() for pk in _ids(query)]
    checks: tuple[Callable[[datetime], Broken], ...] = (
        _news, _scores, _terms, _signatures, _due_times, _verdicts, _merges,
    )  # fmt: skip
    return found + [line for check in checks for line in check(at)]


def _ids(query: str, params: Sequence[Any] = ()) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(query, params or None)
        return [row[0] for row in cursor.fetchall()]


def _news(at: datetime) -> Broken:
    """As long as the outbox keeps what was delivered, it holds every transition that somebody waits for."""
    missing = """
        SELECT entry.id FROM crm_ledgerentry entry
         WHERE entry.to_state <> '' AND entry.kind = ANY(%s) AND entry.recorded_at > %s
           AND NOT EXISTS (SELECT FROM crm_outboxmessage news WHERE news.key = 'ledger:' || entry.id)"""
    for entry in _ids(missing, [list(outbox.awaited()), at - KEPT_FOR]):
        yield f"I3 every transition that somebody waits for has its news: {entry}"


def _merges(_at: datetime) -> Broken:
    """I9: nothing points at a record that was merged away; its id leads to one that stands."""
    for model in journal.mergeable():
        for line in journal.dangling(model):
            yield f"I9 a merge leaves nothing behind: {line}"


def _scores(_at: datetime) -> Broken:
    """I6: the stored sum is the sum of the counted events, computed here in Python."""
    model = ScoringModel.objects.filter(status=VersionStatus.ACTIVE).first()
    if model is None:
        return
    rules = versions.rules_of(model)
    sums: dict[int, float] = {}
    for event in BehaviourEvent.objects.counted().select_related("asset").iterator():
        gained = rules.decay.contribution(rules.points_of(event), event.occurred_at)
        sums[event.lead_id] = sums.get(event.lead_id, 0.0) + gained
    for lead, stored in LeadScore.objects.values_list("lead", "engagement").iterator():
        if not isclose(stored, sums.get(lead, 0.0), rel_tol=1e-9, abs_tol=1e-9):
            yield f"I6 stored score is the sum of its events: lead {lead}"


def _terms(_at: datetime) -> Broken:
    for frozen in Terms.objects.iterator():
        if terms.digest_of(frozen.body) != frozen.digest:
            yield f"I10 frozen terms never change: {frozen.digest}"


def _signatures(_at: datetime) -> Broken:
    """I10: a signature is under the text that its agreement still holds."""
    for signature in Signature.objects.select_related("agreement").iterator():
        if terms.digest_of(signature.agreement.text or {}) != signature.digest:
            yield f"I10 a signed text never changes: {signature.agreement}, {signature.side}"


def _due_times(_at: datetime) -> Broken:
    """I10: every due time is where the frozen terms put it, counted from the offer, pauses left out."""
    calendars: dict[str, WorkCalendar] = {}
    for row in Handoff.objects.select_related("terms").prefetch_related("pauses").iterator(chunk_size=500):
        if terms.digest_of(row.terms.body) != row.terms_id:
            continue  # told by `_terms` already
        if row.terms_id not in calendars:
            calendars[row.terms_id] = WorkCalendar.from_snapshot(row.terms.body["calendar"])
        held = [(one.starts_at, one.ends_at) for one in row.pauses.all() if one.ends_at]
        for name, due in row.deadlines.items():
            hours = row.terms.body[ladder.HOURS[name]]
            if due != clock.add(calendars[row.terms_id], row.offered_at, hours, pauses=held):
                yield f"I10 due times follow from the frozen terms: handoff {row.pk}, {name}"


def _verdicts(_at: datetime) -> Broken:
    """I11: what is stored follows from the facts. A breach nobody has swept yet may still be unjudged.

    History that was brought in is judged by nobody: no clock ran for it.
    """
    for row in Handoff.objects.exclude(routed__rule="history").iterator():
        stored = row.responded_in_time, row.accepted_in_time, row.feedback_in_time
        door.judge(row, row.decided_at or row.offered_at)
        truth = row.responded_in_time, row.accepted_in_time, row.feedback_in_time
        unswept = row.decided_at is None and all(
            was is is_now or is_now is None for was, is_now in zip(stored, truth, strict=True)
        )
        if stored != truth and not unswept:
            yield f"I11 stored verdict follows from the facts: handoff {row.pk}"
