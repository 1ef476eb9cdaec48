"""A real file of leads: what the proposal reaches, without what sales wrote down afterwards."""

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from reports import education, polish
from reports.scoring.samples import Leak, outcomes

HEAD = (
    "Lead Number,Converted,TotalVisits,Total Time Spent on Website,Last Activity,Lead Origin,Lead Source,Tags"
)


def test_a_real_company_s_leads_reach_the_bar(real_data: Path) -> None:
    said = StringIO()
    call_command("validate_scoring_data", "xedu", str(real_data / "xedu_train/xedu_train.csv"), stdout=said)
    told = said.getvalue()
    assert "Leads: 5514, converted 2136" in told
    figures = [tuple(map(float, pair)) for pair in re.findall(r"mean: AUC ([\d.]+), Brier ([\d.]+)", told)]
    (auc, brier), (auc_of_points, brier_of_points), (auc_by_hand, _brier) = figures
    assert 0.88 <= auc < 0.95
    assert brier <= 0.135
    assert 0.88 <= auc_of_points < 0.95
    assert brier_of_points <= 0.135
    assert auc_of_points > auc_by_hand
    assert "The bar is met by the proposed points" in told


def test_points_below_the_bar_fail_the_command(real_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the polish rounded points are not good enough, however good the regression behind them is."""
    monkeypatch.setattr(polish, "PASSES", 0)
    said = StringIO()
    with pytest.raises(CommandError, match="Below the bar: proposed points"):
        call_command(
            "validate_scoring_data", "xedu", str(real_data / "xedu_train/xedu_train.csv"), stdout=said
        )
    assert "Logistic regression behind it" in said.getvalue()


def line(*values: str) -> StringIO:
    return StringIO(f"{HEAD}\n{','.join(values)}\n")


def test_blank_and_select_are_unknown() -> None:
    [one] = education.read(line("7", "1", "", "120", "Email Opened", "Select", "", "Hot"))
    assert (one.key, one.came) == (7, True)
    assert one.counts == {("minute_on_site", None): 2.0, ("last: email opened", None): 1.0}
    assert one.fields == {}


def test_who_stayed_long_did_something_of_its_own() -> None:
    [one] = education.read(line("7", "1", "", "660", "", "", "", ""))
    assert set(one.counts) == {
        (kind, None) for kind in ("minute_on_site", "stayed 5 minutes", "stayed 10 minutes")
    }


def test_what_was_written_afterwards_is_never_read() -> None:
    [one] = education.read(line("7", "0", "1", "0", "", "API", "Google", "Will revert"))
    assert "Will revert" not in str(one)
    assert outcomes([one]) == [False]
    for column in education.AFTERWARDS:
        with pytest.raises(Leak):
            education.read(line("7", "0", "1", "0", "", "API", "Google", "x"), also=[column])


def test_too_few_leads_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "few.csv"
    path.write_text(line("7", "0", "1", "0", "", "API", "Google", "x").getvalue())
    with pytest.raises(CommandError, match="Too few"):
        call_command("validate_scoring_data", "xedu", str(path), stdout=StringIO())
