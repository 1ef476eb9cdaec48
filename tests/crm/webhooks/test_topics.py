"""Topics: a kind, an area, or everything."""

import pytest

from crm.webhooks import topics


@pytest.mark.parametrize(
    ("chosen", "kind", "heard"),
    [
        (["handoff.accepted"], "handoff.accepted", True),
        (["handoff.accepted"], "handoff.rejected", False),
        (["handoff.*"], "handoff.rejected", True),
        (["handoff.*"], "handoffs.rejected", False),
        (["lead.*", "deal.won"], "deal.won", True),
        (["*"], "anything.at_all", True),
    ],
)
def test_a_topic_hears_its_kind_and_no_other(chosen: list[str], kind: str, heard: bool) -> None:
    assert topics.hears(chosen, kind) is heard


def test_a_topic_named_twice_is_kept_once_in_the_order_given() -> None:
    assert topics.checked(["lead.*", "deal.won", "lead.*"]) == ["lead.*", "deal.won"]


@pytest.mark.parametrize(
    "topic",
    ["", "handoff", "handoff.", ".won", "**", "*.won", "Handoff.won", "a.b.c", "lead.*x", "x" * 65 + ".a"],
)
def test_what_names_no_kind_is_refused(topic: str) -> None:
    with pytest.raises(topics.InvalidTopic):
        topics.checked([topic])


@pytest.mark.parametrize("count", [0, 51])
def test_no_topic_and_too_many_are_refused(count: int) -> None:
    with pytest.raises(topics.InvalidTopic):
        topics.checked(f"lead.{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(count))
