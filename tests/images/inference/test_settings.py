import os
import subprocess
import sys
from pathlib import Path

import pytest

from images.inference.__main__ import main
from images.inference.settings import (
    DEFAULT_CONFIDENCE_THRESHOLD,
    DEFAULT_IOU_THRESHOLD,
    Settings,
    SettingsError,
    read_settings,
)
from tests.images.inference.server_process import ROOT


def test_without_variables_the_contracts_defaults_hold() -> None:
    assert read_settings({}) == Settings(
        address="0.0.0.0",
        port=8080,
        model_path=Path("/opt/ml/model/best.onnx"),
        confidence_threshold=0.25,
        iou_threshold=0.45,
        precision=None,
        views=1,
    )


def test_the_pages_that_repeat_a_default_have_the_same() -> None:
    confidence, iou = DEFAULT_CONFIDENCE_THRESHOLD, DEFAULT_IOU_THRESHOLD
    for page, text in {
        "README.md": f"| `endpoint.confidenceThreshold` | {confidence} |",
        "docs/benchmark.md": f"thresholds {confidence} and {iou} by default |",
        "docs/evaluation.md": f"| {iou} (served) |",
        "models/README.md": f"recall at {confidence} |",
    }.items():
        assert text in (ROOT / page).read_text(), page


def test_every_setting_is_read_from_its_variable() -> None:
    environment = {
        "BIND_ADDRESS": "127.0.0.1",
        "SAGEMAKER_BIND_TO_PORT": "9000",
        "MODEL_PATH": "/weights/rooms.onnx",
        "CONFIDENCE_THRESHOLD": "0.5",
        "IOU_THRESHOLD": "1",
        "PRECISION": "int8",
        "VIEWS": "4",
    }
    assert read_settings(environment) == Settings(
        address="127.0.0.1",
        port=9000,
        model_path=Path("/weights/rooms.onnx"),
        confidence_threshold=0.5,
        iou_threshold=1.0,
        precision="int8",
        views=4,
    )


@pytest.mark.parametrize(
    ("variable", "value", "allowed"),
    [
        ("BIND_ADDRESS", "localhost", "an IP address of this machine"),
        ("SAGEMAKER_BIND_TO_PORT", "http", "an integer from 0 to 65535 (0 takes any free port)"),
        ("SAGEMAKER_BIND_TO_PORT", "65536", "an integer from 0 to 65535 (0 takes any free port)"),
        ("SAGEMAKER_BIND_TO_PORT", "", "an integer from 0 to 65535 (0 takes any free port)"),
        ("MODEL_PATH", "", "the path of an ONNX file"),
        ("CONFIDENCE_THRESHOLD", "high", "a number from 0 to 1"),
        ("CONFIDENCE_THRESHOLD", "1.01", "a number from 0 to 1"),
        ("CONFIDENCE_THRESHOLD", "nan", "a number from 0 to 1"),
        ("IOU_THRESHOLD", "-0.1", "a number from 0 to 1"),
        ("IOU_THRESHOLD", "45 %", "a number from 0 to 1"),
        ("PRECISION", "float16", "auto, float32, int8"),
        ("PRECISION", "", "auto, float32, int8"),
        ("VIEWS", "3", "1, 2, 4"),
        ("VIEWS", "", "1, 2, 4"),
    ],
)
def test_a_wrong_setting_is_named_with_its_value_and_what_is_allowed(variable: str, value: str, allowed: str) -> None:
    with pytest.raises(SettingsError) as raised:
        read_settings({variable: value})
    assert str(raised.value) == f"{variable}: {value!r} is not allowed: must be {allowed}"


@pytest.mark.whole
def test_a_wrong_setting_ends_the_process_with_one_line_and_exit_code_2() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "images.inference", "serve"],
        cwd=ROOT,
        env={**os.environ, "IOU_THRESHOLD": "2"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == "IOU_THRESHOLD: '2' is not allowed: must be a number from 0 to 1\n"


@pytest.mark.parametrize("arguments", [(), ("train",), ("serve", "now"), ("--port", "80")])
def test_arguments_other_than_serve_are_a_usage_error(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    errors = capsys.readouterr().err
    assert ended.value.code == 2
    assert errors.startswith("usage: python -m images.inference")
    assert "serve" in errors


def test_help_lists_every_variable(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    printed = capsys.readouterr().out
    assert not ended.value.code
    for variable in (
        "BIND_ADDRESS",
        "SAGEMAKER_BIND_TO_PORT",
        "MODEL_PATH",
        "CONFIDENCE_THRESHOLD",
        "IOU_THRESHOLD",
        "PRECISION",
        "VIEWS",
    ):
        assert f"\n  {variable}  " in printed
