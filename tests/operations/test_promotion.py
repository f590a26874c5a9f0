"""A stage runs the images that the stage before it ran: copied, by their digest, and never built a second time."""

import json
from collections.abc import Sequence
from pathlib import Path

import boto3
import pytest
import yaml
from moto import mock_aws

from operations import deploy_policies, images, stacks
from operations.external import OperationError

REGISTRY = "123456789012.dkr.ecr.us-east-2.amazonaws.com"
ROOT = Path(__file__).resolve().parents[2]
URLS = {stage: f"{REGISTRY}/room-detection-yolov8-inference-{stage}" for stage in ("dev", "staging", "prod")}


def push(stage: str, content: str) -> str:
    """Puts an image of this tree into the stage's repository and returns its digest."""
    media_type = "application/vnd.docker.distribution.manifest.v2+json"
    config = {"digest": "sha256:" + content * 64}
    manifest = {"schemaVersion": 2, "mediaType": media_type, "config": config, "layers": [config]}
    pushed = boto3.client("ecr", region_name="us-east-2").put_image(
        repositoryName=URLS[stage].partition("/")[2],
        imageManifest=json.dumps(manifest),
        imageTag=images.content_tag(images.INFERENCE),
    )
    return pushed["image"]["imageId"]["imageDigest"]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch):
    """What Docker was asked for. Its copy of an image is made in moto's registry."""
    commands: list[list[str]] = []

    def docker(command: Sequence[str], **_: object) -> None:
        commands.append(list(command))
        if "imagetools" in command:
            source, target = command[-1].partition("@"), command[-2].partition(":")
            ecr = boto3.client("ecr", region_name="us-east-2")
            found = ecr.batch_get_image(
                repositoryName=source[0].partition("/")[2], imageIds=[{"imageDigest": source[2]}]
            )["images"][0]["imageManifest"]
            ecr.put_image(repositoryName=target[0].partition("/")[2], imageManifest=found, imageTag=target[2])

    monkeypatch.setattr(images, "run", docker)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        for url in URLS.values():
            boto3.client("ecr", region_name="us-east-2").create_repository(repositoryName=url.partition("/")[2])
        yield commands


def test_the_copy_has_the_digest_of_the_original_and_nothing_is_built(asked: list[list[str]]):
    digest = push("staging", "a")
    assert images.copy(images.INFERENCE, URLS["staging"], URLS["prod"], "staging") == digest
    assert images.pushed_digest(URLS["prod"], images.content_tag(images.INFERENCE)) == digest
    assert [command[1:3] for command in asked] == [["login", "--username"], ["buildx", "imagetools"]]


def test_an_image_that_was_already_copied_is_not_copied_again(asked: list[list[str]]):
    digest = push("staging", "a")
    push("prod", "a")
    assert images.copy(images.INFERENCE, URLS["staging"], URLS["prod"], "staging") == digest
    assert asked == []


def test_an_image_that_the_stage_before_has_not_run_is_refused(asked: list[list[str]]):
    with pytest.raises(
        OperationError, match=r"stage staging has no inference image of this version of the code .*STAGE=staging"
    ):
        images.copy(images.INFERENCE, URLS["staging"], URLS["prod"], "staging")
    assert asked == []


def test_another_image_in_its_place_is_refused(asked: list[list[str]]):
    push("staging", "a")
    push("prod", "b")
    with pytest.raises(OperationError, match=r"stage staging runs sha256:.*batch-delete-image .*-inference-prod"):
        images.copy(images.INFERENCE, URLS["staging"], URLS["prod"], "staging")


def test_each_image_comes_from_the_repository_of_the_other_stage(monkeypatch: pytest.MonkeyPatch):
    there = {
        "inferenceRepositoryUrl": URLS["prod"],
        "trainingRepositoryUrl": f"{REGISTRY}/room-detection-yolov8-prod",
    }
    outputs: dict[str, str] = {}
    taken: list[tuple[str, str, str]] = []

    def copy(image: images.Image, source_url: str, _url: str, source: str) -> str:
        taken.append((image.name, source_url, source))
        return "sha256:1"

    monkeypatch.setattr(stacks, "select", lambda _: None)
    monkeypatch.setattr(stacks, "outputs", lambda _: outputs)
    # A stage that was never deployed gets its repositories first.
    monkeypatch.setattr(stacks, "up", lambda _: outputs.update(there))
    monkeypatch.setattr(images, "copy", copy)
    images.promote("prod", "staging")
    assert taken == [
        ("inference", URLS["staging"], "staging"),
        ("training", f"{REGISTRY}/room-detection-yolov8-staging", "staging"),
    ]


def test_a_stage_is_not_promoted_from_itself():
    with pytest.raises(OperationError, match="FROM=prod is the same stage"):
        images.promote("prod", "prod")


def test_the_workflow_and_the_roles_agree_on_whose_images_a_stage_runs():
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "deploy.yml").read_text())["jobs"].values()
    promoted = {job["with"]["stage"]: job["with"]["from"] for job in jobs if "from" in job.get("with", {})}
    assert promoted == deploy_policies.PROMOTED_FROM
