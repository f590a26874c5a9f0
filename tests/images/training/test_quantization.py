"""The int8 copy: of these weights, as exact as it says, and chosen only where that is exact enough."""

import resource
import shutil
from pathlib import Path

import pytest

from blueprints.datasets import yolo
from images.inference import network
from images.inference.network import choose_precision, quantized_path
from images.training.errors import TrainingError
from images.training.quantization import quantize
from tests.images.inference.server_process import WEIGHTS
from tests.images.training.labelled_plans import add_plan


@pytest.fixture(scope="module")
def quantized(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, float | None]]:
    """A copy of the shipped weights, quantised on three drawn plans, and its figures."""
    folder = tmp_path_factory.mktemp("weights")
    weights = Path(shutil.copy(WEIGHTS, folder))
    plans = tmp_path_factory.mktemp("plans")
    for number in range(3):
        add_plan(plans, f"house_{number}")
    assert choose_precision(weights)[0] == "float32"
    return weights, quantize(weights, [plan.image for plan in yolo.plans(plans)], plans, threads=1)


def test_the_copy_is_beside_its_weights_and_nothing_else_is(quantized: tuple[Path, dict[str, float | None]]):
    weights, _ = quantized
    assert sorted(path.name for path in weights.parent.iterdir()) == ["best.int8.bin", "best.int8.xml", "best.onnx"]


def test_the_copy_says_what_it_loses(quantized: tuple[Path, dict[str, float | None]]):
    weights, figures = quantized
    assert figures["float32"]
    assert figures["int8"]
    loss = figures["float32"] - figures["int8"]
    assert f'map50_95_loss value="{loss:.4f}"' in quantized_path(weights).read_text()


def test_a_copy_is_chosen_only_if_it_loses_little(
    quantized: tuple[Path, dict[str, float | None]], monkeypatch: pytest.MonkeyPatch
):
    weights, _ = quantized
    monkeypatch.setattr(network, "MOST_LOSS", 1.0)
    assert choose_precision(weights)[0] == "int8"
    monkeypatch.setattr(network, "MOST_LOSS", -1.0)
    precision, reason = choose_precision(weights)
    assert (precision, reason.startswith("best.int8.xml loses ")) == ("float32", True)


def test_a_full_disk_is_one_line(tmp_path: Path):
    weights = Path(shutil.copy(WEIGHTS, tmp_path))
    plans = tmp_path / "plans"
    add_plan(plans, "house")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, limits[1]))  # less than the copy has
    try:
        with pytest.raises(
            TrainingError, match=r"best.int8.xml: cannot be written \(.+\): free disk space or add some$"
        ):
            quantize(weights, [plan.image for plan in yolo.plans(plans)], plans, threads=1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["best.onnx", "plans"]
