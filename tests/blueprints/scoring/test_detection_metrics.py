"""The figures are COCO's, by its own implementation, and those of the rooms that are served."""

import contextlib
import io
import json
import random
import subprocess
import sys
from pathlib import Path

import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from blueprints.errors import BlueprintError
from blueprints.geometry import Box
from blueprints.scoring.detection_metrics import ScoredPlan, measure, wilson_interval
from tests.blueprints.scoring.scored_plans import LEFT, RIGHT, Predicted, plan

ROOT = Path(__file__).resolve().parents[3]


def test_every_room_found_exactly_is_perfect():
    metrics = measure([plan([LEFT, RIGHT], [Predicted(LEFT), Predicted(RIGHT)])], confidence_threshold=0.25)
    assert (metrics.plans, metrics.rooms, metrics.duplicates) == (1, 2, 0)
    assert metrics.map50 == metrics.map50_95 == pytest.approx(1)
    assert metrics.average_recall == metrics.precision == metrics.recall == 1


def test_nothing_found_scores_nothing():
    metrics = measure([plan([LEFT, RIGHT], [])], confidence_threshold=0.25)
    assert (metrics.map50, metrics.map50_95, metrics.average_recall, metrics.recall) == (0, 0, 0, 0)
    assert metrics.precision is None


def test_a_plan_without_rooms_has_no_figures_of_its_own():
    metrics = measure([plan([], [])], confidence_threshold=0.25)
    assert (metrics.map50, metrics.map50_95, metrics.average_recall) == (None, None, None)
    assert (metrics.precision, metrics.recall, metrics.rooms) == (None, None, 0)


def test_boxes_on_a_plan_without_rooms_count_against_the_others():
    house = plan([LEFT], [Predicted(LEFT, 0.5)])
    sheet = plan([], [Predicted(LEFT, 0.9)], name="sheet")
    metrics = measure([house, sheet], confidence_threshold=0.25)
    assert metrics.map50 == pytest.approx(0.5)
    assert (metrics.precision, metrics.recall) == (0.5, 1)


def test_a_box_of_iou_0_72_is_right_at_five_of_the_ten_overlaps():
    shifted: Box = (0.0, 0.0, 0.4, 0.72)
    metrics = measure([plan([LEFT], [Predicted(shifted)])], confidence_threshold=0.25)
    assert metrics.map50 == pytest.approx(1)
    assert (metrics.map50_95, metrics.average_recall) == pytest.approx((0.5, 0.5))


def test_a_second_box_on_a_room_costs_precision_and_no_recall():
    second = Predicted((0.0, 0.0, 0.4, 0.9), 0.8)
    metrics = measure([plan([LEFT], [Predicted(LEFT, 0.9), second])], confidence_threshold=0.25)
    assert (metrics.precision, metrics.recall, metrics.duplicates) == (0.5, 1, 1)
    assert metrics.map50 == pytest.approx(1), "it ranks below the right one"


def test_precision_and_recall_are_those_of_boxes_above_the_threshold():
    predictions = [Predicted(LEFT, 0.9), Predicted(RIGHT, 0.25), Predicted((0.4, 0, 0.6, 0.2), 0.1)]
    at_threshold = measure([plan([LEFT, RIGHT], predictions)], confidence_threshold=0.25)
    below = measure([plan([LEFT, RIGHT], predictions)], confidence_threshold=0.05)
    assert (at_threshold.precision, at_threshold.recall) == (1, 0.5)
    assert (below.precision, below.recall) == (pytest.approx(2 / 3), 1)
    assert at_threshold.map50 == below.map50, "COCO's metric knows no threshold"


def test_boxes_below_the_floor_count_nowhere():
    metrics = measure([plan([LEFT], [Predicted(LEFT, 0.001)])], confidence_threshold=0)
    assert metrics.map50 == 0


def test_only_the_hundred_most_confident_boxes_of_a_plan_count_for_coco():
    others = [Predicted((0.5, 0.001 * number, 0.6, 0.001 * number + 0.1), 0.9) for number in range(100)]
    assert measure([plan([LEFT], [*others[:99], Predicted(LEFT, 0.5)])], confidence_threshold=0.25).average_recall == 1
    assert measure([plan([LEFT], [*others, Predicted(LEFT, 0.5)])], confidence_threshold=0.25).average_recall == 0


def test_recall_is_given_by_the_rooms_share_of_the_plan():
    small, middle, large = (0.0, 0.0, 0.09, 0.1), (0.5, 0.0, 0.6, 0.2), (0.5, 0.5, 0.8, 0.7)
    metrics = measure(
        [
            plan([small, middle, large], [Predicted(middle), Predicted(large)]),
            plan([small], [Predicted(small, 0.2)], name="unsure"),
        ],
        confidence_threshold=0.25,
    )
    sizes = [(size.from_share, size.to_share, size.rooms, size.recall) for size in metrics.recall_by_size]
    assert sizes == [(0, 0.01, 2, 0), (0.01, 0.05, 1, 1), (0.05, 1, 1, 1)]
    none, one, _ = metrics.recall_by_size
    assert (none.low, one.high) == (0, 1)
    assert none.high == pytest.approx(0.6576, abs=1e-4)
    assert one.low == pytest.approx(0.2065, abs=1e-4)


