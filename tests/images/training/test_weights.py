# pyright: reportMissingImports=false
# (torch is in the training environment only)
"""Weights are loaded safely, of the run's architecture only, and published to train on from."""

import pickle
from pathlib import Path

import pytest
import torch
from ultralytics.nn.tasks import DetectionModel

from images.training import weights
from images.training.contract import PACKAGED_WEIGHTS
from images.training.errors import InputError
from tests.images.training.training_process import Finished


def test_without_a_channel_the_packaged_weights_are_the_start(tmp_path: Path):
    assert weights.starting_checkpoint(tmp_path / "pretrained", PACKAGED_WEIGHTS) == PACKAGED_WEIGHTS
    start = weights.starting_network(PACKAGED_WEIGHTS, "yolov8n")
    packaged, _ = weights.load(PACKAGED_WEIGHTS)
    pairs = zip(start.parameters(), packaged.parameters(), strict=True)
    assert all(torch.equal(ours, theirs) for ours, theirs in pairs)


def test_the_one_checkpoint_of_the_channel_is_the_start(tmp_path: Path):
    path = tmp_path / "classes.pt"
    torch.save({"model": DetectionModel("yolov8s.yaml", nc=80, verbose=False)}, path)
    start = weights.starting_network(weights.starting_checkpoint(tmp_path, PACKAGED_WEIGHTS), "yolov8s")
    assert len(start.names) == 80, "weights of other classes are welcome, their class branch is learnt from scratch"


@pytest.mark.parametrize("count", [0, 2])
def test_a_channel_without_exactly_one_checkpoint_is_refused(tmp_path: Path, count: int):
    for number in range(count):
        (tmp_path / f"{number}.pt").touch()
    with pytest.raises(InputError, match=rf"^{tmp_path}: has {count} \.pt files: put exactly one there$"):
        weights.starting_checkpoint(tmp_path, PACKAGED_WEIGHTS)


def test_weights_of_another_architecture_are_refused():
    network, _ = weights.load(PACKAGED_WEIGHTS)
    with pytest.raises(InputError, match=r"is a yolov8n network, and model_size is yolov8m"):
        weights.check_architecture(network, PACKAGED_WEIGHTS, "yolov8m")


class Deed:
    """Unpickled, it creates a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[Path, ...]]:
        return Path.touch, (self.path,)


def test_a_pickle_that_would_run_code_is_refused_and_not_run(tmp_path: Path):
    path, trace = tmp_path / "evil.pt", tmp_path / "was_run"
    torch.save({"model": Deed(trace)}, path)
    with pytest.raises(InputError, match=rf"^{path}: cannot be loaded safely as weights"):
        weights.load(path)
    assert not trace.exists()


@pytest.mark.parametrize("content", [b"", b"no weights", pickle.dumps([1, 2])])
def test_a_file_that_holds_no_weights_is_refused(tmp_path: Path, content: bytes):
    path = tmp_path / "weights.pt"
    path.write_bytes(content)
    with pytest.raises(InputError, match=rf"^{path}: cannot be loaded safely as weights: .*") as error:
        weights.load(path)
    assert "\n" not in str(error.value)


def test_a_missing_file_is_refused_and_not_searched_elsewhere(tmp_path: Path):
    with pytest.raises(InputError, match=r"yolov8n.pt: no such file"):
        weights.load(tmp_path / "yolov8n.pt")


def test_published_weights_are_a_start_for_another_run(finished: Finished):
    path = finished.base / "model" / "best.pt"
    network, checkpoint = weights.load(path)
    weights.check_architecture(network, path, "yolov8n")
    assert network.names == {0: "room"}
    assert checkpoint["optimizer"] is None
    assert {value.dtype for value in checkpoint["model"].state_dict().values()} <= {torch.float32, torch.int64}
