"""Scoring a folder of answers against the labels of their plans."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich import box
from rich.table import Table

from blueprints import answer
from blueprints.datasets import yolo
from blueprints.errors import BlueprintError
from blueprints.scoring.matching import Counts, match


@dataclass(frozen=True, kw_only=True)
class Report:
    """`plans` are the scored plans by name; plans that could not be scored are listed too.

    `without_prediction` are labelled plans without an answer, `without_truth` answers without a labelled plan.
    """

    iou_threshold: float
    plans: dict[str, Counts]
    without_prediction: tuple[str, ...]
    without_truth: tuple[str, ...]

    @property
    def total(self) -> Counts:
        return sum(self.plans.values(), Counts())


def score(truth: Path, predictions: Path, iou_threshold: float = 0.5) -> Report:
    """Compare `<name>.rooms.json` in `predictions` with the YOLO labels of `truth`.

    BlueprintError for a broken file, a missing folder, or if no plan has an answer.
    """
    if not predictions.is_dir():
        raise BlueprintError(f"{predictions}: is not a folder: give the one with <name>{answer.SUFFIX}")
    answers = {path.name.removesuffix(answer.SUFFIX): path for path in sorted(predictions.glob(f"*{answer.SUFFIX}"))}
    labelled = {plan.name: plan for plan in yolo.plans(truth)}
    counts = {
        name: match(answer.read(answers[name]), yolo.read_labels(plan.labels), iou_threshold)
        for name, plan in labelled.items()
        if name in answers
    }
    if not counts:
        raise BlueprintError(
            f"{predictions}: no <name>{answer.SUFFIX} belongs to one of the {len(labelled)} plans of {truth}"
        )
    return Report(
        iou_threshold=iou_threshold,
        plans=counts,
        without_prediction=tuple(name for name in labelled if name not in answers),
        without_truth=tuple(name for name in answers if name not in labelled),
    )


def as_json(report: Report) -> dict[str, Any]:
    """The report as JSON values; an undefined precision or recall is null."""
    return {
        "iou": report.iou_threshold,
        "plans": [{"name": name, **_figures(counts)} for name, counts in report.plans.items()],
        "total": _figures(report.total),
        "without_prediction": list(report.without_prediction),
        "without_truth": list(report.without_truth),
    }


def as_table(report: Report) -> Table:
    """The report as a table: a row per plan and one for the total."""
    table = Table(
        title=f"Rooms found at IoU {report.iou_threshold:g} (wrong includes duplicates)",
        box=box.SIMPLE,
        pad_edge=False,
        show_footer=True,
    )
    total = _cells(report.total)
    names = ("right", "missed", "wrong", "duplicates", "precision", "recall")
    table.add_column("plan", footer=f"all {len(report.plans)}", overflow="fold")
    for name, value in zip(names, total, strict=True):
        table.add_column(name, footer=value, justify="right")
    for plan, counts in report.plans.items():
        table.add_row(plan, *_cells(counts))
    notes = [
        f"Not counted, {what} ({len(names)}): {', '.join(names[:3])}{', ...' if len(names) > 3 else ''}"
        for names, what in (
            (report.without_prediction, "without a prediction"),
            (report.without_truth, "without a plan"),
        )
        if names
    ]
    table.caption = "\n".join(notes) or None
    return table


def _figures(counts: Counts) -> dict[str, Any]:
    return {
        "right": counts.right,
        "missed": counts.missed,
        "wrong": counts.wrong,
        "duplicates": counts.duplicates,
        "precision": counts.precision,
        "recall": counts.recall,
    }


def _cells(counts: Counts) -> list[str]:
    return [
        "-" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)
        for value in _figures(counts).values()
    ]
