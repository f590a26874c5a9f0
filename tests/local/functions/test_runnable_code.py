"""Which functions the local stage can run, and what it says of the others."""

import sys
from pathlib import Path
from typing import Any

import pytest

from local.account.inputs import UnsupportedError
from local.functions.runnable_code import function_code
from program.stage_file import ROOT

IMAGE = "123456789012.dkr.ecr.us-east-2.amazonaws.com/room-detection-yolov8-inference-local:local"
IMAGE_CONFIG = {"entryPoints": ["python", "-m", "awslambdaric"], "commands": ["images.inference.lambda_entry.handle"]}


def image_function(**changes: Any) -> dict[str, Any]:
    return {"packageType": "Image", "imageUri": IMAGE, "imageConfig": IMAGE_CONFIG, **changes}


def test_an_image_runs_the_functions_command_on_the_code_of_the_repository(tmp_path: Path) -> None:
    code = function_code("detector", image_function(), under=tmp_path, runtime_directory=tmp_path).prepare()
    assert code.command == [sys.executable, "-m", "awslambdaric", "images.inference.lambda_entry.handle"]
    assert code.directory == ROOT


@pytest.mark.parametrize(
    ("inputs", "reason"),
    [
        (
            image_function(imageUri="somebodys-image:latest"),
            r"function f: image somebodys-image:latest cannot run here",
        ),
        (image_function(imageConfig=None), r"function f: imageConfig with entryPoints \[\] and commands \[\] cannot"),
        (image_function(imageConfig={"entryPoints": ["/bin/sh"], "commands": ["-c"]}), "entryPoints \\['/bin/sh'\\]"),
        ({"runtime": "nodejs22.x"}, "function f: runtime nodejs22.x cannot run here: python3.11 can"),
    ],
)
def test_a_function_that_cannot_run_here_is_named_with_the_reason(
    inputs: dict[str, Any], reason: str, tmp_path: Path
) -> None:
    with pytest.raises(UnsupportedError, match=reason):
        function_code("f", inputs, under=tmp_path, runtime_directory=tmp_path)
