"""`make evaluate` measures the shipped weights on labelled plans, and says in one line why it cannot."""

import io
import json
import shutil
import sys
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from blueprints import sample
from operations.__main__ import main
from tests.images.inference.server_process import WEIGHTS
from tests.images.training.labelled_plans import add_plan

pytestmark = pytest.mark.whole


@dataclass(frozen=True)
class Evaluated:
    """An evaluation with the default options: what it printed, and its folder."""

    printed: str
    folder: Path

    @property
    def report(self) -> dict[str, Any]:
        return json.loads((self.folder / "metrics.json").read_text())


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three labelled plans of two styles: the shipped sample, a house of three rooms, an empty sheet."""
    folder = tmp_path_factory.mktemp("data")
    add_plan(folder, "drawn_1", image=sample.draw(), rooms=[box for _, box in sample.rooms()])
    add_plan(folder, "drawn_2")
    add_plan(folder, "sheet_1", image=Image.new("RGB", (640, 480), "white"), rooms=())
    return folder


@pytest.fixture(scope="module")
def evaluated(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Evaluated:
    out = tmp_path_factory.mktemp("out")
    with redirect_stdout(io.StringIO()) as printed, pytest.MonkeyPatch.context() as monkeypatch:
        assert evaluate(monkeypatch, data, out) == 0
    return Evaluated(printed.getvalue(), out / "evaluation")


def evaluate(monkeypatch: pytest.MonkeyPatch, data: Path, out: Path, *options: str) -> int:
    monkeypatch.setattr(sys, "argv", ["operations", "evaluate", "--out", str(out), *options, "--", str(data)])
    return main()


def fails(capsys: pytest.CaptureFixture[str], out: Path) -> str:
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.count("\n") == 1, output.err
    assert not out.exists()
    return output.err


def test_the_figures_are_printed_and_kept_with_their_curves(evaluated: Evaluated):
    for text in ("mAP50-95", "drawn", "sheet", "all", "under 1%", "over 5%", "Highest F1", "calibration error"):
        assert text in evaluated.printed
    report = evaluated.report
    rooms = len(sample.ROOMS) + 3
    assert (report["plans"], report["rooms"], report["styles"]["drawn"]["rooms"]) == (3, rooms, rooms)
    assert report["map50"] > 0.8
    assert report["recall"] > 0.8
    assert (report["confidence_threshold"], report["iou_threshold"]) == (0.25, 0.45)
    assert sum(size["rooms"] for size in report["recall_by_size"]) == rooms
    assert {"metrics.json", "pr_curve.png", "threshold_curve.png", "reliability.png"} <= {
        path.name for path in evaluated.folder.iterdir()
    }


def test_more_views_of_each_plan_are_another_measurement(
    evaluated: Evaluated,
    data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    assert evaluate(monkeypatch, data, tmp_path, "--views", "4") == 0
    one, four = evaluated.report, json.loads((tmp_path / "evaluation" / "metrics.json").read_text())
    assert (one["views"], four["views"]) == (1, 4)
    assert four["recall"] > 0.8
    assert one["reliability"] != four["reliability"]
    assert "4 views" in capsys.readouterr().out


def test_json_on_stdout_is_the_content_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    add_plan(tmp_path / "house", "house_1")
    assert evaluate(monkeypatch, tmp_path / "house", tmp_path, "--format", "json") == 0
    assert json.loads(capfd.readouterr().out) == json.loads((tmp_path / "evaluation" / "metrics.json").read_text())


def test_plans_with_mistakes_are_shown_and_those_of_an_earlier_evaluation_are_removed(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder = tmp_path / "evaluation"
    # At this confidence hardly a room is served: the plans that have rooms are the worst.
    assert evaluate(monkeypatch, data, tmp_path, "--confidence", "0.99") == 0
    assert sorted(path.name.split("_", 2)[2] for path in folder.glob("worst_*.png")) == ["drawn_1.png", "drawn_2.png"]
    add_plan(tmp_path / "other", "house_1")
    assert evaluate(monkeypatch, tmp_path / "other", tmp_path, "--confidence", "0.25") == 0
    assert list(folder.glob("worst_*.png")) == []


def test_a_folder_that_cannot_be_used_is_one_line_and_leaves_no_result(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    out = tmp_path / "out"
    plans = tmp_path / "plans"
    assert evaluate(monkeypatch, plans, out) == 2
    assert f"{plans}: is not a folder" in fails(capsys, out)
    image = add_plan(plans, "house")
    labels = plans / "labels" / "house.txt"
    labels.write_text("0 0.5 0.5 1.5 0.5\n")
    assert evaluate(monkeypatch, plans, out) == 2
    assert f"{labels}:1: 1.5: must be a number from 0 to 1" in fails(capsys, out)
    labels.unlink()
    assert evaluate(monkeypatch, plans, out) == 2
    assert f"{labels}: is missing" in fails(capsys, out)
    image.unlink()
    assert evaluate(monkeypatch, plans, out) == 2
    assert f"{plans}: no images" in fails(capsys, out)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--model", "no.onnx"], "cannot load the model no.onnx: no such file"),
        (["--model", str(WEIGHTS.with_suffix(".pt"))], "best.pt: not a valid model file"),
        (["--confidence", "2"], "--confidence 2: must be a number from 0 to 1"),
        (["--iou", "nan"], "--iou nan: must be a number from 0 to 1"),
    ],
)
def test_wrong_weights_and_thresholds_are_one_line(
    data: Path,
    options: list[str],
    problem: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    assert evaluate(monkeypatch, data, tmp_path / "out", *options) == 2
    assert problem in fails(capsys, tmp_path / "out")


def test_an_evaluation_that_fails_keeps_the_one_before(
    evaluated: Evaluated, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder = shutil.copytree(evaluated.folder, tmp_path / "evaluation")
    before = {path: path.read_bytes() for path in folder.iterdir()}
    assert evaluate(monkeypatch, data, tmp_path, "--model", "no.onnx") == 2
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
