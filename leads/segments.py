"""Which segment a lead belongs to: one statement over any number of leads, so there is one rule.

Only segments that an MQL definition in force is made for are kept on the score; who is in none of them is
everybody else's.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.db import connection

# Text is compared as rules compare it (`leads.scoring.profile.folded`): NFKC, no case, single spaces.
_FOLDED = r"lower(regexp_replace(btrim(normalize({value}, NFKC)), '\s+', ' ', 'g'))"


def _among(value: str, column: str) -> str:
    folded, each = _FOLDED.format(value=value), _FOLDED.format(value="each")
    return f"(cardinality({column}) = 0 OR {folded} IN (SELECT {each} FROM unnest({column}) each))"


# Value expressions are our own column names; every value is a parameter.
_MATCHING = f"""
    SELECT lead.id AS lead_id, place.id AS segment_id
      FROM leads_lead lead
      LEFT JOIN crm_account account ON account.id = lead.account_id
      LEFT JOIN LATERAL (
           SELECT segment.id FROM leads_segment segment
            WHERE segment.id = ANY(%(segments)s)
              AND {_among("coalesce(account.industry, '')", "segment.industries")}
              AND {_among("coalesce(account.country, '')", "segment.countries")}
              AND {_among("lead.source", "segment.sources")}
              AND (segment.min_employees IS NULL OR account.employee_count >= segment.min_employees)
              AND (segment.max_employees IS NULL OR account.employee_count <= segment.max_employees)
            ORDER BY segment.position, segment.id LIMIT 1
      ) place ON true
     WHERE %(leads)s::bigint[] IS NULL OR lead.id = ANY(%(leads)s)
"""

_PLACE = f"""
    UPDATE leads_leadscore score SET segment_id = found.segment_id
      FROM ({_MATCHING}) found
     WHERE found.lead_id = score.lead_id AND score.segment_id IS DISTINCT FROM found.segment_id
"""


def in_use() -> list[int]:
    """Segments that have an MQL definition of their own in force."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT segment_id FROM leads_mqldefinition WHERE in_force AND segment_id IS NOT NULL")
        return [row[0] for row in cursor.fetchall()]


def place(leads: Collection[int] | None, used: Sequence[int]) -> None:
    """Keep the segment of these leads (None: all) on their score, after what decides it has changed.

    `used` are those `in_use`; the rules in force tell them too.
    """
    if leads is not None and not (leads and used):
        return
    with connection.cursor() as cursor:
        cursor.execute(_PLACE, {"segments": list(used), "leads": None if leads is None else list(leads)})


def matching(leads: Sequence[int] | None, segments: Sequence[int]) -> dict[int, int | None]:
    """The first of these segments each lead matches, by lead id; changes nothing."""
    if not segments:
        return dict.fromkeys(leads or ())
    with connection.cursor() as cursor:
        wanted = None if leads is None else list(leads)
        cursor.execute(_MATCHING, {"segments": list(segments), "leads": wanted})
        return dict(cursor.fetchall())
