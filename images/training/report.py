# pyright: reportMissingImports=false
# (Ultralytics is in the training environment only)
"""The report of a run: metrics with the serving code, curves, the confusion matrix, a sheet of predictions."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from PIL import Image
from ultralytics.utils.plotting import plot_results

from blueprints.datasets import yolo
from blueprints.scoring import evaluation_plots, mistakes
from blueprints.scoring.detection_metrics import IOU_THRESHOLD, ScoredPlan
from blueprints.scoring.evaluation import evaluate
from blueprints.scoring.matching import Counts, outcomes
from images.inference import decoding
from images.inference import settings as serving
from images.training import progress
from images.training.contract import METRICS_FILE
from images.training.scoring import score_folder

CONFUSION_MATRIX = "confusion_matrix.png"
PREDICTIONS = "predictions.png"
RESULTS_TABLE = "results.csv"
RESULTS_CURVES = "results.png"

SHEET_PLANS = 12
SHEET_COLUMNS = 2
CELL_PX = (960, 540)


def write(folder: Path, *, model: Path, validation: Path, threads: int) -> dict[str, Any]:
    """Measures ONNX weights on the validation plans at the endpoint's thresholds, and draws into the existing `folder`.

    Returns the same metrics as in metrics.json of `make evaluate`. `results.csv` must already be in the folder.
    """
    scored = score_folder(
        model,
        validation,
        threads=threads,
        iou_threshold=serving.DEFAULT_IOU_THRESHOLD,
        progress=progress.lines("measuring on validation plans"),
    )
    threshold = serving.DEFAULT_CONFIDENCE_THRESHOLD
    evaluation = evaluate(scored, confidence_threshold=threshold)
    evaluation_plots.draw(evaluation, folder)
    _confusion_matrix(_counts(scored, threshold), folder / CONFUSION_MATRIX)
    _sheet(scored, validation, threshold).save(folder / PREDICTIONS)
    plot_results(folder / RESULTS_TABLE)
    return {
        "model_sha256": hashlib.sha256(model.read_bytes()).hexdigest(),
        "iou_threshold": serving.DEFAULT_IOU_THRESHOLD,
        **evaluation.as_json(),
    }


def file_names() -> tuple[str, ...]:
    """The names of everything in a complete report, sorted."""
    curves = ("pr_curve.png", "threshold_curve.png", "reliability.png")
    return tuple(
        sorted((METRICS_FILE, CONFUSION_MATRIX, PREDICTIONS, RESULTS_TABLE, RESULTS_CURVES, *curves)),
    )


def _counts(plans: Sequence[ScoredPlan], threshold: float) -> Counts:
    counted = (
        Counts.of(outcomes(plan.confident(threshold), plan.truth, IOU_THRESHOLD), len(plan.truth)) for plan in plans
    )
    return sum(counted, Counts())


def _confusion_matrix(counts: Counts, path: Path) -> None:
    """Rooms and predictions at the endpoint's threshold. The fourth cell, background, does not exist."""
    figure = Figure(figsize=(5, 4.4), dpi=120, layout="constrained")
    axes = figure.add_subplot(title=f"At IoU {IOU_THRESHOLD:g}", xlabel="labelled", ylabel="predicted")
    cells = [[counts.right, counts.wrong], [counts.missed, 0]]
    axes.imshow(cells, cmap="Blues", vmin=0)
    most = max(1, *cells[0], *cells[1])
    for row, column, count in ((0, 0, counts.right), (0, 1, counts.wrong), (1, 0, counts.missed)):
        axes.text(column, row, str(count), ha="center", va="center", color="white" if count > most / 2 else "black")
    for set_ticks in (axes.set_xticks, axes.set_yticks):
        set_ticks([0, 1], ["room", "background"])
    figure.savefig(path, format="png")


def _sheet(scored: Sequence[ScoredPlan], validation: Path, threshold: float) -> Image.Image:
    """Plans spread over the channel, each with its labels beside the predicted boxes."""
    shown = scored[:: -(-len(scored) // SHEET_PLANS)]
    images = {plan.name: plan.image for plan in yolo.plans(validation)}
    rows = -(-len(shown) // SHEET_COLUMNS)
    width, height = CELL_PX
    sheet = Image.new("RGB", (SHEET_COLUMNS * width, rows * height), "white")
    for number, plan in enumerate(shown):
        cell = mistakes.picture(decoding.decode(images[plan.name].read_bytes()), plan, threshold)
        cell.thumbnail(CELL_PX)
        row, column = divmod(number, SHEET_COLUMNS)
        sheet.paste(cell, (column * width, row * height))
    return sheet
