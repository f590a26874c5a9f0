"""Runs a detector on a folder of labelled plans, with the serving code.

Each plan is decoded, letterboxed, run and suppressed by `images.inference`, like a request to the endpoint, but down to
the confidence floor of COCO's metric. Suppression works in descending order of confidence, so the predictions above a
threshold are exactly the rooms that the endpoint would return at that threshold. Boxes stay floats: the thousandths in
the answer are a rounding of the API, not an error of the detector, and published metrics have no such rounding.
"""

import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from blueprints.datasets import yolo
from blueprints.errors import BlueprintError
from blueprints.geometry import Box
from blueprints.scoring.detection_metrics import CONFIDENCE_FLOOR, ScoredPlan
from images.inference import augmentation, decoding, detection, detector
from images.inference.errors import RequestError
from images.inference.network import Network, load_network, warm_up
from images.inference.settings import DEFAULT_VIEWS, Precision, Views

_NUMBERED_NAME = re.compile(r"(.+)_\d+")

Progress = Callable[[int, int], None]
"""Called with the number of plans done and the total; first with 0, when folder and weights are loaded."""


@dataclass(frozen=True, kw_only=True)
class Detection:
    """A predicted room: x_min, y_min, x_max, y_max as fractions 0..1 of the upright image, and confidence 0..1."""

    box: Box
    confidence: float


def score_folder(
    model: Path,
    directory: Path,
    *,
    threads: int,
    iou_threshold: float,
    precision: Precision = "float32",
    views: Views = DEFAULT_VIEWS,
    progress: Progress | None = None,
) -> list[ScoredPlan]:
    """Runs ONNX weights on every plan of a YOLO folder (`blueprints.datasets.yolo`) with `threads` cores, in its order.

    A plan's style is the folder of its image if there are several; else, if all names end in `_<number>`, the part
    before that (`cubicasa-hq` of `cubicasa-hq_123`); else the name of the folder.

    Args:
        precision: of the forward pass; int8 needs the quantised copy beside the weights.
        views: number of mirrored views that are averaged (`images.inference.augmentation`).
        iou_threshold: of suppression; the endpoint's default is in `images.inference.contract`.

    Raises:
        BlueprintError: no plans, a label file that is missing or wrong, an image that the endpoint would refuse.
        ModelError: weights that cannot be served.
    """
    plans = yolo.plans(directory)
    truth = [yolo.read_labels(plan.labels) for plan in plans]
    # Each forward pass uses one core: several plans in parallel use the cores better than one plan on all of them.
    network = augmentation.averaged(load_network(model, threads=threads, precision=precision, streams=threads), views)
    warm_up(network, model)
    scored: list[ScoredPlan] = []
    if progress is not None:
        progress(0, len(plans))
    with ThreadPoolExecutor(threads) as pool:
        results = pool.map(lambda plan: _detect(network, plan.image, iou_threshold), plans)
        try:
            for plan, style, boxes, (size, found) in zip(plans, _styles(plans), truth, results, strict=True):
                scored.append(
                    ScoredPlan(
                        name=plan.name,
                        style=style,
                        width_px=size[0],
                        height_px=size[1],
                        truth=boxes,
                        predictions=found,
                    )
                )
                if progress is not None:
                    progress(len(scored), len(plans))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return scored


def _detect(network: Network, path: Path, iou_threshold: float) -> tuple[tuple[int, int], list[Detection]]:
    """The size of the upright image, and the rooms in it."""
    try:
        plan = detector.prepare(decoding.open_image(path.read_bytes()))
    except RequestError as error:
        raise BlueprintError(f"{path}: {error}") from error
    found = detection.select(
        network(plan.pixels),
        plan.letterbox,
        confidence_threshold=CONFIDENCE_FLOOR,
        iou_threshold=iou_threshold,
    )
    return (plan.width, plan.height), [
        Detection(box=(x0, y0, x1, y1), confidence=confidence)
        for (x0, y0, x1, y1), confidence in zip(found.boxes.tolist(), found.confidences.tolist(), strict=True)
    ]


def _styles(plans: Sequence[yolo.LabelledPlan]) -> list[str]:
    folders = [plan.image.absolute().parent.name for plan in plans]
    if len(set(folders)) > 1:
        return folders
    numbered = [_NUMBERED_NAME.fullmatch(plan.name) for plan in plans]
    return [name[1] for name in numbered if name] if all(numbered) else folders
