"""The bars, on real and published data: what merges is right, what is suggested is nearly all there is."""

import pytest

from crm.matching import trial


@pytest.fixture(scope="module")
def figures(request):
    folder = request.getfixturevalue("real_data")
    return {line.name: line for line in trial.run(folder)}


@pytest.mark.parametrize(("name", "merge_recall"), [("splink fake_1000", 0.63), ("Febrl dataset1", 0.95)])
def test_people_merge_with_a_precision_of_99_and_are_suggested_with_a_recall_of_95(
    figures, name, merge_recall
):
    found = figures[name]
    assert found.merge_precision >= 0.99
    assert found.merge_recall >= merge_recall
    assert found.recall >= 0.95
    assert found.precision >= 0.95


def test_no_two_corporations_of_different_numbers_are_merged_or_suggested(figures):
    found = figures["EDINET corporations"]
    assert (found.records, found.true_pairs) == (6861, 9)
    assert (found.merged, found.merged_right, found.suggested, found.recall) == (9, 9, 9, 1.0)


@pytest.mark.parametrize(("column", "at_most"), [("提出者名", 60), ("提出者名（英字）", 120)])
def test_by_name_alone_nothing_merges_and_few_of_6861_are_suggested(real_data, column, at_most):
    [path] = real_data.rglob("companies_only_20240721_cp932.csv")
    found = trial.names_alone(path, column)
    assert [pair for _one, _other, pair in found if pair.verdict.certain] == []
    assert 0 < len(found) <= at_most
