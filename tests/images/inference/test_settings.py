import os
import subprocess
import sys
from pathlib import Path

import pytest

from images.inference.settings import Settings, SettingsError, read_settings
from tests.images.inference.server_process import ROOT

pytestmark = pytest.mark.whole


def run_entry_point(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "images.inference", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


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


def test_a_wrong_setting_ends_the_process_with_one_line_and_exit_code_2() -> None:
    ended = run_entry_point("serve", IOU_THRESHOLD="2")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == "IOU_THRESHOLD: '2' is not allowed: must be a number from 0 to 1\n"


@pytest.mark.parametrize("arguments", [(), ("train",), ("serve", "now"), ("--port", "80")])
def test_other_arguments_than_serve_are_a_usage_error(arguments: tuple[str, ...]) -> None:
    ended = run_entry_point(*arguments)
    assert ended.returncode == 2
    assert ended.stderr.startswith("usage: python -m images.inference")
    assert "serve" in ended.stderr


def test_help_lists_every_variable() -> None:
    ended = run_entry_point("--help")
    assert ended.returncode == 0
    for variable in (
        "BIND_ADDRESS",
        "SAGEMAKER_BIND_TO_PORT",
        "MODEL_PATH",
        "CONFIDENCE_THRESHOLD",
        "IOU_THRESHOLD",
        "PRECISION",
        "VIEWS",
    ):
        assert f"\n  {variable}  " in ended.stdout
