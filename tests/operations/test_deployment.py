"""The order of a deployment.

Pulumi's CLI and Docker are not to be had in a test: small scripts stand in for them, keep what they were asked and
answer what those answer on a first and on a later deployment. ECR is moto's.
"""

import io
import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.sagemaker.models import sagemaker_backends

from components.settings.stage import parse_settings
from operations import deployment, images, quotas, stacks
from operations.__main__ import main
from operations.external import OperationError
from tests.moto_clients import client

pytestmark = pytest.mark.whole

REGISTRY = "123456789012.dkr.ecr.us-east-2.amazonaws.com"
REPOSITORY = "room-detection-yolov8-inference-dev"
TRAINING_REPOSITORY = "room-detection-yolov8-dev"
ENDPOINT = "room-detection-yolov8-endpoint-dev"
BUCKET = "room-detection-ai-blueprints-dev-123456789012"
DIGEST = "sha256:" + "a" * 64
OUTPUTS = {
    "apiUrl": "https://api",
    "bucketName": BUCKET,
    "inferenceRepositoryUrl": f"{REGISTRY}/{REPOSITORY}",
    "inferenceImageDigest": DIGEST,
    "trainingRepositoryUrl": f"{REGISTRY}/{TRAINING_REPOSITORY}",
    "trainingImageDigest": DIGEST,
    "endpointName": ENDPOINT,
    "endpointConfigName": "deployed-config",
}
DEPLOYED = {"type": "aws:sagemaker/endpoint:Endpoint", "id": ENDPOINT, "inputs": {"name": ENDPOINT}}
ROOT = Path(__file__).resolve().parents[2]


def state(**more: object) -> str:
    """What the CLI exports of a stack that has the endpoint."""
    return json.dumps({"deployment": {"resources": [DEPLOYED], **more}})


