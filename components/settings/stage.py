"""A stage: its name, its region and its settings, read from the stack's configuration.

The only reader of `pulumi.Config`.
"""

import difflib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import pulumi
from pulumi.runtime.config import CONFIG, get_config_env
from pydantic import Field, ValidationError, field_validator
from pydantic.alias_generators import to_camel
from pydantic_core.core_schema import ValidationInfo

from components.naming import STAGE_PATTERN, STAGE_RULE, Inference, has_endpoint
from components.regions import regions
from components.settings.groups import (
    ApiSettings,
    BatchSettings,
    DetectorFunctionSettings,
    EndpointSettings,
    FunctionSettings,
    MonitoringSettings,
    RetrainingSettings,
    ServerlessSettings,
    SettingsGroup,
    StorageSettings,
    TableSettings,
    TrainingSettings,
)
from images.validation_messages import Allowed, phrased, shown

SETTINGS_KEY = "settings"
# `make deploy` sets this to the endpoint's number of instances if the deployment creates a new fleet.
LIVE_INSTANCES_VARIABLE = "ROOM_DETECTION_LIVE_INSTANCES"
PROGRAM_TAGS = ("project", "stage", "managed-by")
# S3 allows 10 tags per object, the lowest limit of all services:
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
MOST_TAGS = 10 - len(PROGRAM_TAGS)


class SettingsError(Exception):
    """A stage's configuration is invalid; the text is one line with each key, its value and what is allowed."""


Digest = Annotated[
    str, Field(pattern=r"^sha256:[0-9a-f]{64}$"), Allowed('an image digest, "sha256:" and 64 hexadecimal digits')
]
ImageTag = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$"), Allowed("an image tag of at most 128 characters")
]
Origin = Annotated[
    str,
    Field(pattern=r"^(\*|https?://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[1-9][0-9]{0,4})?)$"),
    Allowed('"*" or exactly one origin such as https://rooms.example.com, without a path'),
]
# https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html: what every service takes.
TagKey = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9 +\-=._:/@]{1,128}$"),
    Allowed("text of 1 to 128 letters, digits, spaces and + - = . _ : / @"),
]
TagValue = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9 +\-=._:/@]{0,256}$"),
    Allowed("text of at most 256 letters, digits, spaces and + - = . _ : / @"),
]


class StageSettings(SettingsGroup):
    """Everything that a stage's file may set under `room-detection:settings`."""

    allowed_origin: Origin = "*"
    """Who may call from a browser: the API and the bucket have the same answer."""
    protect: bool = False
    """Protect the bucket, the table and the images, and keep them when they are removed from the program. Without it,
    they are destroyed with their content."""
    permissions_boundary: bool = False
    """Give every role the permissions boundary that `make bootstrap` has created for the stage. GitHub's deploying role
    cannot create roles without it."""
    tags: Annotated[dict[TagKey, TagValue], Allowed("an object of tags with the characters that AWS allows")] = Field(
        default={}
    )
    """Tags of every resource, besides project, stage and managed-by: at most 7, because S3 allows 10 per object."""
    inference_image_digest: Digest | None = None
    """The detector's image. Without it, there is no model, and no endpoint or detector function."""
    inference_image_tag: ImageTag | None = None
    """Instead of the digest, if no registry gives one: stage local."""
    training_image_digest: Digest | None = None
    """The training job's image."""
    training_image_tag: ImageTag | None = None
    """Instead of the digest, if no registry gives one: stage local."""
    storage: StorageSettings = StorageSettings()
    table: TableSettings = TableSettings()
    function: FunctionSettings = FunctionSettings()
    api: ApiSettings = ApiSettings()
    endpoint: EndpointSettings = EndpointSettings()
    inference: Inference = "endpoint"
    """What runs the detector: a real-time endpoint, a serverless endpoint, or a separate function (lambda)."""
    serverless: ServerlessSettings = ServerlessSettings()
    detector_function: DetectorFunctionSettings = DetectorFunctionSettings()
    training: TrainingSettings = TrainingSettings()
    retraining: RetrainingSettings = RetrainingSettings()
    batch: BatchSettings = BatchSettings()
    monitoring: MonitoringSettings = MonitoringSettings()

    @property
    def references_images_by_tag(self) -> bool:
        return self.inference_image_tag is not None or self.training_image_tag is not None

    def inference_image(self, repository_url: pulumi.Input[str]) -> pulumi.Output[str] | None:
        """The detector's image in its repository; None if there is none yet."""
        return _image(repository_url, self.inference_image_digest, self.inference_image_tag)

    def training_image(self, repository_url: pulumi.Input[str]) -> pulumi.Output[str] | None:
        """The training job's image in its repository; None if there is none yet."""
        return _image(repository_url, self.training_image_digest, self.training_image_tag)

    @field_validator("inference_image_tag", "training_image_tag")
    @classmethod
    def _digest_or_tag(cls, value: str | None, info: ValidationInfo) -> str | None:
        digest = str(info.field_name).replace("_tag", "_digest")
        if value is not None and info.data.get(digest) is not None:
            raise ValueError(f"absent if {to_camel(digest)} is set: an image has a tag or a digest, never both")
        return value

    @field_validator("inference")
    @classmethod
    def _serves_the_version(cls, value: Inference, info: ValidationInfo) -> Inference:
        endpoint = info.data.get("endpoint")
        if not has_endpoint(value) and isinstance(endpoint, EndpointSettings) and endpoint.model_version is not None:
            raise ValueError(
                'one of "endpoint", "serverless" if endpoint.modelVersion is set: a function serves the model of '
                "its image"
            )
        return value

    @field_validator("monitoring")
    @classmethod
    def _alarms_reach_someone(cls, value: MonitoringSettings, info: ValidationInfo) -> MonitoringSettings:
        if info.data.get("protect") and "subscriptions" not in value.model_fields_set:
            raise ValueError(
                "an object with subscriptions if protect is true: who is told of alarms, or none for nobody"
            )
        return value

    @field_validator("monitoring")
    @classmethod
    def _alarms_can_go_off(cls, value: MonitoringSettings, info: ValidationInfo) -> MonitoringSettings:
        function = info.data.get("function")
        if not isinstance(function, FunctionSettings):
            return value
        if value.function_duration_seconds >= function.timeout_seconds:
            raise ValueError(
                f"an object with functionDurationSeconds below function.timeoutSeconds ({function.timeout_seconds}), "
                "which ends every call"
            )
        longest_ms = function.detector_timeout_seconds * 1000
        inference = info.data.get("inference")
        if inference is not None and not has_endpoint(inference) and value.model_latency_p95_ms >= longest_ms:
            raise ValueError(
                f"an object with modelLatencyP95Ms below function.detectorTimeoutSeconds ({longest_ms} ms), which ends "
                "every detection if inference is lambda"
            )
        return value

    @field_validator("tags")
    @classmethod
    def _beside_the_programs_tags(cls, value: dict[str, str]) -> dict[str, str]:
        # IAM refuses keys that differ only in case.
        lowered = [key.lower() for key in value]
        taken = sorted(key for key in value if key.lower() in PROGRAM_TAGS or key.lower().startswith("aws:"))
        if taken:
            raise ValueError(f"an object without {', '.join(taken)}: the program or AWS sets it")
        if repeated := sorted(key for key in value if lowered.count(key.lower()) > 1):
            raise ValueError(f"an object without both {' and '.join(repeated)}: to IAM they are one key")
        if len(value) > MOST_TAGS:
            raise ValueError(
                f"an object of at most {MOST_TAGS} tags: S3 allows 10 per object, and the program sets the others"
            )
        return value


