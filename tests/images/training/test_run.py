"""A run ends with weights and report, or with one line and nothing overwritten."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from blueprints.scoring.detection_metrics import measure
from images.inference import network
from images.training import report
from images.training.contract import METRIC_LINES, WEIGHTS
from images.training.scoring import score_folder
from tests.images.training.floor_plans import write_channels
from tests.images.training.training_process import ROOT, Finished, TrainingProcess, results

Start = Callable[..., TrainingProcess]


def test_every_result_is_there_and_nothing_else(finished: Finished):
    weights = {f"model/{name}" for name in WEIGHTS}
    assert results(finished.base) == weights | {f"output/data/{name}" for name in report.file_names()}
    assert not (finished.base / "output" / "failure").exists()
    assert not (finished.base / "output" / "work").exists()


@pytest.mark.parametrize("name", [name for name in report.file_names() if name.endswith(".png")])
def test_a_picture_shows_something(finished: Finished, name: str):
    with Image.open(finished.base / "output" / "data" / name) as picture:
        assert len(picture.convert("L").getcolors(256) or ()) > 1


def test_the_log_has_a_line_of_every_metric_for_each_epoch(finished: Finished):
    lines = [line for line in finished.output.splitlines() if line.startswith("epoch=")]
    assert [line.split()[0] for line in lines] == ["epoch=1", "epoch=2"]
    for line in lines:
        assert re.findall(r"(\S+)=[0-9][0-9.e+-]*(?:\s|$)", line)[1:] == list(METRIC_LINES)


def test_the_results_are_named_last(finished: Finished):
    assert finished.output.splitlines()[-2:] == [
        f"weights: {finished.base / 'model'}: {', '.join(WEIGHTS)}",
        f"report:  {finished.base / 'output' / 'data'}",
    ]


def test_results_csv_has_a_row_per_epoch(finished: Finished):
    header, *rows = (finished.base / "output" / "data" / "results.csv").read_text().splitlines()
    assert header.startswith("epoch,time,train/box_loss")
    assert [row.split(",")[0] for row in rows] == ["1", "2"]


def test_the_figures_are_those_of_the_onnx_through_the_serving_code(finished: Finished, plans: Path):
    figures = json.loads((finished.base / "output" / "data" / "metrics.json").read_text())
    scored = score_folder(
        finished.base / "model" / "best.onnx", plans / "validation", threads=1, iou_threshold=figures["iou_threshold"]
    )
    expected = measure(scored, confidence_threshold=0.25)
    assert figures["plans"] == 2
    assert figures["map50_95"] == pytest.approx(expected.map50_95, abs=1e-6)
    assert figures["map50_95_by_precision"]["float32"] == figures["map50_95"]
    assert figures["map50_95_by_precision"]["int8"] >= 0
    assert figures["training"]["epochs"] == 2
    assert figures["training"]["agreement_with_pytorch"]["box_px"] < 1


def test_the_server_takes_the_weights(finished: Finished):
    path = finished.base / "model" / "best.onnx"
    network.warm_up(network.load_network(path, threads=1), path)


def test_no_result_contains_details_of_the_machine(finished: Finished):
    for name in WEIGHTS:
        content = (finished.base / "model" / name).read_bytes()
        for private in (str(finished.base), str(ROOT)):
            assert private.encode() not in content, f"{name} holds {private}"


def test_results_of_a_finished_run_are_not_touched(finished: Finished, plans: Path):
    before = {path: path.stat().st_mtime_ns for path in (finished.base / "model").iterdir()}
    again = TrainingProcess(finished.base, plans)
    assert again.exit_code() == 2
    assert again.errors == (
        f"error: {finished.base}: has the results of a finished run: give this run its own folder\n"
    )
    assert {path: path.stat().st_mtime_ns for path in (finished.base / "model").iterdir()} == before
    assert not (finished.base / "output" / "failure").exists()


def test_files_that_are_not_from_a_run_are_not_overwritten(start_training: Start, tmp_path: Path):
    kept = tmp_path / "run" / "model" / "best.pt"
    kept.parent.mkdir(parents=True)
    kept.write_text("mine")
    training = start_training()
    assert training.exit_code() == 2
    assert training.errors == f"error: {kept.parent}: has files that are not from a run: give the run its own folder\n"
    assert kept.read_text() == "mine"


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ({"epochs": 0}, 'epochs: "0" is not allowed: must be an integer from 1 to 10000'),
        ({"epoch": 3}, "epoch is not a hyperparameter: did you mean epochs?"),
    ],
)
def test_a_wrong_hyperparameter_fails_the_job_with_its_reason(
    start_training: Start, values: dict[str, object], line: str
):
    training = start_training(**values)
    assert training.exit_code() == 2
    assert training.errors == f"error: {line}\n"
    assert training.failure == line


def test_broken_plans_fail_the_job_with_their_reason(start_training: Start, tmp_path: Path):
    data = write_channels(tmp_path / "broken", training=2, validation=1)
    (data / "training" / "images" / "training_0.png").write_bytes(b"no image")
    training = start_training(data)
    assert training.exit_code() == 2
    assert training.last_error == f"error: {training.failure}"
    assert "training_0.png: is not an image" in training.failure
    assert "Traceback" not in training.errors


def test_invalid_weights_fail_the_job_with_their_reason(start_training: Start, tmp_path: Path):
    weights = tmp_path / "weights.pt"
    weights.write_bytes(b"no weights")
    training = start_training(epochs=1, pretrained=weights)
    assert training.exit_code() == 2
    assert training.last_error == f"error: {training.failure}"
    assert "start.pt: cannot be loaded safely as weights: give an Ultralytics checkpoint" in training.failure
    assert "Traceback" not in training.errors


def test_a_full_disk_fails_the_job_with_its_reason(start_training: Start):
    training = start_training(epochs=1, largest_file_bytes=1_000_000)
    assert training.exit_code() == 1
    assert training.last_error == f"error: {training.failure}"
    assert training.failure.endswith("File too large: free disk space or add some")
    assert "Traceback" not in training.errors
    assert not results(training.base)
