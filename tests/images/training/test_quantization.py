"""The int8 copy: of these weights, as exact as promised, or not there."""

import shutil
from pathlib import Path

import pytest

from blueprints import yolo
from blueprints.detection_metrics import measure
from images.inference.network import choose_precision, quantized_path
from images.training.quantization import MOST_LOSS, add_int8, quantize
from images.training.scoring import score_folder
from tests.images.inference.server_process import WEIGHTS
from tests.images.training.labelled_plans import add_plan


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """The shipped weights in a folder of their own, in float32 alone."""
    shutil.copy(WEIGHTS, tmp_path)
    return tmp_path / WEIGHTS.name


@pytest.fixture
def plans(tmp_path: Path) -> Path:
    for number in range(3):
        add_plan(tmp_path / "plans", f"house_{number}")
    return tmp_path / "plans"


def test_a_quantised_copy_is_of_these_weights_and_finds_the_same_rooms(weights: Path, plans: Path):
    assert choose_precision(weights)[0] == "float32"
    written = quantize(weights, [plan.image for plan in yolo.plans(plans)])
    assert written == quantized_path(weights)
    assert sorted(path.name for path in weights.parent.iterdir() if path.is_file()) == [
        "best.int8.bin",
        "best.int8.xml",
        "best.onnx",
    ]
    assert choose_precision(weights)[0] == "int8"
    scored = score_folder(weights, plans, threads=1, iou_threshold=0.45, precision="int8")
    assert measure(scored, confidence_threshold=0.25).map50 == pytest.approx(1)


def test_a_copy_that_loses_too_much_is_not_published(weights: Path, plans: Path, capsys: pytest.CaptureFixture[str]):
    images = [plan.image for plan in yolo.plans(plans)]
    kept = add_int8(weights, images, plans, float32_map50_95=0.0, threads=1)
    assert kept["published"]
    assert quantized_path(weights).exists()
    lost = add_int8(weights, images, plans, float32_map50_95=1 + 2 * MOST_LOSS, threads=1)
    assert not lost["published"]
    assert sorted(path.name for path in weights.parent.iterdir() if path.is_file()) == ["best.onnx"]
    assert "the weights are published in float32 alone" in capsys.readouterr().err
