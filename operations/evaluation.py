"""`make evaluate`: the accuracy of weights on a folder of labelled plans, measured with the code that serves them."""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console, Group
from rich.table import Table

from blueprints.datasets import yolo
from blueprints.errors import BlueprintError
from blueprints.scoring import evaluation_plots, mistakes
from blueprints.scoring.detection_metrics import DetectionMetrics, ScoredPlan, SizeRecall
from blueprints.scoring.evaluation import Evaluation, evaluate
from console.progress import bars
from images.inference import decoding
from images.inference.cores import available_cores
from images.inference.network import ModelError, choose_precision
from images.inference.settings import DEFAULT_VIEWS, Precision, Views
from images.training.scoring import score_folder

FOLDER = "evaluation"
WORST_PLANS = 6
WRONG_INPUT = 2
COLUMNS_WITHOUT_TERMINAL = 120


def run(
    data: Path,
    *,
    model: Path,
    confidence_threshold: float,
    iou_threshold: float,
    precision: Precision | None = None,
    views: Views = DEFAULT_VIEWS,
    out: Path,
    output_format: str = "text",
) -> int:
    """Evaluates ONNX weights on a YOLO folder and returns the exit status: 0, or 2 after one line on stderr.

    The default of `precision` is the one that the server would choose on this machine.

    Prints tables, or with `json` the content of `<out>/evaluation/metrics.json`; curves and pictures of the worst plans
    are written beside that file. An earlier evaluation there is replaced when this one has all its figures.
    """
    try:
        if not 0 <= iou_threshold <= 1:
            raise BlueprintError(f"--iou {iou_threshold:g}: must be a number from 0 to 1")
        if not 0 <= confidence_threshold <= 1:
            raise BlueprintError(f"--confidence {confidence_threshold:g}: must be a number from 0 to 1")
        if precision is None and model.is_file():
            precision, _ = choose_precision(model)
        precision = precision or "float32"
        plans = _scored(model, data, iou_threshold, precision, views)
        evaluation = evaluate(plans, confidence_threshold=confidence_threshold)
        report = {
            "model_sha256": hashlib.sha256(model.read_bytes()).hexdigest(),
            "forward_pass_precision": precision,
            "views": views,
            "iou_threshold": iou_threshold,
            **evaluation.as_json(),
        }
        folder = out / FOLDER
        _write(folder, report, evaluation, data, plans)
    except (BlueprintError, ModelError) as error:
        print(f"evaluate: {error}", file=sys.stderr)
        return WRONG_INPUT
    except OSError as error:
        print(f"evaluate: {error.filename}: {error.strerror}", file=sys.stderr)
        return WRONG_INPUT
    if output_format == "json":
        print(json.dumps(report, indent=2))
    else:
        console = Console(highlight=False, width=None if sys.stdout.isatty() else COLUMNS_WITHOUT_TERMINAL)
        console.print(_tables(evaluation, iou_threshold, precision, views))
        console.print(f"Wrote {folder}/: metrics.json, curves, the worst plans", soft_wrap=True)
    return 0


def _scored(model: Path, data: Path, iou_threshold: float, precision: Precision, views: Views) -> list[ScoredPlan]:
    with bars() as step:
        return score_folder(
            model,
            data,
            threads=available_cores(),
            iou_threshold=iou_threshold,
            precision=precision,
            views=views,
            progress=lambda done, total: step("finding rooms", done, total),
        )


def _write(folder: Path, report: dict[str, Any], evaluation: Evaluation, data: Path, plans: list[ScoredPlan]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for earlier in folder.glob("worst_*.png"):
        earlier.unlink()
    (folder / "metrics.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    evaluation_plots.draw(evaluation, folder)
    threshold = evaluation.total.confidence_threshold
    images = {plan.name: plan.image for plan in yolo.plans(data)}
    for number, plan in enumerate(mistakes.worst(plans, threshold, WORST_PLANS), start=1):
        image = decoding.decode(images[plan.name].read_bytes())
        mistakes.picture(image, plan, threshold).save(folder / f"worst_{number}_{plan.name}.png")


def _tables(evaluation: Evaluation, iou_threshold: float, precision: Precision, views: Views) -> Group:
    total = evaluation.total
    seen = precision if views == 1 else f"{precision}, {views} views"
    figures = Table(
        title=f"Rooms found in {seen}; served at confidence {total.confidence_threshold:g}, suppression at IoU "
        f"{iou_threshold:g}",
        box=box.SIMPLE,
        pad_edge=False,
        show_footer=True,
    )
    figures.add_column("style", footer="all", overflow="fold")
    names = ("plans", "rooms", "mAP50", "mAP50-95", "AR", "precision", "recall")
    for name, footer in zip(names, _figures(total), strict=True):
        figures.add_column(name, footer=footer, justify="right")
    for style, metrics in evaluation.styles.items():
        figures.add_row(style, *_figures(metrics))

    sizes = Table(title="Recall by box size", box=box.SIMPLE, pad_edge=False)
    sizes.add_column("share of the plan's area")
    for name in ("rooms", "recall", "95 % interval"):
        sizes.add_column(name, justify="right")
    for size in total.recall_by_size:
        interval = "-" if size.low is None else f"{_number(size.low)} to {_number(size.high)}"
        sizes.add_row(_size(size), str(size.rooms), _number(size.recall), interval)
    return Group(figures, sizes, *_sentences(evaluation))


def _sentences(evaluation: Evaluation) -> list[str]:
    thresholds, error = evaluation.thresholds, evaluation.reliability.expected_calibration_error
    wrong = ", ".join(f"{count} {kind}" for kind, count in evaluation.wrong_boxes.items())
    sentences = [
        f"Wrong boxes: {wrong}; duplicates at IoU 0.5: {evaluation.total.duplicates}.",
        f"Expected calibration error of the boxes served: {_number(error)}.",
    ]
    if thresholds.recommended is not None:
        best = thresholds.counts[thresholds.recommended]
        sentences.append(
            f"Highest F1 at confidence {thresholds.recommended:g}: {_number(best.f1)}, "
            f"precision {_number(best.precision)}, recall {_number(best.recall)}."
        )
    return [*sentences, ""]


def _figures(metrics: DetectionMetrics) -> list[str]:
    shares = (metrics.map50, metrics.map50_95, metrics.average_recall, metrics.precision, metrics.recall)
    return [str(metrics.plans), str(metrics.rooms), *map(_number, shares)]


def _size(size: SizeRecall) -> str:
    if size.from_share == 0:
        return f"under {size.to_share:.0%}"
    return f"over {size.from_share:.0%}" if size.to_share == 1 else f"{size.from_share:.0%} to {size.to_share:.0%}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
