"""A company of a given size: leads with scores and events, handoffs that are over, and some that run."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models, transaction

from benchmarks import names
from benchmarks.events import KINDS
from benchmarks.filling import bare, fill, run
from crm.models import Account, Contact, Role, User
from leads.models import BehaviourEvent, EventKind, Lead, LeadScore, Stage
from leads.scoring import reading, recounting
from project import founding
from sla import handoffs
from sla.models import Handoff, Status

REPS = 80
RUNNING_EACH = 15
EVENTS_EACH = 10
LEADS_PER_ACCOUNT = 4
# In no order; who asks for a demo is one in so many.
_KIND = f"""CASE WHEN (hashint8(n) & 65535) %% 500 = 0 THEN 'demo_request'
                 ELSE (ARRAY{list(KINDS)})[1 + (hashint8(n) & 65535) %% {len(KINDS)}] END"""
HANDED_OVER = 20  # one lead in so many has a handoff that is over


def found(*, at: datetime) -> None:
    """The founding data and the people in sales."""
    founding.found(by=None, at=at)
    people = [User(username="marketer", role=Role.MARKETER), User(username="admin", role=Role.ADMIN)]
    people += [User(username=f"rep{n}", role=Role.REP, capacity=1000) for n in range(REPS)]
    User.objects.bulk_create(people)


def grow(to: int, *, at: datetime) -> None:
    """Add leads until there are so many, with everything that belongs to them."""
    first, accounts = Lead.objects.count() + 1, to // LEADS_PER_ACCOUNT
    moment = f"timestamptz '{at.isoformat()}' - make_interval(mins => (n %% 500000)::int)"
    with bare(Account, Contact, Lead, LeadScore, BehaviourEvent):
        fill(Account, Account.objects.count() + 1, accounts, id="n", name=names.COMPANY, name_key=names.COMPANY_KEY,
             domain="'company' || n || '.example'")  # fmt: skip
        fill(Contact, first, to, id="n", account_id=f"1 + n % {accounts}", email="'person' || n || '@example.com'",
             email_key="'person' || n || '@example.com'", last_name=names.FAMILY, first_name=names.GIVEN)  # fmt: skip
        fill(Lead, first, to, id="n", contact_id="n", account_id=f"1 + n % {accounts}", captured_at=moment,
             stage_at=moment, stage=f"'{Stage.NURTURING}'", source="'web'")  # fmt: skip
        fill(LeadScore, first, to, lead_id="n", grade="'C'", fit="1.0")
        fill(BehaviourEvent, (first - 1) * EVENTS_EACH + 1, to * EVENTS_EACH, id="n",
             lead_id=f"1 + n / {EVENTS_EACH} % {to}", kind=_KIND, occurred_at=moment,
             source="'seed'", external_id="'seed' || n", received_at="now()")  # fmt: skip
    _follow_sequences(Account, Contact, Lead, BehaviourEvent)
    with transaction.atomic():
        recounting.resum_who_did(EventKind.values, reading.in_force())
    _hand_over(to // HANDED_OVER, at=at)
    run("VACUUM ANALYZE")


def _follow_sequences(*rows: type[models.Model]) -> None:
    for model in rows:
        table = model._meta.db_table
        run(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")


def _hand_over(past: int, *, at: datetime) -> None:
    """Handoffs through the product's own door; all but the newest of each rep are over."""
    wanted = past + REPS * RUNNING_EACH - Handoff.objects.count()
    ready = Lead.objects.filter(stage=Stage.NURTURING).order_by("pk").values_list("pk", flat=True)
    ids = list(ready[: max(0, wanted)])
    for start in range(0, len(ids), 2000):
        make_qualified(ids[start : start + 2000], at=at)
        handoffs.offer(ids[start : start + 2000], by=None, at=at - timedelta(minutes=len(ids) - start))
        _end_all_but_newest(at)


def make_qualified(leads: list[int], *, at: datetime) -> None:
    """MQLs as if they had just crossed the bar. Seeding alone may write a stage past its door."""
    run("UPDATE leads_lead SET stage = 'mql', qualified_at = %s WHERE id = ANY(%s)", [at, leads])


def _end_all_but_newest(at: datetime) -> None:
    run(
        """
        UPDATE sla_handoff SET status = %s, decided_at = %s, escalate_at = NULL
         WHERE id IN (SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY assignee_id ORDER BY id DESC) AS place
                                        FROM sla_handoff WHERE decided_at IS NULL) AS mine WHERE place > %s)
        """,
        [Status.EXPIRED, at, RUNNING_EACH],
    )
