"""The only writer of a lead's stage.

Every deed takes ids, locks the rows in the order of their keys, moves those that may move, and
records each move in the ledger within the same transaction. One lead is a batch of one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from crm import ledger
from crm.arrays import literal
from crm.models import User
from crm.states import UnableToMove, origins
from leads import segments
from leads.facts import about
from leads.models import (
    MOVES,
    Lead,
    LeadScore,
    MqlDefinition,
    Programme,
    Segment,
    Stage,
)
from leads.nurture import enrolment
from leads.qualification import ELIGIBLE, FITTING_GRADES, raises_hand
from leads.scoring import force, reading, recounting
from leads.scoring.decay import Decay


def move(
    leads: Iterable[int],
    to: str,
    *,
    by: User | None,
    at: datetime,
    reason: str = "",
    data: Mapping[str, Any] | None = None,
    kind: str = "",
    strict: bool = True,
    **columns: Any,
) -> list[int]:
    """Move leads to a stage; returns the ids that moved.

    A lead that is there already is left alone. One that may not move raises `UnableToMove`, unless
    `strict` is off: then it is skipped.
    """
    with transaction.atomic():
        rows = _locked(leads)
        movable = _movable(rows, to, strict=strict)
        ids = [row.pk for row in movable]
        if not ids:
            return []
        changes = {"waits_until": None, **columns}
        Lead.objects.filter(pk__among=ids).update(stage=to, stage_at=at, **changes)
        ledger.record(
            _facts(movable, to, kind=kind or f"lead.{to}", by=by, at=at, reason=reason, data=data or {})
        )
    return ids


def _locked(leads: Iterable[int]) -> list[Lead]:
    fields = ("pk", "stage", "account_id", "contact_id")
    return list(
        Lead.objects.filter(pk__among=leads).order_by("pk").select_for_update(no_key=True).only(*fields)
    )


def _movable(rows: Sequence[Lead], to: str, *, strict: bool) -> list[Lead]:
    allowed = origins(MOVES, to)
    if strict:
        stuck = next((row for row in rows if row.stage != to and row.stage not in allowed), None)
        if stuck:
            words = str(Stage(stuck.stage).label), str(Stage(to).label)
            raise UnableToMove("lead", *words, state=stuck.stage)
    return [row for row in rows if row.stage in allowed]


def _facts(
    rows: Iterable[Lead],
    to: str,
    *,
    kind: str,
    by: User | None,
    at: datetime,
    reason: str,
    data: Mapping[str, Any],
) -> list[ledger.Fact]:
    return [
        about(row, kind, by=by, at=at, from_state=row.stage, to_state=to, reason=reason, data=dict(data))
        for row in rows
    ]


# -- becoming an MQL -----------------------------------------------------------------------------

_ELIGIBLE = [stage.value for stage in ELIGIBLE]
# `leads.qualification.meets` says the same of one lead.
_QUALIFY = """
    SELECT lead.id
      FROM leads_lead lead
      JOIN leads_leadscore score ON score.lead_id = lead.id
      JOIN crm_contact contact ON contact.id = lead.contact_id
     WHERE lead.stage = ANY(%(eligible)s)
       AND lead.merged_into_id IS NULL
       AND score.grade = ANY(%(grades)s)
       AND score.fit > 0
       AND (score.standing >= %(bar)s OR lead.id = ANY(%(raised)s))
       AND (NOT %(need_email)s OR contact.email_key <> '')
       AND (NOT %(need_phone)s OR contact.phone_key <> '')
       AND (NOT %(need_last_name)s OR contact.last_name <> '')
       AND (NOT %(need_job_title)s OR contact.job_title <> '')
       AND (NOT %(need_account)s OR lead.account_id IS NOT NULL)
       AND (NOT %(need_consent)s OR contact.consent = 'granted')
       AND {in_segment}
