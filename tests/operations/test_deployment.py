"""The order of a deployment.

Pulumi's CLI and Docker are not to be had in a test: small scripts stand in for them, keep what they were asked and
answer what those answer on a first and on a later deployment. ECR is moto's.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from operations import deployment, images, stacks
from operations.external import OperationError

pytestmark = pytest.mark.whole

REGISTRY = "123456789012.dkr.ecr.us-east-2.amazonaws.com"
REPOSITORY = "room-detection-yolov8-inference-dev"
TRAINING_REPOSITORY = "room-detection-yolov8-dev"
ENDPOINT = "room-detection-yolov8-endpoint-dev"
DIGEST = "sha256:" + "a" * 64
OUTPUTS = {
    "apiUrl": "https://api",
    "inferenceRepositoryUrl": f"{REGISTRY}/{REPOSITORY}",
    "inferenceImageDigest": DIGEST,
    "trainingRepositoryUrl": f"{REGISTRY}/{TRAINING_REPOSITORY}",
    "trainingImageDigest": DIGEST,
    "endpointName": ENDPOINT,
    "endpointConfigName": "deployed-config",
}
ROOT = Path(__file__).resolve().parents[2]

PROGRAM = f"""#!{sys.executable}
import json, os, pathlib, sys
folder, name, arguments = pathlib.Path(os.environ["FOLDER"]), pathlib.Path(sys.argv[0]).name, sys.argv[1:]
with open(folder / "asked", "a") as log:
    print(name, *arguments, file=log)
deployed = folder / "deployed"
if arguments[:1] == ["up"]:
    deployed.touch()
if arguments[:2] == ["stack", "output"]:
    print(os.environ["OUTPUTS"] if deployed.exists() else "{{}}")
if "--metadata-file" in arguments:
    path = pathlib.Path(arguments[arguments.index("--metadata-file") + 1])
    path.write_text(json.dumps({{"containerimage.digest": "{DIGEST}"}}))
"""


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The commands that Pulumi's CLI and Docker were called with, one a line, without options."""
    for name in ("pulumi", "docker"):
        program = tmp_path / name
        program.write_text(PROGRAM)
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("FOLDER", str(tmp_path))
    monkeypatch.setenv("OUTPUTS", json.dumps(OUTPUTS))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        account = boto3.client("apigateway", region_name="us-east-2")
        role = {"op": "replace", "path": "/cloudwatchRoleArn", "value": "arn:aws:iam::123456789012:role/logs"}
        account.update_account(patchOperations=[role])
        for repository in (REPOSITORY, TRAINING_REPOSITORY):
            boto3.client("ecr", region_name="us-east-2").create_repository(repositoryName=repository)
        serve("deployed-config")
        yield lambda: (tmp_path / "asked").read_text().splitlines()


def serve(config: str) -> None:
    """Gives the account an endpoint with this configuration."""
    sagemaker = boto3.client("sagemaker", region_name="us-east-2")
    image = f"{REGISTRY}/{REPOSITORY}@{DIGEST}"
    role = "arn:aws:iam::123456789012:role/sagemaker"
    sagemaker.create_model(ModelName="model", ExecutionRoleArn=role, PrimaryContainer={"Image": image})
    variant = {"VariantName": "AllTraffic", "ModelName": "model", "InstanceType": "ml.c5.xlarge"}
    sagemaker.create_endpoint_config(
        EndpointConfigName=config, ProductionVariants=[{**variant, "InitialInstanceCount": 1}]
    )
    sagemaker.create_endpoint(EndpointName=ENDPOINT, EndpointConfigName=config)


def steps(commands: list[str]) -> list[str]:
    kept = {"pulumi up": "up", "docker buildx": "build", "pulumi config": "digest"}
    return [step for command in commands for start, step in kept.items() if command.startswith(start)]


def test_the_first_deployment_is_up_images_up(asked: Callable[[], list[str]], capfd: pytest.CaptureFixture[str]):
    deployment.deploy("dev")
    assert steps(asked()) == ["up", "build", "digest", "build", "digest", "up"]
    assert "API: https://api" in capfd.readouterr().out


def test_a_later_deployment_never_runs_the_program_without_its_image(asked: Callable[[], list[str]]):
    deployment.deploy("dev")
    before = len(asked())
    deployment.deploy("dev")
    assert steps(asked()[before:]) == ["build", "digest", "build", "digest", "up"]


@pytest.mark.parametrize("setting", ["inferenceImageDigest", "trainingImageDigest"])
def test_the_digest_is_recorded_in_the_stages_settings(asked: Callable[[], list[str]], setting: str):
    deployment.deploy("dev")
    assert f"pulumi config set --stack dev --path room-detection:settings.{setting} {DIGEST}" in asked()


