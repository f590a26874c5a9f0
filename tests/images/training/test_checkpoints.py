"""A run continues from its own checkpoints, and every other checkpoint stays as it is."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from images.training.checkpoints import Checkpoints, Identity
from images.training.errors import InputError
from images.training.hyperparameters import parse
from tests.images.training.training_process import Finished


@pytest.fixture
def folder(tmp_path: Path, finished: Finished) -> Path:
    """The checkpoints of a run of two epochs."""
    return Path(shutil.copytree(finished.base / "checkpoints", tmp_path / "checkpoints"))


def checkpoints(folder: Path, **changed: Any) -> Checkpoints:
    """The checkpoints of the run that made them, but for what is changed."""
    run = json.loads((folder / "run.json").read_text())
    plans = {**run["plans"], **changed.pop("plans", {})}
    teacher = changed.pop("teacher", run["teacher"])
    identity = Identity(hyperparameters=parse({**run["hyperparameters"], **changed}), plans=plans, teacher=teacher)
    return Checkpoints(folder=folder, identity=identity)


def test_a_run_continues_from_its_own_checkpoint(folder: Path):
    resumed = checkpoints(folder).open()
    assert resumed is not None
    assert resumed["epoch"] == 1
    assert resumed["train_results"]["epoch"] == [1, 2]
    assert resumed["optimizer"] is not None


def test_a_run_that_was_started_with_fewer_hyperparameters_continues(folder: Path):
    run = json.loads((folder / "run.json").read_text())
    expected = checkpoints(folder)
    del run["hyperparameters"]["distillation"], run["teacher"]
    (folder / "run.json").write_text(json.dumps(run))
    assert expected.open() is not None


def test_a_run_that_was_killed_between_its_first_checkpoints_starts_over(folder: Path):
    (folder / "last.pt").unlink()
    assert checkpoints(folder).open() is None


def test_another_runs_best_checkpoint_alone_is_refused(folder: Path):
    (folder / "last.pt").unlink()
    with pytest.raises(InputError, match=rf"^{folder}/best.pt: is the checkpoint of another run \(seed 0, here 1\): "):
        checkpoints(folder, seed=1).open()


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (
            {"epochs": 5},
            "is the checkpoint of another run (epochs 2, here 5): use the settings that it was started with",
        ),
        ({"lr0": 0.1, "seed": 1}, "is the checkpoint of another run (lr0 0.01, here 0.1; seed 0, here 1): "),
        ({"plans": {"validation": "0"}}, "is the checkpoint of another run (other plans in validation): "),
        ({"teacher": "0"}, "is the checkpoint of another run (other starting weights): "),
        ({"model_size": "yolov8s.pt"}, "is a yolov8n network, and model_size is yolov8s: "),
    ],
)
def test_another_runs_checkpoint_is_refused(folder: Path, changed: dict[str, Any], reason: str):
    refused(checkpoints(folder, **changed), reason)


def test_a_checkpoint_of_unknown_origin_is_refused(folder: Path):
    run = checkpoints(folder)
    (folder / "run.json").unlink()
    refused(run, "is not a checkpoint of this run: run.json beside it cannot be read: ")


def test_a_broken_checkpoint_is_refused(folder: Path):
    (folder / "last.pt").write_bytes((folder / "last.pt").read_bytes()[:1000])
    refused(checkpoints(folder), "cannot be loaded safely as weights: ")


def test_a_broken_best_checkpoint_is_refused(folder: Path):
    (folder / "best.pt").write_bytes(b"")
    with pytest.raises(InputError, match=r"best.pt: cannot be loaded safely as weights"):
        checkpoints(folder).open()


def test_a_run_that_was_killed_before_its_first_checkpoint_starts_over(folder: Path):
    for name in ("best.pt", "last.pt"):
        (folder / name).unlink()
    assert checkpoints(folder, epochs=5).open() is None
    assert json.loads((folder / "run.json").read_text())["hyperparameters"]["epochs"] == 5


def refused(run: Checkpoints, reason: str) -> None:
    before = run.last.read_bytes()
    with pytest.raises(InputError) as error:
        run.open()
    assert str(error.value).startswith(f"{run.last}: {reason}")
    assert "\n" not in str(error.value)
    assert run.last.read_bytes() == before
