"""`make preview`: the graph of every stage, without credentials or network."""

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from program.__main__ import main
from program.preview import preview
from program.stage_file import ROOT, stages

pytestmark = pytest.mark.whole

# Arguments -> exit status, stdout and stderr.
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def prod() -> list[dict[str, Any]]:
    """What the command itself prints, without any variable of AWS's or Pulumi's."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "PULUMI_"))}
    ended = subprocess.run(
        [sys.executable, "-m", "program", "--stage", "prod", "--format", "json"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The same in this process, which has imported what the command needs."""
    for key in [key for key in os.environ if key.startswith(("AWS_", "PULUMI_"))]:
        monkeypatch.delenv(key)

    def run_here(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["program", *arguments])
        status = main()
        printed, errors = capsys.readouterr()
        return status, printed, errors

    return run_here


def only(resources: list[dict[str, Any]], resource_type: str) -> dict[str, Any]:
    [found] = [resource for resource in resources if resource["type"] == resource_type]
    return found


def test_json_is_one_array_with_the_same_keys_for_every_resource(prod: list[dict[str, Any]]):
    keys = {"type", "name", "urn", "parent", "inputs", "protect", "dependencies"}
    assert all(resource.keys() == keys for resource in prod)


def test_components_are_listed_with_their_children(prod: list[dict[str, Any]]):
    storage = only(prod, "room-detection:storage:BlueprintBucket")
    assert only(prod, "aws:s3/bucket:Bucket")["parent"] == storage["urn"]


def test_a_stage_without_an_image_is_shown_completely(prod: list[dict[str, Any]]):
    assert only(prod, "aws:sagemaker/endpoint:Endpoint")["inputs"]["name"] == "room-detection-yolov8-endpoint-prod"


@pytest.mark.parametrize(
    ("inference", "shown", "missing"),
    [
        ("serverless", "room-detection-yolov8-dev-serverless-endpoint", "room-detection-yolov8-dev-target"),
        ("lambda", "detector-function", "room-detection-yolov8-dev-endpoint"),
    ],
)
def test_a_stage_can_be_shown_with_another_inference_than_its_own(run: Run, inference: str, shown: str, missing: str):
    status, printed, errors = run("--stage", "dev", "--inference", inference, "--format", "json")
    assert status == 0, errors
    names = {resource["name"] for resource in json.loads(printed)}
    assert shown in names
    assert missing not in names


def test_a_stage_with_another_runtime_has_an_archive_for_it():
    registered = preview("dev", {"function": {"runtime": "python3.12"}})
    function = next(one for one in registered if one.type == "aws:lambda/function:Function")
    assert function.inputs["runtime"] == "python3.12"
    with zipfile.ZipFile(function.inputs["code"].path) as archive:
        assert any(".cpython-312-" in name for name in archive.namelist())


def test_an_inference_that_does_not_exist_ends_with_one_line_and_status_2(run: Run):
    status, printed, errors = run("--stage", "dev", "--inference", "edge")
    assert (status, printed) == (2, "")
    assert errors.splitlines() == [
        'error: room-detection:settings.inference: "edge" is not allowed: '
        'must be one of "endpoint", "serverless", "lambda"'
    ]


def test_what_only_aws_knows_is_marked_as_unknown(prod: list[dict[str, Any]]):
    config = only(prod, "aws:sagemaker/endpointConfiguration:EndpointConfiguration")
    assert config["inputs"]["productionVariants"][0]["modelName"] == {"$unknown": True}


def test_an_asset_is_shown_as_its_path_and_hash(prod: list[dict[str, Any]]):
    code = only(prod, "aws:lambda/function:Function")["inputs"]["code"]
    assert code["path"].startswith("build/archives/function-")
    assert len(code["sha256"]) == 64
    assert Path(ROOT, code["path"]).is_file()


def test_numbers_are_whole_where_they_are(prod: list[dict[str, Any]]):
    assert isinstance(only(prod, "aws:lambda/function:Function")["inputs"]["memorySize"], int)


def test_resources_with_data_are_protected_in_prod(prod: list[dict[str, Any]]):
    protected = {resource["type"] for resource in prod if resource["protect"]}
    assert protected >= {"aws:s3/bucket:Bucket", "aws:dynamodb/table:Table"}


@pytest.mark.parametrize("stage", stages())
def test_the_tree_ends_with_its_counts(run: Run, stage: str):
    status, printed, errors = run("--stage", stage)
    assert status == 0, errors
    assert printed.startswith(f"{stage}\n")
    assert "in all:" in printed.splitlines()[-1]
    # Of an image that is built outside, as stage local's is, there is nothing to wait for.
    assert ("has no inferenceImageDigest yet: shown with a placeholder" in errors) is (stage != "local")


def test_an_unknown_stage_ends_with_one_line_and_status_2(run: Run):
    status, printed, errors = run("--stage", "nope")
    assert (status, printed) == (2, "")
    assert errors.splitlines() == [
        f"error: stage 'nope' has no file Pulumi.nope.yaml: the stages are {', '.join(stages())}"
    ]
