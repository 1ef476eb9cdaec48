"""Show on a public file of leads what the points proposed by Baton reach."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reports import education
from reports.scoring import proposal, regression
from reports.scoring.regression import Quality
from reports.scoring.samples import Sample, outcomes

BAR_AUC, BAR_BRIER = 0.88, 0.135


class Command(BaseCommand):
    help = "Cross-validate the points proposed from xedu_train.csv, fitted anew in each fold; fails below the bar."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=["xedu"])
        parser.add_argument("path", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        with options["path"].open(encoding="utf-8", newline="") as file:
            samples = education.read(file)
        self.stdout.write(f"Leads: {len(samples)}, converted {sum(outcomes(samples))}")
        self.stdout.write(f"Left out, recorded afterwards: {', '.join(education.AFTERWARDS)}")
        found = proposal.judged(samples)
        if found is None or found.quality is None:
            raise CommandError("Too few outcomes for a proposal.")
        learnt = regression.quality(samples)
        self._told("Logistic regression behind it (not bound to the bar)", learnt)
        self._told("Proposed points (rounded, fit × behaviour; the bar refers to these)", found.quality)
        self._told("Points made by hand", _by_hand(samples))
        self._points(found)
        self._judge("proposed points", found.quality)

    def _told(self, title: str, quality: Quality) -> None:
        self.stdout.write(f"{title}:")
        for number, (auc, brier) in enumerate(quality.folds, start=1):
            self.stdout.write(f"  fold {number}: AUC {auc:.4f}, Brier {brier:.4f}")
        auc, brier = mean(quality)
        assert quality.auc
        self.stdout.write(
            f"  mean: AUC {auc:.4f}, Brier {brier:.4f}"
            f" (all folds together: AUC {quality.auc.value:.4f}, {quality.auc.low:.4f} to {quality.auc.high:.4f})"
        )

    def _points(self, found: proposal.Proposal) -> None:
        ordered = sorted(found.points.items(), key=lambda pair: (-pair[1], pair[0]))
        self.stdout.write("Points: " + ", ".join(f"{kind} {points:g}" for kind, points in ordered))
        rules = sorted(found.fit_rules, key=lambda rule: -rule.points)
        told = ", ".join(f"{rule.attribute} {'-'.join(rule.values)} {rule.points:+g}" for rule in rules)
        self.stdout.write(f"Fit points: {told}")
        grades = ", ".join(f"{one.grade} from {one.min_points:g} ×{one.factor:g}" for one in found.grades)
        self.stdout.write(f"Grades: {grades}")

    def _judge(self, judged: str, quality: Quality) -> None:
        auc, brier = mean(quality)
        if auc < BAR_AUC or brier > BAR_BRIER:
            raise CommandError(
                f"Below the bar: {judged}, AUC {auc:.4f} of {BAR_AUC}, Brier {brier:.4f} of {BAR_BRIER}."
            )
        self.stdout.write(
            f"The bar is met by the {judged}: AUC {auc:.4f}, at least {BAR_AUC};"
            f" Brier {brier:.4f}, at most {BAR_BRIER}."
        )


def mean(quality: Quality) -> tuple[float, float]:
    aucs, briers = zip(*quality.folds, strict=True)
    return sum(aucs) / len(aucs), sum(briers) / len(briers)


def _by_hand(samples: list[Sample]) -> Quality:
    """Nothing is learnt but what a score means."""
    points = proposal.Proposal(education.BY_HAND, education.FIT_BY_HAND, education.GRADES_BY_HAND)
    folds = regression.folds(samples)
    return regression.measured([proposal.held_out(points, learnt, held) for learnt, held in folds])
