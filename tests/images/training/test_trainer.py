# pyright: reportMissingImports=false
# (torch is in the training environment only)
"""What a run trains on, and when it has trained enough."""

from pathlib import Path
from typing import Any

import pytest
import torch

from images.training import trainer
from images.training.errors import TrainingError
from images.training.hyperparameters import Hyperparameters


@pytest.fixture
def without_cuda(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


@pytest.fixture
def driver(tmp_path: Path) -> Path:
    """What NVIDIA's driver shows on a machine with a GPU."""
    path = tmp_path / "nvidiactl"
    path.touch()
    return path


def test_without_a_gpu_the_processor_trains(without_cuda: None, tmp_path: Path):
    assert trainer.choose_device(tmp_path / "nvidiactl") == "cpu"


def test_a_gpu_that_torch_cannot_use_fails_the_run(without_cuda: None, driver: Path):
    with pytest.raises(TrainingError, match=r"^torch cannot use this machine's GPU: .* set CUDA_VISIBLE_DEVICES"):
        trainer.choose_device(driver)


def test_a_gpu_can_be_left_alone(without_cuda: None, driver: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert trainer.choose_device(driver) == "cpu"


@pytest.mark.parametrize(
    ("epoch", "best_epoch", "values", "finished"),
    [
        (9, 8, {"epochs": 10}, True),
        (8, 8, {"epochs": 10}, False),
        (8, 4, {"epochs": 10, "patience": 5}, True),
        (8, 5, {"epochs": 10, "patience": 5}, False),
        (8, 0, {"epochs": 10, "patience": 0}, False),
    ],
)
def test_a_run_is_finished_after_its_epochs_or_its_patience(
    epoch: int, best_epoch: int, values: dict[str, Any], finished: bool
):
    checkpoint = {"epoch": epoch, "stopper": {"best_epoch": best_epoch}}
    assert trainer.is_finished(checkpoint, Hyperparameters(**values)) is finished


def test_before_the_first_epoch_has_ended_there_are_no_results(tmp_path: Path):
    trainer.write_results({"train_results": {}}, tmp_path / "results.csv")
    assert not (tmp_path / "results.csv").exists(), "Ultralytics writes the header of a file that is not there"