def _image(repository_url: pulumi.Input[str], digest: str | None, tag: str | None) -> pulumi.Output[str] | None:
    if digest is not None:
        return pulumi.Output.concat(repository_url, "@", digest)
    return pulumi.Output.concat(repository_url, ":", tag) if tag is not None else None


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A stage as described by its file: name, region and settings."""

    name: str
    region: str
    settings: StageSettings
    live_instances: int | None = None
    """Current number of instances of the endpoint, with which an update starts the new fleet; None if unknown."""

    @property
    def tags(self) -> Mapping[str, str]:
        """The tags of every resource."""
        return {
            "project": pulumi.get_project(),
            "stage": self.name,
            "managed-by": "pulumi",
            **self.settings.tags,
        }


def load_stage() -> Stage:
    """Reads and validates the configuration of the stack that is being deployed.

    Raises:
        SettingsError: something is missing, misspelt or out of range.
    """
    name = pulumi.get_stack()
    if not STAGE_PATTERN.fullmatch(name):
        raise SettingsError(f"stack {name!r} is not allowed: {STAGE_RULE}")
    region = pulumi.Config("aws").get("region")
    if region is None:
        raise SettingsError(f"aws:region is missing: set it in Pulumi.{name}.yaml, for example to us-east-2")
    if region not in regions():
        close = difflib.get_close_matches(region, regions(), n=1)
        hint = f": did you mean {close[0]}?" if close else " such as us-east-2"
        raise SettingsError(f"aws:region: {json.dumps(region)} is not allowed: must be an AWS region{hint}")
    config = pulumi.Config()
    key = f"{config.name}:{SETTINGS_KEY}"
    # `pulumi.Config` reads only the keys that it is asked for, and would ignore a key beside the settings.
    if stray := sorted(other for other in _given_keys() if other.startswith(f"{config.name}:") and other != key):
        raise SettingsError(f"{', '.join(stray)}: not a setting: in Pulumi.{name}.yaml, all settings are under {key}")
    text = config.get(SETTINGS_KEY)
    if text is None:
        raise SettingsError(f"{key} is missing: set it in Pulumi.{name}.yaml, to {{}} for the defaults")
    try:
        values = json.loads(text)
    except json.JSONDecodeError:
        values = text
    live = os.environ.get(LIVE_INSTANCES_VARIABLE)
    return Stage(
        name=name,
        region=region,
        settings=parse_settings(values, key=key),
        live_instances=int(live) if live else None,
    )


def _given_keys() -> set[str]:
    """Every key of the stack's configuration, from the CLI or from a runner in this process."""
    return {*get_config_env(), *CONFIG.get()}


def parse_settings(values: object, *, key: str) -> StageSettings:
    """The settings in `values`, an object with camelCase keys; `key` is its name in errors.

    Raises:
        SettingsError: the text names every wrong key, on one line.
    """
    if not isinstance(values, Mapping):
        raise SettingsError(f"{key}: {shown(values)} is not allowed: must be an object of settings")
    try:
        return StageSettings.model_validate(values, by_alias=True, by_name=False)
    except ValidationError as error:
        raise SettingsError(phrased(error, StageSettings, kind="a setting", key=key)) from error