# A shell's start costs a tenth of Python's, and each deployment calls some twelve of them.
PROGRAM = f"""#!/bin/sh
echo "${{0##*/}} $*" >> "$FOLDER/asked"
case "$1 $2" in
  "up "*) : > "$FOLDER/deployed"; printf %s "$ROOM_DETECTION_LIVE_INSTANCES" > "$FOLDER/live" ;;
  "destroy "*) : > "$FOLDER/destroyed" ;;
  "stack export") if [ -e "$FOLDER/destroyed" ]; then echo "{{}}"; else printf "%s\\n" "$STATE"; fi ;;
  "preview "*) printf "%s\\n" "$STEPS"; exit "${{PREVIEW_FAILS:-0}}" ;;
  "refresh "*) if [ -n "$LOCK" ]; then printf "%s\\n" "$LOCK" >&2; exit 1; fi ;;
  "stack output") if [ -e "$FOLDER/deployed" ]; then printf "%s\\n" "$OUTPUTS"; else echo "{{}}"; fi ;;
esac
while [ $# -gt 0 ]; do
  if [ "$1" = --metadata-file ]; then echo '{{"containerimage.digest": "{DIGEST}"}}' > "$2"; fi
  shift
done
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
    monkeypatch.setenv("STATE", state())
    monkeypatch.setenv("STEPS", "{}")
    # moto has no quotas of SageMaker.
    monkeypatch.setattr(quotas, "sagemaker_quotas", lambda _: {})
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        account = client("apigateway")
        role = {"op": "replace", "path": "/cloudwatchRoleArn", "value": "arn:aws:iam::123456789012:role/logs"}
        account.update_account(patchOperations=[role])
        for repository in (REPOSITORY, TRAINING_REPOSITORY):
            client("ecr").create_repository(repositoryName=repository)
        location: Any = {"LocationConstraint": "us-east-2"}
        client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=location)
        serve("deployed-config")
        yield lambda: (tmp_path / "asked").read_text().splitlines()


def serve(config: str) -> None:
    """Gives the account an endpoint with this configuration."""
    sagemaker = client("sagemaker")
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
    # The digests that are deployed first, for a clone whose stage file has none.
    assert steps(asked()[before:]) == ["digest", "digest", "build", "digest", "build", "digest", "up"]


def test_an_error_of_the_program_stops_a_later_deployment_before_the_first_image(
    asked: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    deployment.deploy("dev")
    before = len(asked())
    said = {"diagnostics": [{"severity": "error", "message": "no credentials"}]}
    monkeypatch.setenv("STEPS", json.dumps(said))
    monkeypatch.setenv("PREVIEW_FAILS", "1")
    with pytest.raises(OperationError, match="pulumi preview"):
        deployment.deploy("dev")
    assert "no credentials" in capfd.readouterr().err
    assert "build" not in steps(asked()[before:])


def test_a_locked_stack_stops_a_deployment_with_one_line_that_says_since_when_by_whom_and_how_to_unlock_it(
    asked: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("LOCK", "  s3://state/1.json: created by ann@laptop (pid 14915) at 2026-11-27T09:19:19Z")
    with pytest.raises(OperationError) as error:
        deployment.deploy("dev")
    assert str(error.value) == (
        "stack dev is locked since 2026-11-27T09:19:19Z by ann@laptop (pid 14915): wait for that deployment or, if it "
        "was killed, run pulumi cancel --yes --stack dev and make deploy STAGE=dev again"
    )
    assert steps(asked()) == []


def test_a_deployment_says_what_to_do_about_operations_that_a_killed_one_left(
    asked: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    busy = {"type": "aws:lambda/function:Function", "urn": "urn:pulumi:dev::x::aws:lambda/function:Function::handler"}
    monkeypatch.setenv("STATE", state(pending_operations=[{"type": "creating", "resource": busy}]))
    deployment.deploy("dev")
    said = next(line for line in capfd.readouterr().err.splitlines() if "was killed" in line)
    assert "killed while it was creating aws:lambda/function:Function handler" in said
    assert "pulumi refresh --yes --clear-pending-creates --stack dev" in said


CONFIGURATION = "urn:pulumi:dev::x::room-detection:ml:DetectorEndpoint${}::config"
REPLACED = {
    "op": "create-replacement",
    "urn": CONFIGURATION.format("aws:sagemaker/endpointConfiguration:EndpointConfiguration"),
}


@pytest.mark.parametrize(("steps_", "live"), [([], ""), ([REPLACED], "3")])
def test_a_new_fleet_starts_as_large_as_the_old_one(
    asked: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, steps_: list[object], live: str
):
    deployment.deploy("dev")
    monkeypatch.setattr(
        deployment, "_settings", lambda _: parse_settings({"inferenceImageDigest": DIGEST}, key="settings")
    )
    client("sagemaker").update_endpoint_weights_and_capacities(
        EndpointName=ENDPOINT,
        DesiredWeightsAndCapacities=[{"VariantName": "AllTraffic", "DesiredInstanceCount": 3}],
    )
    monkeypatch.setenv("STEPS", json.dumps({"steps": steps_}))
    deployment.deploy("dev")
    assert (tmp_path / "live").read_text() == live


def test_another_instance_type_leaves_autoscaling_for_the_update_and_is_registered_again(
    asked: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
):
    deployment.deploy("dev")
    settings = {"inferenceImageDigest": DIGEST, "endpoint": {"instanceType": "ml.c5.2xlarge"}}
    monkeypatch.setattr(deployment, "_settings", lambda _: parse_settings(settings, key="settings"))
    monkeypatch.setenv("STEPS", json.dumps({"steps": [REPLACED]}))
    scaling = client("application-autoscaling")
    scaling.register_scalable_target(
        ServiceNamespace="sagemaker",
        ResourceId=f"endpoint/{ENDPOINT}/variant/AllTraffic",
        ScalableDimension="sagemaker:variant:DesiredInstanceCount",
        MinCapacity=1,
        MaxCapacity=3,
    )
    deployment.deploy("dev")
    assert scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"] == []
    assert "pulumi up --yes --refresh --stack dev" in asked()


@pytest.mark.parametrize(
    ("confirm", "line"),
    [
        (None, "there is no terminal to ask at: confirm with make destroy STAGE=dev CONFIRM=dev"),
        ("prod", "CONFIRM=prod is not the stage: run make destroy STAGE=dev CONFIRM=dev"),
    ],
)
def test_a_removal_without_a_yes_that_names_the_stage_removes_nothing(
    asked: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch, confirm: str | None, line: str
):
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    deployment.deploy("dev")
    with pytest.raises(OperationError, match=re.escape(line)):
        deployment.destroy("dev", confirm)
    assert not any(command.startswith("pulumi destroy") for command in asked())


def test_a_removal_also_removes_the_models_that_updates_left(
    asked: Callable[[], list[str]], capfd: pytest.CaptureFixture[str]
):
    sagemaker = client("sagemaker")
    role = "arn:aws:iam::123456789012:role/sagemaker"
    names = [f"room-detection-yolov8-{stage}-model-0123abc" for stage in ("dev", "dev-two")]
    for name in names:
        sagemaker.create_model(ModelName=name, ExecutionRoleArn=role, PrimaryContainer={"Image": REPOSITORY})
    deployment.destroy("dev", "dev")
    assert "pulumi destroy --yes --stack dev" in asked()
    left = {model["ModelName"] for model in sagemaker.list_models()["Models"]}
    assert names[0] not in left
    assert names[1] in left
    assert f"removed, as nothing uses it: model {names[0]}" in capfd.readouterr().out


def test_an_endpoint_whose_first_creation_failed_is_removed_and_the_reason_is_shown(
    asked: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("STATE", state(resources=[]))
    sagemaker = sagemaker_backends["123456789012"]["us-east-2"]
    failed: Any = sagemaker.endpoints[next(iter(sagemaker.endpoints))]
    failed.endpoint_status, failed.failure_reason = "Failed", "The container did not answer its ping"
    with pytest.raises(ClientError, match="Could not find endpoint"):
        # moto is left without one: the fake CLI makes none.
        deployment.deploy("dev")
    assert (
        "could not be created: The container did not answer its ping; it is removed and created again"
        in capfd.readouterr().err
    )
    assert steps(asked())[-1] == "up"


def test_an_endpoint_that_the_stack_does_not_know_stops_a_deployment(
    asked: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("STATE", state(resources=[]))
    with pytest.raises(OperationError, match=rf"{ENDPOINT} is in SageMaker \(InService\) and not in stack dev"):
        deployment.deploy("dev")
    assert steps(asked()) == []


def test_a_protected_stage_is_not_removed_and_one_line_says_how_to_remove_it(
    asked: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
):
    bucket = {"type": "aws:s3/bucket:Bucket", "id": "blueprints-prod", "protect": True}
    monkeypatch.setenv("STATE", state(resources=[bucket]))
    with pytest.raises(OperationError) as error:
        deployment.destroy("prod", "prod")
    assert str(error.value) == (
        "protect: true in Pulumi.prod.yaml keeps bucket blueprints-prod: to remove them with their content set it to "
        "false, then make deploy STAGE=prod and make destroy STAGE=prod"
    )


@pytest.mark.parametrize("setting", ["inferenceImageDigest", "trainingImageDigest"])
def test_the_digest_is_recorded_in_the_stages_settings(asked: Callable[[], list[str]], setting: str):
    deployment.deploy("dev")
    assert f"pulumi config set --stack dev --path room-detection:settings.{setting} {DIGEST}" in asked()


def test_an_image_that_was_already_pushed_is_not_built_again(asked: Callable[[], list[str]]):
    media_type = "application/vnd.docker.distribution.manifest.v2+json"
    manifest = json.dumps({"schemaVersion": 2, "mediaType": media_type, "config": {"digest": DIGEST}, "layers": []})
    pushed = client("ecr").put_image(
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


def test_an_account_in_which_api_gateway_may_not_log_is_reported_before_anything_is_changed(
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
    client("sagemaker").delete_endpoint(EndpointName=ENDPOINT)
    serve("room-detection-dev-retrained-20260728-101500")
    with pytest.raises(OperationError, match=r"which was retrained and is not in Pulumi.dev.yaml: set endpoint.modelV"):
        deployment.deploy("dev")


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("config: [", "Pulumi.broken.yaml is not YAML for a stage: while parsing"),
        ("config: 5", "Pulumi.broken.yaml has no object under 'config': add one"),
        ("config: {aws:region: us-east-2}", "room-detection:settings: null is not allowed: must be an object"),
        ("config: {room-detection:settings: {}}", "aws:region is missing: set it in Pulumi.broken.yaml"),
        (
            "config: {aws:region: us-east-2, room-detection:settings: {protct: true}}",
            "room-detection:settings.protct is not a setting: did you mean protect?",
        ),
    ],
)
def test_a_wrong_stage_file_is_reported_before_anything_is_changed(
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


def test_a_stage_whose_detector_is_a_function_is_deployed_without_checking_an_endpoint(
    asked: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    outputs = {name: value for name, value in OUTPUTS.items() if not name.startswith("endpoint")}
    monkeypatch.setenv("OUTPUTS", json.dumps({**outputs, "detectorFunctionName": "room-detection-ai-detector-dev"}))
    client("sagemaker").delete_endpoint(EndpointName=ENDPOINT)
    deployment.deploy("dev")
    assert steps(asked())[-1] == "up"
    assert "API: https://api" in capfd.readouterr().out


def test_the_content_tag_changes_only_with_the_image():
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
def test_a_missing_program_ends_a_command_with_one_line(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(sys, "argv", ["operations", command, "--stage", "dev"])
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main() == 1
    error = "error: pulumi is not on PATH: install it from https://www.pulumi.com/docs/install/\n"
    assert capsys.readouterr().err == error
