"""Calls and mails from a file: each row once, each complaint with its row and column."""

import pytest

from crm import imports
from crm.models import Activity

HEAD = "email,contact_external_id,channel,direction,outcome,occurred_at,note,external_id\n"
NAMES = HEAD.strip().split(",")


@pytest.fixture
def person(cast):
    return cast.lead(email="taro@kyushu.example").contact


def bring(cast, *rows):
    content = (HEAD + "".join(f"{row}\n" for row in rows)).encode()
    return imports.run(
        "activities", content, dict(zip(NAMES, NAMES, strict=True)), by=cast.marketer, at=cast.at
    )


CALL = "taro@kyushu.example,,call,outbound,reached,2026-05-29T10:00:00+09:00,Budget in April,c-1"


def test_a_row_becomes_an_activity_and_the_same_file_adds_nothing(cast, person):
    first, again = bring(cast, CALL), bring(cast, CALL)
    assert (first.counts, again.counts) == ({"created": 1}, {"unchanged": 1})
    logged = Activity.objects.get()
    assert (logged.contact, logged.outcome, logged.note) == (person, "reached", "Budget in April")
    assert logged.occurred_at.isoformat() == "2026-05-29T01:00:00+00:00"


def test_without_an_external_id_the_same_row_is_still_known(cast, person):
    row = CALL.removesuffix("c-1")
    bring(cast, row)
    assert bring(cast, row, row.replace("call", "meeting")).counts["created"] == 1
    assert Activity.objects.count() == 2


def test_people_are_found_by_their_external_id_too_and_blank_means_outbound(cast, person):
    type(person).objects.filter(pk=person.pk).update(external_id="crm-7")
    assert bring(cast, ",crm-7,Email,,Auto-reply,2026-05-29T10:00:00+09:00,,").counts["created"] == 1
    assert Activity.objects.values_list("channel", "direction", "outcome").get() == (
        "email",
        "outbound",
        "auto_reply",
    )


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("nobody@kyushu.example,,call,,,2026-05-29T10:00:00+09:00,,", "email"),
        ("taro@kyushu.example,,pigeon,,,2026-05-29T10:00:00+09:00,,", "channel"),
        ("taro@kyushu.example,,call,sideways,,2026-05-29T10:00:00+09:00,,", "direction"),
        ("taro@kyushu.example,,call,,happy,2026-05-29T10:00:00+09:00,,", "outcome"),
        ("taro@kyushu.example,,call,,,,,", "occurred_at"),
        ("taro@kyushu.example,,call,,,2027-05-29T10:00:00+09:00,,", "occurred_at"),
        (f"taro@kyushu.example,,call,,,2026-05-29T10:00:00+09:00,,{'x' * 121}", "external_id"),
    ],
)
def test_a_bad_row_is_named_and_the_good_one_is_kept(cast, person, row, field):
    report = bring(cast, CALL, row)
    assert report.counts == {"created": 1, "rejected": 1}
    assert [(bad.line, bad.problems[0][0]) for bad in report.bad] == [(3, field)]


def test_a_bounce_list_takes_back_what_was_sent(cast, person):
    sent = "taro@kyushu.example,,email,outbound,left_message,2026-05-29T10:00:00+09:00,,m-1"
    bring(cast, sent)
    assert bring(cast, sent.replace("left_message", "bounced")).counts["updated"] == 1
    assert Activity.objects.get().outcome == "bounced"


def test_an_external_id_of_somebody_else_is_refused(cast, person):
    cast.lead(email="hanako@kyushu.example")
    report = bring(cast, CALL, CALL.replace("taro", "hanako"))
    assert [bad.problems[0][0] for bad in report.bad] == ["external_id"]