"""


def qualify(
    leads: Sequence[int] | None,
    *,
    at: datetime,
    by: User | None = None,
    raised: Mapping[int, Set[str]] | None = None,
    decay: Decay | None = None,
) -> list[int]:
    """Promote to MQL whoever meets the definition in force for its segment; `None` looks at every lead.

    `raised` names leads and what they just did (a demo request, say): where the definition lets that raise a
    hand, the score is not asked of them. `decay` is that of the model in force, where it has been read already.
    """
    open_ones = leads if leads is None else _eligible(leads)
    if open_ones is not None and not open_ones:
        return []
    decay = decay or current_decay()
    with transaction.atomic(savepoint=False):
        ready = [
            lead
            for definition in MqlDefinition.objects.in_force()
            for lead in qualifying(
                definition, open_ones, at=at, raised=_hands_up(definition, raised or {}), decay=decay
            )
        ]
        if not ready:
            return []
        return move(ready, Stage.MQL, by=by, at=at, kind="lead.qualified", strict=False, qualified_at=at)


def _eligible(leads: Sequence[int]) -> list[int]:
    """Those that may become MQLs: most of the leads at a bar have long passed it."""
    if not leads:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM leads_lead WHERE id = ANY(%s) AND stage = ANY(%s) ORDER BY id",
            [literal(leads), _ELIGIBLE],
        )
        return [row[0] for row in cursor.fetchall()]


def _hands_up(definition: MqlDefinition, raised: Mapping[int, Set[str]]) -> list[int]:
    return [lead for lead, did in raised.items() if raises_hand(definition, did)]


def qualifying(
    definition: MqlDefinition,
    leads: Sequence[int] | None,
    *,
    at: datetime,
    raised: Sequence[int] = (),
    decay: Decay | None = None,
) -> list[int]:
    """Ids of the leads of its segment that meet a definition at a moment; changes nothing, so it previews too."""
    # Said plainly: of IS NOT DISTINCT FROM the planner expects a handful of rows, and scans the leads once for each.
    in_segment = "score.segment_id = %(segment)s" if definition.segment_id else "score.segment_id IS NULL"
    bar = (decay or current_decay()).bar_at(definition.threshold, at)
    query, params = _QUALIFY.format(in_segment=in_segment), _needs(definition, bar, raised)
    if leads is None:
        query += " AND score.rank >= %(bar)s"  # indexed, and never below `standing`
    else:
        query, params = query + " AND lead.id = ANY(%(leads)s)", params | {"leads": literal(list(leads))}
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return [row[0] for row in cursor.fetchall()]


def _needs(definition: MqlDefinition, bar: float, raised: Sequence[int]) -> dict[str, Any]:
    needed = {
        f"need_{name}": name in definition.required_fields
        for name in ("email", "phone", "last_name", "job_title", "account")
    }
    return needed | {
        "need_consent": definition.consent_required,
        "segment": definition.segment_id,
        "eligible": _ELIGIBLE,
        "grades": FITTING_GRADES[definition.minimum_grade],
        "bar": bar,
        "raised": literal(raised),
    }


def current_decay() -> Decay:
    return reading.decay_in_force()


def qualify_by_hand(lead: int, *, by: User, at: datetime, note: str = "") -> list[int]:
    """Somebody hands a lead over below the threshold, and says so."""
    return move([lead], Stage.MQL, by=by, at=at, reason=note, kind="lead.handpicked", qualified_at=at)


def handpick(leads: Sequence[int], *, by: User, at: datetime, note: str = "") -> list[int]:
    """The same for many; those that may not become MQLs are left alone."""
    return move(
        leads, Stage.MQL, by=by, at=at, reason=note, kind="lead.handpicked", strict=False, qualified_at=at
    )


def adopt(
    definition: MqlDefinition, *, segment: Segment | None = None, by: User | None, at: datetime
) -> list[int]:
    """Put a definition in force for a segment (None: everybody no other one is for).

    Leads find their place anew; those that meet it now become MQLs. Returns their ids.
    """
    with transaction.atomic():
        force.change()  # or a lead on its way in would be placed by the segments of before
        before = MqlDefinition.objects.filter(in_force=True, segment=segment).exclude(pk=definition.pk)
        is_new_place = not before.update(in_force=False) and segment is not None
        MqlDefinition.objects.filter(pk=definition.pk).update(in_force=True, segment=segment)
        if is_new_place:
            segments.place(None, segments.in_use())
        return qualify(None, at=at, by=by)


# -- on the way through sales ---------------------------------------------------------------------


def accept(leads: Sequence[int], *, by: User | None, at: datetime) -> list[int]:
    """Sales took the leads: SAL."""
    return move(leads, Stage.SAL, by=by, at=at)


def confirm(leads: Sequence[int], *, by: User | None, at: datetime) -> list[int]:
    """Sales confirmed a need: SQL."""
    return move(leads, Stage.SQL, by=by, at=at)


def win(leads: Sequence[int], *, by: User | None, at: datetime) -> list[int]:
    return move(leads, Stage.CUSTOMER, by=by, at=at)


def retrace(journeys: Mapping[int, Sequence[tuple[str, datetime]]], *, by: Mapping[int, User | None]) -> None:
    """Lead leads through stages they passed in the past, each at its own time; `by` names the person per lead."""
    with transaction.atomic():
        rows, facts = _locked(journeys), []
        for row in rows:
            for to, at in journeys[row.pk]:
                movable = _movable([row], to, strict=True)
                facts += _facts(movable, to, kind=f"lead.{to}", by=by[row.pk], at=at, reason="", data={})
                row.stage, row.stage_at, row.waits_until = to, at, None
        Lead.objects.bulk_update(rows, ["stage", "stage_at", "waits_until"])
        ledger.record(facts)


def give_to(owners: Mapping[int, int], *, at: datetime) -> None:
    """Set the owners of leads (lead id → user id), in one statement however many people there are."""
    if not owners:
        return
    Lead.objects.filter(pk__among=owners).update(owner=_given(owners))


def count_round(leads: Sequence[int], *, owners: Mapping[int, int]) -> None:
    """These leads are being handed to sales once more, each to its new owner (lead id → user id) if it has one."""
    owner = Coalesce(_given(owners), F("owner"))
    Lead.objects.filter(pk__among=leads).update(rounds=F("rounds") + 1, owner=owner)


def _given(owners: Mapping[int, int]) -> RawSQL:
    return RawSQL("(%s::jsonb ->> leads_lead.id::text)::bigint", [json.dumps(owners)])


# -- back to marketing ----------------------------------------------------------------------------


def recycle(
    leads: Sequence[int],
    *,
    by: User | None,
    at: datetime,
    reason: str,
    waits_until: datetime | None = None,
    programme: Programme | None = None,
    fresh_behaviour_only: bool = False,
    is_open_ended: bool = False,
) -> list[int]:
    """Back to marketing: wait, be nurtured, and qualify again.

    With `fresh_behaviour_only` what the lead did so far no longer counts towards qualifying. One that is
    `is_open_ended` waits until somebody brings it back.
    """
    waits_until = None if is_open_ended else max(waits_until or at, at)
    data = {
        "waits_until": waits_until.isoformat() if waits_until else "",
        "programme": programme.code if programme else "",
        "fresh_only": fresh_behaviour_only,
    }
    with transaction.atomic():
        if fresh_behaviour_only:
            force.stay()
            recounting.hold(leads)  # scores before leads, as whoever counts behaviour does
        moved = move(leads, Stage.RECYCLED, by=by, at=at, reason=reason, data=data, waits_until=waits_until)
        if fresh_behaviour_only:
            LeadScore.objects.filter(lead__in=moved).update(floor=F("engagement"), floored_at=at)
        if programme:
            enrolment.enrol(moved, programme, cause=reason, by=by, at=at)
    return moved


def release_due(*, at: datetime, limit: int = 1000) -> list[int]:
    """End the wait of recycled leads whose day has come; who is above the bar qualifies again."""
    with transaction.atomic():
        due = Lead.objects.released_by(at).order_by("waits_until", "pk").values_list("pk", flat=True)
        claimed = list(due.select_for_update(skip_locked=True, no_key=True)[:limit])
        moved = move(claimed, Stage.NURTURING, by=None, at=at, reason="wait over", kind="lead.released")
        qualify(moved, at=at)
    return moved


def nurture(leads: Sequence[int], *, by: User | None, at: datetime, reason: str = "") -> list[int]:
    """Take leads into nurture without a wait; also how a disqualified lead comes back."""
    return move(leads, Stage.NURTURING, by=by, at=at, reason=reason)


def disqualify(leads: Sequence[int], *, by: User | None, at: datetime, reason: str) -> list[int]:
    return move(leads, Stage.DISQUALIFIED, by=by, at=at, reason=reason)