def test_an_image_that_is_pushed_already_is_not_built_again(asked: Callable[[], list[str]]):
    media_type = "application/vnd.docker.distribution.manifest.v2+json"
    manifest = json.dumps({"schemaVersion": 2, "mediaType": media_type, "config": {"digest": DIGEST}, "layers": []})
    pushed = boto3.client("ecr", region_name="us-east-2").put_image(
        repositoryName=REPOSITORY, imageManifest=manifest, imageTag=images.content_tag(images.IMAGES[0])
    )
    deployment.deploy("dev")
    assert steps(asked()) == ["up", "digest", "build", "digest", "up"]
    assert any(pushed["image"]["imageId"]["imageDigest"] in command for command in asked())


def test_a_preview_is_pinned_to_the_digest_that_is_deployed(asked: Callable[[], list[str]]):
    deployment.deploy("dev")
    before = len(asked())
    deployment.pin_images("dev")
    assert steps(asked()[before:]) == ["digest", "digest"]


def test_an_account_where_api_gateway_may_not_log_is_found_out_before_anything_is_changed(
    asked: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")
    monkeypatch.setattr(stacks, "config", lambda _: {"aws:region": "us-west-2", stacks.SETTINGS: {}})
    with pytest.raises(OperationError, match=r"set api.accountLoggingRole to true in Pulumi.dev.yaml"):
        deployment.deploy("dev")


def test_an_endpoint_that_sagemaker_has_rolled_back_fails_the_deployment(
    asked: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("OUTPUTS", json.dumps({**OUTPUTS, "endpointConfigName": "newer-config"}))
    with pytest.raises(OperationError, match=rf"rolled {ENDPOINT} back to deployed-config: .*pulumi refresh"):
        deployment.deploy("dev")
    assert steps(asked())[-1] == "up"


def test_a_retrained_model_that_is_not_in_the_settings_fails_the_deployment(
    asked: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
):
    boto3.client("sagemaker", region_name="us-east-2").delete_endpoint(EndpointName=ENDPOINT)
    serve("room-detection-dev-retrained-20260728-101500")
    with pytest.raises(OperationError, match=r"which was retrained and is not in Pulumi.dev.yaml: set endpoint.modelV"):
        deployment.deploy("dev")


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("config: [", "Pulumi.broken.yaml is not YAML for a stage: while parsing"),
        ("config: 5", "Pulumi.broken.yaml has no object under 'config': give it one"),
        ("config: {aws:region: us-east-2}", "room-detection:settings: null is not allowed: must be an object"),
        ("config: {room-detection:settings: {}}", "aws:region is missing: set it in Pulumi.broken.yaml"),
        (
            "config: {aws:region: us-east-2, room-detection:settings: {protct: true}}",
            "room-detection:settings.protct is not a setting: did you mean protect?",
        ),
    ],
)
def test_a_wrong_stage_file_is_found_out_before_anything_is_changed(
    asked: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, file: str, line: str
):
    (tmp_path / "Pulumi.broken.yaml").write_text(file)
    monkeypatch.setattr(stacks, "ROOT", tmp_path)
    with pytest.raises(OperationError) as error:
        deployment.deploy("broken")
    assert str(error.value).startswith(line)
    assert "\n" not in str(error.value)
    assert not (tmp_path / "asked").exists()


def test_images_of_a_stage_without_repositories_are_refused(asked: Callable[[], list[str]]):
    with pytest.raises(OperationError, match="run make deploy STAGE=dev first"):
        deployment.publish_images("dev")


def test_a_stage_whose_detector_is_a_function_is_deployed_without_an_endpoint_to_look_at(
    asked: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    outputs = {name: value for name, value in OUTPUTS.items() if not name.startswith("endpoint")}
    monkeypatch.setenv("OUTPUTS", json.dumps({**outputs, "detectorFunctionName": "room-detection-ai-detector-dev"}))
    boto3.client("sagemaker", region_name="us-east-2").delete_endpoint(EndpointName=ENDPOINT)
    deployment.deploy("dev")
    assert steps(asked())[-1] == "up"
    assert "API: https://api" in capfd.readouterr().out


def test_the_content_tag_changes_with_the_image_alone():
    image = images.IMAGES[0]
    names = {str(path.relative_to(ROOT)) for path in image.sources}
    assert {"images/inference/Dockerfile", "images/inference/requirements.txt"} <= names
    assert {name for name in names if not name.startswith(("images/", "pictures/"))} == {
        "models/LICENSE",
        "models/best.onnx",
        "models/best.int8.xml",
        "models/best.int8.bin",
    }
    assert images.content_tag(image) == images.content_tag(image)


@pytest.mark.parametrize("command", ["deploy", "images", "destroy", "pin"])
def test_a_missing_program_ends_a_command_with_one_line(command: str, tmp_path: Path):
    ended = subprocess.run(
        [sys.executable, "-m", "operations", command, "--stage", "dev"],
        cwd=ROOT,
        env={"PATH": str(tmp_path), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stderr == "error: pulumi is not on PATH: install it from https://www.pulumi.com/docs/install/\n"
