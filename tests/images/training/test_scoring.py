"""Plans are scored by the very code that serves them."""

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from blueprints.errors import BlueprintError
from blueprints.scoring.detection_metrics import CONFIDENCE_FLOOR, measure
from images.inference import letterbox
from images.inference.detection import select
from images.inference.network import ModelError, load_network
from images.training.scoring import score_folder
from tests.images.inference.plans import PLAN
from tests.images.inference.server_process import WEIGHTS
from tests.images.training.labelled_plans import TRUE_BOXES, add_plan

ROOT = Path(__file__).resolve().parents[3]
EMPTY = Image.new("RGB", (700, 500), "white")


def score(data: Path, model: Path = WEIGHTS):
    return score_folder(model, data, threads=2, iou_threshold=0.45)


def test_a_drawn_plan_is_found_whole_by_the_shipped_weights(tmp_path: Path):
    add_plan(tmp_path, "house")
    metrics = measure(score(tmp_path), confidence_threshold=0.25)
    assert (metrics.plans, metrics.rooms, metrics.precision, metrics.recall) == (1, 3, 1, 1)
    assert metrics.map50 == pytest.approx(1)


def test_every_plan_has_its_size_its_truth_and_its_name(tmp_path: Path):
    add_plan(tmp_path, "b_house", rooms=TRUE_BOXES[:2])
    add_plan(tmp_path, "a_sheet", image=EMPTY, rooms=())
    sheet, house = score(tmp_path)
    assert (sheet.name, sheet.width_px, sheet.height_px, list(sheet.truth)) == ("a_sheet", 700, 500, [])
    assert (house.name, house.width_px, house.height_px) == ("b_house", *PLAN.size)
    assert [pytest.approx(box, abs=1e-5) for box in TRUE_BOXES[:2]] == list(house.truth)


def test_the_boxes_above_a_threshold_are_those_that_the_endpoint_finds_at_it(tmp_path: Path):
    add_plan(tmp_path, "house")
    (plan,) = score(tmp_path)
    assert all(one.confidence > CONFIDENCE_FLOOR for one in plan.predictions)
    box = letterbox.fit(*PLAN.size)
    output = load_network(WEIGHTS, threads=1)(letterbox.to_input(PLAN, box))
    for threshold in (0.1, 0.25, 0.6):
        served = select(output, box, confidence_threshold=threshold, iou_threshold=0.45)
        assert [one.box for one in plan.confident(threshold)] == [
            pytest.approx(tuple(room), abs=1e-5) for room in served.boxes.tolist()
        ], threshold


def test_the_number_of_cores_changes_nothing(tmp_path: Path):
    for number in range(2):
        add_plan(tmp_path, f"house_{number}", image=PLAN.resize((800 - 100 * number, 600)))
    one, two = (score_folder(WEIGHTS, tmp_path, threads=threads, iou_threshold=0.45) for threads in (1, 2))
    assert one == two


def test_progress_goes_from_none_to_all_plans(tmp_path: Path):
    for name in ("a", "b"):
        add_plan(tmp_path, name, image=EMPTY, rooms=())
    seen: list[tuple[int, int]] = []
    score_folder(
        WEIGHTS, tmp_path, threads=1, iou_threshold=0.45, progress=lambda done, total: seen.append((done, total))
    )
    assert seen == [(0, 2), (1, 2), (2, 2)]


@pytest.mark.parametrize(
    ("places", "styles"),
    [
        ([("scans", "plan_1"), ("clean", "plan_2")], ["clean", "scans"]),
        ([("dev", "cubicasa-hq_12"), ("dev", "cubicasa-arch_3")], ["cubicasa-arch", "cubicasa-hq"]),
        ([("dev", "cubicasa-hq_12"), ("dev", "villa")], ["dev", "dev"]),
    ],
    ids=["folders", "numbered names", "neither"],
)
def test_a_style_is_the_folder_or_else_the_name_before_its_number(
    tmp_path: Path, places: list[tuple[str, str]], styles: list[str]
):
    for folder, name in places:
        add_plan(tmp_path, name, image=EMPTY, rooms=(), folder=folder)
    assert [plan.style for plan in score(tmp_path)] == styles


def test_labels_are_checked_before_any_plan_is_run(tmp_path: Path):
    add_plan(tmp_path, "house")
    (tmp_path / "labels" / "house.txt").write_text("1 0.5 0.5 0.1 0.1\n")
    with pytest.raises(BlueprintError, match=r"house\.txt:1: class 1"):
        score(tmp_path, tmp_path / "no.onnx")
    (tmp_path / "labels" / "house.txt").unlink()
    with pytest.raises(BlueprintError, match=r"house\.txt: is missing"):
        score(tmp_path)


def test_an_image_that_the_endpoint_would_refuse_is_named(tmp_path: Path):
    add_plan(tmp_path, "house").write_bytes(b"no picture")
    with pytest.raises(BlueprintError, match=r"house\.png: image is not a PDF, PNG, JPEG"):
        score(tmp_path)


def test_invalid_weights_are_named(tmp_path: Path):
    add_plan(tmp_path, "house")
    weights = tmp_path / "best.onnx"
    weights.write_text("no weights")
    with pytest.raises(ModelError, match=f"cannot load the model {weights}"):
        score(tmp_path, weights)


def test_scoring_needs_neither_the_server_nor_torch():
    program = "import sys, images.training.scoring, images.training.comparison as _; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert {"aiohttp", "torch", "ultralytics", "matplotlib", "rich"}.isdisjoint(loaded.stdout.split())
