"""The container images: built once per content, pushed to the stage's repository, referenced by digest."""

import base64
import hashlib
import json
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import boto3
from botocore.exceptions import ClientError

from operations import stacks
from operations.container_engine import PLATFORM, ignore_file
from operations.dockerfile import copied
from operations.external import OperationError, run
from operations.stacks import ROOT


@dataclass(frozen=True, kw_only=True)
class Image:
    """One image of the project: its folder, the export with its repository's name, and the setting for its digest."""

    name: str
    repository_output: str
    digest_setting: str

    @property
    def folder(self) -> Path:
        return ROOT / "images" / self.name

    @property
    def dockerfile(self) -> Path:
        return self.folder / "Dockerfile"

    @property
    def sources(self) -> Iterable[Path]:
        """Every file that the image is made from, sorted: the Dockerfile, its ignore file and what it copies."""
        roots = [
            self.dockerfile,
            ignore_file(self.dockerfile),
            *(ROOT / name for name in copied(self.dockerfile.read_text())),
        ]
        files = {path for root in roots for path in (root, *root.rglob("*"))}
        return sorted(path for path in files if path.is_file() and "__pycache__" not in path.parts)


INFERENCE = Image(
    name="inference",
    repository_output="inferenceRepositoryUrl",
    digest_setting="inferenceImageDigest",
)
TRAINING = Image(
    name="training",
    repository_output="trainingRepositoryUrl",
    digest_setting="trainingImageDigest",
)
IMAGES = (INFERENCE, TRAINING)


def content_tag(image: Image) -> str:
    """A tag of 16 hexadecimal digits that changes if a file of the image changes, and only then."""
    content = hashlib.sha256()
    for path in image.sources:
        content.update(f"{path.relative_to(ROOT)}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return content.hexdigest()[:16]


def publish(stage: str) -> None:
    """Pushes the images that the stage's repositories lack, and writes every image's digest into the stage's settings.

    Raises:
        OperationError: the stage has no repositories yet, or Docker or AWS refused.
    """
    outputs = stacks.outputs(stage)
    for image in IMAGES:
        repository_url = outputs.get(image.repository_output)
        if not repository_url:
            raise OperationError(f"stage {stage} has no {image.repository_output}: run make deploy STAGE={stage} first")
        digest = pushed_digest(repository_url, content_tag(image)) or build_and_push(image, repository_url)
        stacks.set_setting(stage, image.digest_setting, digest)


def promote(stage: str, source: str) -> None:
    """Copies this tree's images from stage `source` to `stage`, so that the next deployment of `stage` builds none.

    A stage has no repositories before its first deployment, so a new one is first deployed without its images.

    Raises:
        OperationError: the two stages are the same, the source lacks these images, or Docker or AWS refused.
    """
    if stage == source:
        raise OperationError(f"FROM={source} is the same stage: give the stage that was deployed before it")
    stacks.select(stage)
    if any(image.repository_output not in stacks.outputs(stage) for image in IMAGES):
        stacks.up(stage)
    outputs = stacks.outputs(stage)
    for image in IMAGES:
        repository_url = outputs[image.repository_output]
        digest = copy(image, f"{repository_url.removesuffix(stage)}{source}", repository_url, source)
        print(f"{image.name}: stage {stage} has {digest} of stage {source}")


def copy(image: Image, source_url: str, repository_url: str, source: str) -> str:
    """Copies the image of this tree from one repository to another and returns its digest, which stays the same.

    Raises:
        OperationError: stage `source` has no image of this tree, or the other repository has a different one instead.
    """
    tag = content_tag(image)
    digest, there = pushed_digest(source_url, tag), pushed_digest(repository_url, tag)
    if digest is None:
        raise OperationError(
            f"stage {source} has no {image.name} image of this version of the code (tag {tag}): deploy it there "
            f"first with make deploy STAGE={source}"
        )
    if there is None:
        for registry in sorted({_registry(url)[0] for url in (source_url, repository_url)}):
            _log_in(registry)
        # Without an image index around it, which would have another digest.
        command = ["docker", "buildx", "imagetools", "create", "--prefer-index=false"]
        run([*command, "--tag", f"{repository_url}:{tag}", f"{source_url}@{digest}"])
        there = pushed_digest(repository_url, tag)
    if there != digest:
        repository = _registry(repository_url)[1]
        raise OperationError(
            f"{repository_url}:{tag} is {there}, and stage {source} runs {digest}: remove it with aws ecr "
            f"batch-delete-image --repository-name {repository} --image-ids imageTag={tag} and deploy again"
        )
    return digest


def pin(stage: str) -> None:
    """Writes the deployed digests into the stage's settings, so that a preview shows no change of the images."""
    outputs = stacks.outputs(stage)
    for image in IMAGES:
        if digest := outputs.get(image.digest_setting):
            stacks.set_setting(stage, image.digest_setting, digest)


def _registry(repository_url: str) -> tuple[str, str, str]:
    """`<registry>/<repository>` as (registry, repository, region)."""
    registry, _, repository = repository_url.partition("/")
    parts = registry.split(".")
    if not repository or len(parts) < 6 or parts[1:3] != ["dkr", "ecr"]:
        raise OperationError(
            f"{repository_url!r} is not an ECR repository: must be <account>.dkr.ecr.<region>.<domain>/<name>"
        )
    return registry, repository, parts[3]


def pushed_digest(repository_url: str, tag: str) -> str | None:
    """The digest of the image with this tag in ECR, or None if there is none."""
    _, repository, region = _registry(repository_url)
    try:
        found = boto3.client("ecr", region_name=region).describe_images(
            repositoryName=repository, imageIds=[{"imageTag": tag}]
        )
    except ClientError as error:
        if error.response["Error"]["Code"] == "ImageNotFoundException":
            return None
        raise
    return found["imageDetails"][0]["imageDigest"]


def build_and_push(image: Image, repository_url: str) -> str:
    """Builds the image for x86_64, pushes it and returns its digest.

    It is built without provenance: attestations turn it into an image index, which SageMaker and Lambda refuse.
    """
    _log_in(_registry(repository_url)[0])
    with tempfile.TemporaryDirectory() as folder:
        metadata = Path(folder, "metadata.json")
        run(
            [
                *("docker", "buildx", "build", "--platform", PLATFORM, "--provenance=false", "--push"),
                *("--file", str(image.dockerfile), "--tag", f"{repository_url}:{content_tag(image)}"),
                *("--metadata-file", str(metadata), str(ROOT)),
            ]
        )
        return json.loads(metadata.read_text())["containerimage.digest"]


def _log_in(registry: str) -> None:
    """Logs Docker in to the registry, `<account>.dkr.ecr.<region>.<domain>`."""
    token = boto3.client("ecr", region_name=registry.split(".")[3]).get_authorization_token()["authorizationData"][0]
    user, _, password = base64.b64decode(token["authorizationToken"]).decode().partition(":")
    run(["docker", "login", "--username", user, "--password-stdin", registry], stdin=password)
