"""A folder for a run on this machine is laid out as SageMaker lays one out."""

import json
from pathlib import Path

import pytest

from images.training.contract import RunFolder
from images.training.errors import InputError
from images.training.local_folder import lay_out


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A YOLO folder with two splits."""
    for split in ("train", "dev"):
        (tmp_path / "plans" / "images" / split).mkdir(parents=True)
    return tmp_path / "plans"


def test_the_splits_of_a_yolo_folder_become_the_channels(data: Path, tmp_path: Path):
    lay_out(tmp_path / "run", data, None, ["epochs=3"])
    folder = RunFolder(base=tmp_path / "run")
    assert folder.channel("training") == data / "images" / "train"
    assert folder.channel("validation") == data / "images" / "dev"
    assert json.loads(folder.hyperparameters.read_text()) == {"epochs": "3"}


def test_folders_named_like_the_channels_are_used_as_they_are(tmp_path: Path):
    for name in ("training", "validation"):
        (tmp_path / "plans" / name).mkdir(parents=True)
    lay_out(tmp_path / "run", tmp_path / "plans", None, [])
    assert RunFolder(base=tmp_path / "run").channel("training") == tmp_path / "plans" / "training"


def test_weights_to_start_from_become_a_channel(data: Path, tmp_path: Path):
    weights = tmp_path / "start.pt"
    weights.touch()
    lay_out(tmp_path / "run", data, weights, [])
    (found,) = RunFolder(base=tmp_path / "run").channel("pretrained").glob("*.pt")
    assert found.resolve() == weights


def test_the_same_command_finds_its_folder_again(data: Path, tmp_path: Path):
    for _ in range(2):
        lay_out(tmp_path / "run", data, None, ["epochs=3"])


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        (["epochs=5"], "a run with epochs=3: give another"),
        (["epochs=3", "seed=1"], "a run with seed=its default"),
    ],
)
def test_a_folder_of_another_run_is_refused(data: Path, tmp_path: Path, settings: list[str], line: str):
    lay_out(tmp_path / "run", data, None, ["epochs=3"])
    with pytest.raises(InputError, match=line):
        lay_out(tmp_path / "run", data, None, settings)


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        (["epochs"], "'epochs' is not a hyperparameter: give name=value"),
        (["epochs=0"], 'epochs: "0" is not allowed'),
        (["epochs=1", "epochs=2"], "epochs is given twice: 1 and 2"),
    ],
)
def test_a_wrong_hyperparameter_is_refused_before_anything_is_written(
    data: Path, tmp_path: Path, settings: list[str], line: str
):
    with pytest.raises(InputError, match=line):
        lay_out(tmp_path / "run", data, None, settings)
    assert not (tmp_path / "run").exists()


def test_a_folder_without_splits_is_refused(tmp_path: Path):
    (tmp_path / "plans" / "images" / "train").mkdir(parents=True)
    with pytest.raises(InputError, match=r"nor images/\{val,valid,validation,dev\}"):
        lay_out(tmp_path / "run", tmp_path / "plans", None, [])


def test_a_path_that_is_not_a_folder_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match="is not a folder"):
        lay_out(tmp_path / "run", tmp_path / "plans", None, [])