def test_a_size_without_rooms_has_no_recall():
    small = measure([plan([LEFT], [])], confidence_threshold=0.25).recall_by_size[0]
    assert (small.rooms, small.recall, small.low, small.high) == (0, None, None, None)


def test_the_interval_is_wilsons():
    # 10 of 50, from Brown, Cai and DasGupta's formula worked out by hand.
    assert wilson_interval(10, 50) == pytest.approx((0.1124, 0.3304), abs=1e-4)


def test_the_figures_match_those_of_pycocotools_used_directly(tmp_path: Path):
    plans = _random_plans(seed=3, count=12)
    metrics = measure(plans, confidence_threshold=0.25)
    annotations, results = [], []
    for number, one in enumerate(plans, start=1):
        annotations += [{"image_id": number, "category_id": 1, **_pixels(one, box)} for box in one.truth]
        results += [
            {"image_id": number, "category_id": 1, "score": found.confidence, **_pixels(one, found.box)}
            for found in one.predictions
        ]
    data_set = {
        "images": [{"id": number} for number in range(1, 13)],
        "categories": [{"id": 1}],
        "annotations": [{"id": number, "iscrowd": 0, **one} for number, one in enumerate(annotations, start=1)],
    }
    for name, content in (("truth", data_set), ("results", results)):
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(str(tmp_path / "truth.json"))
        evaluation = COCOeval(truth, truth.loadRes(str(tmp_path / "results.json")), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    expected = evaluation.stats
    assert 0.1 < expected[1] < 0.9, "neither all right nor all wrong"
    assert (metrics.map50_95, metrics.map50, metrics.average_recall) == pytest.approx(
        (expected[0], expected[1], expected[8]), abs=1e-9
    )


def test_nothing_is_printed(capsys: pytest.CaptureFixture[str]):
    measure([plan([LEFT], [Predicted(LEFT)])], confidence_threshold=0.25)
    assert capsys.readouterr().out == ""


def test_the_figures_can_be_written_as_json():
    document = json.loads(json.dumps(measure([plan([LEFT], [])], confidence_threshold=0.25).as_json()))
    assert (document["recall"], document["precision"], document["confidence_threshold"]) == (0, None, 0.25)
    assert document["recall_by_size"][2]["rooms"] == 1


@pytest.mark.parametrize("threshold", [-0.1, 1.1, float("nan")])
def test_a_threshold_that_is_not_a_confidence_is_refused(threshold: float):
    with pytest.raises(BlueprintError, match="must be a number from 0 to 1"):
        measure([plan([LEFT], [])], confidence_threshold=threshold)


def test_an_empty_list_of_plans_is_refused():
    with pytest.raises(BlueprintError, match="no plans"):
        measure([], confidence_threshold=0.25)


def test_measuring_needs_only_numpy_and_pycocotools():
    program = "import sys; from blueprints.scoring import detection_metrics, evaluation_plots; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert {"matplotlib", "rich", "scipy", "openvino"}.isdisjoint(loaded.stdout.split())


def _random_plans(*, seed: int, count: int) -> list[ScoredPlan]:
    """Plans whose rooms are found more or less exactly, with boxes that are none."""
    dice = random.Random(seed)

    def anywhere() -> Box:
        x, y = dice.uniform(0, 0.7), dice.uniform(0, 0.7)
        return x, y, x + dice.uniform(0.02, 0.3), y + dice.uniform(0.02, 0.3)

    def near(box: Box) -> Box:
        x0, y0, x1, y1 = (value + dice.gauss(0, 0.015) for value in box)
        return x0, y0, max(x1, x0 + 0.01), max(y1, y0 + 0.01)

    plans = []
    for number in range(count):
        truth = [anywhere() for _ in range(dice.randrange(9))]
        boxes = [near(box) for box in truth if dice.random() < 0.9] + [anywhere() for _ in range(dice.randrange(6))]
        plans.append(plan(truth, [Predicted(box, dice.uniform(0.01, 1)) for box in boxes], name=f"plan_{number}"))
    return plans


def _pixels(one: ScoredPlan, box: Box) -> dict[str, object]:
    """A box as COCO has it, the longest side of its plan 640 px."""
    scale = 640 / max(one.width_px, one.height_px)
    width, height = one.width_px * scale, one.height_px * scale
    x0, y0, x1, y1 = box[0] * width, box[1] * height, box[2] * width, box[3] * height
    return {"bbox": [x0, y0, x1 - x0, y1 - y0], "area": (x1 - x0) * (y1 - y0)}
