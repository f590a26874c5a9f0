"""The curves of an evaluation as PNG files. matplotlib is imported when the first is drawn, and needs no display."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from blueprints.scoring.confidence import RankedPredictions, Reliability, ThresholdCurve
from blueprints.scoring.evaluation import Evaluation

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIZE_INCHES = (6.4, 4.8)
DOTS_PER_INCH = 120


def draw(evaluation: Evaluation, folder: Path) -> list[Path]:
    """Draws every curve into an existing folder, replacing older ones. Returns the files."""
    paths = [folder / name for name in ("pr_curve.png", "threshold_curve.png", "reliability.png")]
    precision_recall(evaluation.ranked, paths[0])
    thresholds(evaluation.thresholds, evaluation.total.confidence_threshold, paths[1])
    reliability(evaluation.reliability, paths[2])
    return paths


def precision_recall(ranked: RankedPredictions, path: Path) -> None:
    """Precision by recall at IoU 0.5, down to the confidence floor."""
    precision, recall = ranked.precision_recall()
    with _axes(path, "Precision over recall, IoU 0.5", "recall", "precision") as axes:
        axes.plot(recall, precision)


def thresholds(curve: ThresholdCurve, confidence_threshold: float, path: Path) -> None:
    """Precision, recall and F1 by confidence threshold; lines mark the one in use and the best one."""
    with _axes(path, "Over the confidence threshold, IoU 0.5", "confidence threshold", "") as axes:
        for name in ("precision", "recall", "f1"):
            points = [(threshold, getattr(at, name)) for threshold, at in curve.counts.items()]
            known = [(threshold, value) for threshold, value in points if value is not None]
            axes.plot([one[0] for one in known], [one[1] for one in known], label=name.replace("f1", "F1"))
        axes.axvline(confidence_threshold, color="grey", linestyle=":", label=f"in use: {confidence_threshold:g}")
        if curve.recommended is not None:
            axes.axvline(curve.recommended, color="black", linestyle="--", label=f"highest F1: {curve.recommended:g}")
        axes.legend()


def reliability(measured: Reliability, path: Path) -> None:
    """The share of right boxes by confidence; on the diagonal, confidence is a probability."""
    error = measured.expected_calibration_error
    title = "Reliability" if error is None else f"Reliability, expected calibration error {error:.3f}"
    with _axes(path, title, "confidence", "share of boxes that are right") as axes:
        axes.plot([0, 1], [0, 1], color="grey", linestyle=":")
        axes.plot([one.mean_confidence for one in measured.bins], [one.precision for one in measured.bins], marker="o")
        for one in measured.bins:
            axes.annotate(
                str(one.predictions),
                (one.mean_confidence, one.precision),
                textcoords="offset points",
                xytext=(6, -10),
                fontsize=8,
            )


@contextmanager
def _axes(path: Path, title: str, x: str, y: str) -> Iterator[Axes]:
    """Axes from 0 to 1; the drawing is saved when the context ends without an error."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE_INCHES, dpi=DOTS_PER_INCH, layout="constrained")
    axes = figure.add_subplot(title=title, xlabel=x, ylabel=y, xlim=(0, 1), ylim=(0, 1.02))
    axes.grid(alpha=0.3)
    yield axes
    figure.savefig(path, format="png")
