"""Candidates: only what shares a block is compared, each once, and a crowd compares with nobody."""

from crm.matching import pairs, people


def phones(count, number="+81312345678"):
    return [people.person(pk, phone=number) for pk in range(count)]


def test_who_shares_a_block_meets_once_the_lower_key_first():
    name = {"last": "山田", "first": "太郎", "phone": "+81312345678"}
    records = [people.person(9, **name), people.person(4, **name), people.person(7, last="鈴木")]
    assert list(pairs.candidates(records, pairs.PEOPLE)) == [(4, 9)]


def test_a_switchboard_of_a_whole_company_makes_no_pairs():
    assert len(list(pairs.candidates(phones(pairs.CROWD), pairs.PEOPLE))) > 0
    assert list(pairs.candidates(phones(pairs.CROWD + 1), pairs.PEOPLE)) == []


def test_the_best_come_first():
    records = [
        people.person(1, last="Mori", first="Takashi", email="a@example.jp"),
        people.person(2, last="Moori", first="Takashi"),
        people.person(3, last="Mori", first="Takashi", email="a@example.jp"),
    ]
    found = pairs.find(records, pairs.PEOPLE)
    assert (found[0].low, found[0].high) == (1, 3)
    assert found[0].verdict.certain == ("same-email",)
