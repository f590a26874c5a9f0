"""A stage's settings: typed, validated, with the document's configuration as defaults.

The only reader of `pulumi.Config`. All settings stand under one object key, `room-detection:settings`, so that a
misspelt one is seen; a stage file holds only what differs from the defaults here. Keys are camelCase there and
snake_case here.
"""

import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Literal, Union, cast, get_args, get_origin

import pulumi
from annotated_types import Ge, Gt, Le, MultipleOf
from pulumi.runtime.config import CONFIG, get_config_env
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic.alias_generators import to_camel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_core.core_schema import ValidationInfo

from components.instances import INSTANCE_TYPE_PATTERN
from components.naming import REGION_PATTERN, RETRAINED_VERSION, STAGE_PATTERN, STAGE_RULE, Inference

SETTINGS_KEY = "settings"
PROGRAM_TAGS = ("project", "stage", "managed-by")
# S3 takes 10 tags of an object, the fewest of all services:
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
MOST_TAGS = 10 - len(PROGRAM_TAGS)
# API Gateway gives up on an integration after 29 s
# (https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html); what the function does beside waiting
# for the endpoint, S3 and DynamoDB included, takes less than the rest.
LONGEST_DETECTOR_TIMEOUT_SECONDS = 25
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
LogRetentionDays = Literal[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
]


class SettingsError(Exception):
    """A stage's configuration is wrong; the text is one line naming each key, its value and what is allowed."""


@dataclass(frozen=True)
class Allowed:
    """What a value must be, in words, where its pattern alone would not tell a reader."""

    text: str


Digest = Annotated[
    str, Field(pattern=r"^sha256:[0-9a-f]{64}$"), Allowed('an image digest, "sha256:" and 64 hexadecimal digits')
]
ImageTag = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$"), Allowed("an image tag of at most 128 characters")
]
InstanceType = Annotated[
    str, Field(pattern=INSTANCE_TYPE_PATTERN), Allowed("a SageMaker instance type such as ml.c5.xlarge")
]
ModelVersion = Annotated[
    str,
    Field(pattern=rf"^{RETRAINED_VERSION}[0-9]{{8}}-[0-9]{{6}}$"),
    Allowed("a published version such as retrained-20260728-101500"),
]
Origin = Annotated[
    str,
    Field(pattern=r"^(\*|https?://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[1-9][0-9]{0,4})?)$"),
    Allowed('"*" or exactly one origin such as https://rooms.example.com, without a path'),
]
# https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html: what every service takes.
TagKey = Annotated[str, Field(pattern=r"^[A-Za-z0-9 +\-=._:/@]{1,128}$")]
TagValue = Annotated[str, Field(pattern=r"^[A-Za-z0-9 +\-=._:/@]{0,256}$")]
Fraction = Annotated[float, Field(ge=0, le=1)]
Percent = Annotated[float, Field(ge=0, le=100)]


def _not_below(value: int, info: ValidationInfo, other: str) -> int:
    least = info.data.get(other)
    if least is not None and value < least:
        raise ValueError(f"not below {to_camel(other)} ({least})")
    return value


class SettingsGroup(BaseModel):
    """Immutable; unknown keys and values of another type are refused, defaults are checked like given values."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        validate_default=True,
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        use_attribute_docstrings=True,
        allow_inf_nan=False,
    )


class StorageSettings(SettingsGroup):
    blueprint_retention_days: Annotated[int, Field(ge=1, le=3650)] = 30
    """Days until a blueprint is deleted."""
    # A job may take 5 days, and what it reads and writes has to outlast it.
    batch_retention_days: Annotated[int, Field(ge=7, le=3650)] = 14
    """Days until the plans and answers of bulk processing are deleted."""
    old_version_retention_days: Annotated[int, Field(ge=1, le=3650)] = 30
    """Days until an overwritten or deleted version of any object is gone for good."""
    incomplete_upload_days: Annotated[int, Field(ge=1, le=365)] = 7
    """Days until the parts of an abandoned multipart upload are deleted."""
    cors_max_age_seconds: Annotated[int, Field(ge=0, le=86400)] = 3000
    """Seconds for which a browser keeps the bucket's answer to a preflight request."""


class TableSettings(SettingsGroup):
    on_demand: bool = False
    """Pay per request; capacities and autoscaling are then not used."""
    # The default account quota is 40,000 units a table:
    # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
    min_capacity: Annotated[int, Field(ge=1, le=40000)] = 5
    """Least read and write capacity units to which autoscaling goes."""
    max_capacity: Annotated[int, Field(ge=1, le=40000)] = 100
    """Most read and write capacity units to which autoscaling goes."""
    read_capacity: Annotated[int, Field(ge=1, le=40000)] = 5
    """Read capacity units at creation; autoscaling owns them from then on."""
    write_capacity: Annotated[int, Field(ge=1, le=40000)] = 5
    """Write capacity units at creation; autoscaling owns them from then on."""
    # 20 to 90 is what Application Auto Scaling takes for DynamoDB.
    target_utilization_percent: Annotated[int, Field(ge=20, le=90)] = 70
    """Consumed share of the provisioned capacity that autoscaling aims at."""
    record_ttl_days: Annotated[int, Field(ge=1, le=3650)] = 30
    """Days until a status record expires."""

    @field_validator("max_capacity")
    @classmethod
    def _max_not_below_min(cls, value: int, info: ValidationInfo) -> int:
        return _not_below(value, info, "min_capacity")

    @field_validator("read_capacity", "write_capacity")
    @classmethod
    def _within_scaling(cls, value: int, info: ValidationInfo) -> int:
        low, high = info.data.get("min_capacity"), info.data.get("max_capacity")
        if low is not None and high is not None and not low <= value <= high:
            raise ValueError(f"from minCapacity ({low}) to maxCapacity ({high})")
        return value


class FunctionSettings(SettingsGroup):
    runtime: Literal["python3.11", "python3.12", "python3.13"] = "python3.11"
    """Lambda runtime; build/function must hold wheels for the same Python."""
    memory_mb: Annotated[int, Field(ge=128, le=10240)] = 512
    """Memory; the share of a CPU grows with it."""
    # Lambda takes up to 900 s, but no caller waits longer than API Gateway's 29 s: the time beyond that only lets a
    # call that the gateway has given up record what became of it.
    timeout_seconds: Annotated[int, Field(ge=1, le=900)] = 60
    """Lambda's limit of one call, and the age from which a record that still says processing may be taken over."""
    ephemeral_storage_mb: Annotated[int, Field(ge=512, le=10240)] = 512
    """Size of /tmp."""
    detector_timeout_seconds: Annotated[int, Field(ge=1, le=LONGEST_DETECTOR_TIMEOUT_SECONDS)] = 20
    """Longest wait for the detector; ends before API Gateway's 29 s so that the function can answer 504 itself."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """Least severe log line that the function writes."""
    tracing: bool = False
    """X-Ray for the function, and for the detector's where inference is lambda."""

    @field_validator("detector_timeout_seconds")
    @classmethod
    def _within_the_functions_time(cls, value: int, info: ValidationInfo) -> int:
        limit = info.data.get("timeout_seconds")
        if limit is not None and value >= limit:
            raise ValueError(f"below timeoutSeconds ({limit})")
        return value


class ApiSettings(SettingsGroup):
    # The default account quotas are 10,000 requests/s and a burst of 5,000 a region.
    rate_limit: Annotated[float, Field(gt=0, le=10000)] = 100
    """Requests a second, of the stage and of each API key."""
    burst_limit: Annotated[int, Field(ge=1, le=5000)] = 200
    """Requests at once, of the stage and of each API key."""
    quota_limit: Annotated[int, Field(ge=1, le=1_000_000_000)] = 10_000
    """Requests per quotaPeriod of each API key; 10,000 last 100 s at the full rate."""
    quota_period: Literal["DAY", "WEEK", "MONTH"] = "DAY"
    api_keys: bool = False
    """Every route wants the header x-api-key. Without keys the usage plan limits nobody: the stage's throttle does."""
    execution_log_level: Literal["OFF", "ERROR", "INFO"] = "INFO"
    """Needs the account's CloudWatch role, as the access log does: see accountLoggingRole."""
    account_logging_role: bool = False
    """Create API Gateway's CloudWatch role; one per account and region, so on in one stage of an account at most."""
    tracing: bool = False
    """X-Ray for the API's stage."""


class EndpointSettings(SettingsGroup):
    model_version: ModelVersion | None = None
    """The retrained model that is served, published under models/<version>/; make retrain records it. Without it the
    model of this repository is served."""
    instance_type: InstanceType = "ml.c5.xlarge"
    """What the endpoint runs on."""
    min_instances: Annotated[int, Field(ge=1, le=100)] = 1
    """Fewest instances; a real-time endpoint never has none."""
    max_instances: Annotated[int, Field(ge=1, le=100)] = 3
    """Most instances to which autoscaling goes."""
    initial_instances: Annotated[int, Field(ge=1, le=100)] = 1
    """Instances at creation; autoscaling owns their number from then on."""
    target_invocations_per_minute: Annotated[float, Field(gt=0, le=1_000_000)] = 70
    """Invocations a minute and instance that autoscaling aims at: a measured throughput in requests/s x 60 x 0.5."""
    scale_in_cooldown_seconds: Annotated[int, Field(ge=0, le=3600)] = 300
    """Wait after an instance was taken away before the next one is."""
    scale_out_cooldown_seconds: Annotated[int, Field(ge=0, le=3600)] = 60
    """Wait after an instance was added before the next one is."""
    latency_scale_out_instances: Annotated[int, Field(ge=1, le=10)] = 1
    """Instances that the HighLatency alarm adds each time."""
    confidence_threshold: Fraction = 0.25
    """Boxes below it are dropped, with every inference."""
    iou_threshold: Fraction = 0.45
    """A box that overlaps a surer one by more than this IoU loses confidence, with every inference."""
    views: Literal[1, 2, 4] = 1
    """Mirrored views of each plan that are averaged, with every inference: exacter rooms for as many forward passes."""
    startup_timeout_seconds: Annotated[int, Field(ge=60, le=3600)] = 300
    """Longest time from the container's start to its first healthy ping."""
    # Ranges of the blue/green policy:
    # https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_BlueGreenUpdatePolicy.html
    bake_seconds: Annotated[int, Field(ge=0, le=3600)] = 300
    """How long the rollback alarms are watched after the traffic has moved to the new fleet."""
    termination_wait_seconds: Annotated[int, Field(ge=0, le=3600)] = 120
    """How long the old fleet is kept after that."""
    update_timeout_seconds: Annotated[int, Field(ge=600, le=28800)] = 3600
    """Longest time of an update."""

    @field_validator("max_instances")
    @classmethod
    def _max_not_below_min(cls, value: int, info: ValidationInfo) -> int:
        return _not_below(value, info, "min_instances")

    @field_validator("initial_instances")
    @classmethod
    def _within_scaling(cls, value: int, info: ValidationInfo) -> int:
        low, high = info.data.get("min_instances"), info.data.get("max_instances")
        if low is not None and high is not None and not low <= value <= high:
            raise ValueError(f"from minInstances ({low}) to maxInstances ({high})")
        return value

    @field_validator("update_timeout_seconds")
    @classmethod
    def _longer_than_its_waits(cls, value: int, info: ValidationInfo) -> int:
        bake, wait = info.data.get("bake_seconds"), info.data.get("termination_wait_seconds")
        if bake is not None and wait is not None and value <= bake + wait:
            raise ValueError(f"above bakeSeconds + terminationWaitSeconds ({bake + wait})")
        return value


class ServerlessSettings(SettingsGroup):
    """The endpoint where inference is serverless.

    Ranges: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariantServerlessConfig.html
    """

    memory_mb: Annotated[int, Field(ge=1024, le=6144, multiple_of=1024)] = 4096
    """With inference serverless: memory of each instance of the container; its share of processors grows with it."""
    max_concurrency: Annotated[int, Field(ge=1, le=200)] = 10
    """With inference serverless: most requests at once; more are answered with 503 and Retry-After. An account's quota
    is for all its serverless endpoints of a region together."""


class DetectorFunctionSettings(SettingsGroup):
    """The detector where inference is lambda. It may take as long as the API waits: function.detectorTimeoutSeconds."""

    # 1,769 MB are one vCPU: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
    memory_mb: Annotated[int, Field(ge=512, le=10240)] = 3538
    """With inference lambda: the detector's memory; every 1769 MB are a processor of its own."""
    reserved_concurrency: Annotated[int, Field(ge=1, le=1000), Allowed("an integer from 1 to 1000")] | None = None
    """With inference lambda: most detections at once, set aside for the detector out of the account's own limit; more
    are answered with 503 and Retry-After. Without it the detector takes what the account has free."""


class Hyperparameters(SettingsGroup):
    """The training image's hyperparameters; the job gets them as strings, under their snake_case names."""

    epochs: Annotated[int, Field(ge=1, le=10_000)] = 300
    batch_size: Annotated[int, Field(ge=1, le=1024)] = 16
    img_size: Annotated[int, Field(ge=32, le=4096, multiple_of=32)] = 640
    model_size: Annotated[
        str, Field(pattern=r"^yolov8[nsmlx]\.(pt|yaml)$"), Allowed("a YOLOv8 model such as yolov8n.pt")
    ] = "yolov8n.pt"
    lr0: Annotated[float, Field(gt=0, le=1)] = 0.01
    lrf: Annotated[float, Field(gt=0, le=1)] = 0.01
    cos_lr: bool = True
    warmup_epochs: Annotated[float, Field(ge=0, le=1000)] = 3
    optimizer: Literal["SGD", "Adam", "AdamW", "NAdam", "RAdam", "RMSProp", "auto"] = "SGD"
    momentum: Fraction = 0.937
    weight_decay: Fraction = 0.0005
    box: Annotated[float, Field(ge=0, le=100)] = 7.5
    cls: Annotated[float, Field(ge=0, le=100)] = 0.5
    dfl: Annotated[float, Field(ge=0, le=100)] = 1.5
    patience: Annotated[int, Field(ge=0, le=10_000)] = 50
    single_cls: bool = True
    pretrained: bool = True


class TrainingSettings(SettingsGroup):
    instance_type: InstanceType = "ml.g4dn.xlarge"
    """What a training job runs on."""
    instance_count: Annotated[int, Field(ge=1, le=20)] = 1
    """Instances of a training job."""
    volume_size_gb: Annotated[int, Field(ge=1, le=16384)] = 100
    """EBS volume; ignored by types with NVMe disks of their own, such as ml.g4dn."""
    max_runtime_seconds: Annotated[int, Field(ge=60, le=2_419_200)] = 86_400
    """Training ends after this time, at most 28 days."""
    managed_spot: bool = False
    """Train on spare capacity; a job that is interrupted goes on from its last checkpoint."""
    max_wait_seconds: Annotated[int, Field(ge=60, le=2_419_200)] = 172_800
    """With managedSpot: longest time from the job's creation to its end."""
    manage_log_group: bool = False
    """Own /aws/sagemaker/TrainingJobs, which an account has once: on in one stage of an account at most."""
    hyperparameters: Hyperparameters = Hyperparameters()

    @field_validator("max_wait_seconds")
    @classmethod
    def _not_below_runtime(cls, value: int, info: ValidationInfo) -> int:
        return _not_below(value, info, "max_runtime_seconds") if info.data.get("managed_spot") else value


class RetrainingSettings(SettingsGroup):
    margin: Fraction = 0.005
    """mAP50-95 on the validation channel by which a new model has to be better than the deployed one."""
    tolerance: Fraction = 0.01
    """Precision and recall that a new model may lose at endpoint.confidenceThreshold and still count as better."""
    evaluation_instance_type: InstanceType = "ml.m5.xlarge"
    """What compares the two models."""
    evaluation_volume_size_gb: Annotated[int, Field(ge=1, le=16384)] = 30
    """EBS volume of the comparison; holds the validation channel and both models."""
    evaluation_max_runtime_seconds: Annotated[int, Field(ge=60, le=86_400)] = 3600
    """The comparison ends after this time."""
    execution_log_level: Literal["OFF", "ERROR", "ALL"] = "OFF"
    """Log of the executions, beside the history that Step Functions keeps for 90 days. It needs rights that AWS gives
    for all log deliveries of an account only."""
    tracing: bool = False
    """X-Ray for the executions."""


class BatchSettings(SettingsGroup):
    instance_type: InstanceType = "ml.c5.xlarge"
    """What a transform job of bulk processing runs on."""
    instances: Annotated[int, Field(ge=1, le=100)] = 1
    """Instances of a transform job, which share its plans."""
    concurrent_jobs: Annotated[int, Field(ge=1, le=20)] = 1
    """Transform jobs of one run at a time."""
    plans_per_job: Annotated[int, Field(ge=1, le=100_000)] = 10_000
    """Most plans of a transform job; a job of fewer starts only when there are no more."""
    # SageMaker takes no more at once than fit into 100 MB, and a plan may have 6.
    max_concurrent_transforms: Annotated[int | None, Field(ge=1, le=16)] = None
    """Plans at once an instance. Without it SageMaker asks the container, which knows its cores."""
    # https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ModelClientConfig.html
    invocation_timeout_seconds: Annotated[int, Field(ge=1, le=3600)] = 60
    """Longest wait for the answer to one plan."""
    invocation_retries: Annotated[int, Field(ge=0, le=3)] = 3
    """How often a plan that got no answer is sent again within a job."""
    manage_log_group: bool = False
    """Own /aws/sagemaker/TransformJobs, which an account has once: on in one stage of an account at most."""


class Subscription(SettingsGroup):
    """Who is told of alarms."""

    protocol: Literal["email", "https"]
    endpoint: Annotated[str, Allowed("an address with @ for email, a URL with https:// for https")]

    @field_validator("endpoint")
    @classmethod
    def _fits_protocol(cls, value: str, info: ValidationInfo) -> str:
        protocol = info.data.get("protocol")
        if protocol == "email" and not (
            value.count("@") == 1 and not value.startswith("@") and not value.endswith("@")
        ):
            raise ValueError("an e-mail address")
        if protocol == "https" and not value.startswith("https://"):
            raise ValueError("a URL that starts with https://")
        return value


class MonitoringSettings(SettingsGroup):
    log_retention_days: LogRetentionDays = 7
    """Of every log group that the stack owns; the values that CloudWatch Logs takes."""
    subscriptions: Annotated[tuple[Subscription, ...], Field(strict=False)] = ()
    """Who is told when an alarm goes off and when it is over."""
    function_errors: Annotated[int, Field(ge=0, le=1_000_000)] = 5
    """HighErrorRate: more failed calls than this in 5 minutes."""
    model_latency_p95_ms: Annotated[float, Field(gt=0, le=60_000)] = 500
    """HighLatency: the detector's p95 above this; also the limit that rolls an endpoint update back."""
    endpoint_server_errors: Annotated[int, Field(ge=0, le=1_000_000)] = 3
    """LowEndpointHealth, DetectorErrors: more 5xx or failed calls than this in 1 minute; also the limit that rolls an
    endpoint update back."""
    function_error_percent: Percent = 1
    """FunctionErrorRate: a larger share of the calls failed in 5 minutes."""
    function_duration_seconds: Annotated[float, Field(gt=0, le=900)] = 5
    """FunctionDuration: longer than this on average over 5 minutes."""
    function_throttles: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    """FunctionThrottles, DetectorThrottles: more refused calls than this in 5 minutes."""
    endpoint_client_error_percent: Percent = 1
    """EndpointClientErrorRate: a larger share of 4xx in 5 minutes."""
    endpoint_server_error_percent: Percent = 0.1
    """EndpointServerErrorRate: a larger share of 5xx in 5 minutes."""
    endpoint_cpu_percent: Percent = 70
    """EndpointCpu: a larger share of all vCPUs together; the metric itself runs to 100 % a vCPU."""
    table_throttles: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    """TableReadThrottles, TableWriteThrottles: more refused reads or writes than this in 5 minutes."""
    table_system_errors: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    """TableSystemErrors: more failures of DynamoDB's own than this in 5 minutes."""
    api_client_error_percent: Percent = 5
    """ApiClientErrorRate: a larger share of 4xx answers in 5 minutes."""
    api_server_error_percent: Percent = 1
    """ApiServerErrorRate: a larger share of 5xx answers in 5 minutes."""
    api_latency_p95_seconds: Annotated[float, Field(gt=0, le=29)] = 10
    """ApiLatency: the p95 of 5 minutes above this."""

    @field_validator("subscriptions")
    @classmethod
    def _each_once(cls, value: tuple[Subscription, ...]) -> tuple[Subscription, ...]:
        # SNS has a protocol and endpoint once a topic: two resources would be one subscription.
        if len(set(value)) < len(value):
            raise ValueError("a list in which each subscription stands once")
        return value


class StageSettings(SettingsGroup):
    """Everything that a stage's file may set under `room-detection:settings`."""

    allowed_origin: Origin = "*"
    """Who may call from a browser: the API and the bucket have the same answer."""
    protect: bool = False
    """Protect the bucket, the table and the images, and keep them when they leave the program. Without it they are
    destroyed with their content."""
    tags: Annotated[dict[TagKey, TagValue], Allowed("an object of tags with the characters that AWS takes")] = {}
    """Tags of every resource, beside project, stage and managed-by: at most 7, as S3 takes 10 of an object."""
    inference_image_digest: Digest | None = None
    """The detector's image. While it is missing the model is left out, and the endpoint or the detector's function."""
    inference_image_tag: ImageTag | None = None
    """Instead of the digest, where no registry gives one: stage local."""
    training_image_digest: Digest | None = None
    """The training job's image."""
    training_image_tag: ImageTag | None = None
    """Instead of the digest, where no registry gives one: stage local."""
    storage: StorageSettings = StorageSettings()
    table: TableSettings = TableSettings()
    function: FunctionSettings = FunctionSettings()
    api: ApiSettings = ApiSettings()
    endpoint: EndpointSettings = EndpointSettings()
    inference: Inference = "endpoint"
    """What finds the rooms: a real-time endpoint, a serverless endpoint, or a function of its own (lambda)."""
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
        """The detector's image in its repository, or None while there is none."""
        return _image(repository_url, self.inference_image_digest, self.inference_image_tag)

    def training_image(self, repository_url: pulumi.Input[str]) -> pulumi.Output[str] | None:
        """The training job's image in its repository, or None while there is none."""
        return _image(repository_url, self.training_image_digest, self.training_image_tag)

    @field_validator("inference_image_tag", "training_image_tag")
    @classmethod
    def _digest_or_tag(cls, value: str | None, info: ValidationInfo) -> str | None:
        digest = str(info.field_name).replace("_tag", "_digest")
        if value is not None and info.data.get(digest) is not None:
            raise ValueError(f"absent where {to_camel(digest)} is set: an image is a tag or a digest, never both")
        return value

    @field_validator("inference")
    @classmethod
    def _serves_the_version(cls, value: Inference, info: ValidationInfo) -> Inference:
        endpoint = info.data.get("endpoint")
        if value == "lambda" and isinstance(endpoint, EndpointSettings) and endpoint.model_version is not None:
            raise ValueError(
                'one of "endpoint", "serverless" where endpoint.modelVersion is set: a function serves the model of '
                "its image"
            )
        return value

    @field_validator("tags")
    @classmethod
    def _beside_the_programs_tags(cls, value: dict[str, str]) -> dict[str, str]:
        # IAM refuses two keys that differ in case only.
        lowered = [key.lower() for key in value]
        taken = sorted(key for key in value if key.lower() in PROGRAM_TAGS or key.lower().startswith("aws:"))
        if taken:
            raise ValueError(f"without {', '.join(taken)}: the program or AWS sets it")
        if repeated := sorted(key for key in value if lowered.count(key.lower()) > 1):
            raise ValueError(f"without {' beside '.join(repeated)}: to IAM these are one key")
        if len(value) > MOST_TAGS:
            raise ValueError(f"at most {MOST_TAGS} tags: S3 takes 10 of an object, and the program sets the others")
        return value


def _image(repository_url: pulumi.Input[str], digest: str | None, tag: str | None) -> pulumi.Output[str] | None:
    if digest is not None:
        return pulumi.Output.concat(repository_url, "@", digest)
    return pulumi.Output.concat(repository_url, ":", tag) if tag is not None else None


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A stage as its file describes it: its name, its region and its settings."""

    name: str
    region: str
    settings: StageSettings

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
    if not REGION_PATTERN.fullmatch(region):
        raise SettingsError(f"aws:region: {json.dumps(region)} is not allowed: must be a region such as us-east-2")
    config = pulumi.Config()
    key = f"{config.name}:{SETTINGS_KEY}"
    # `pulumi.Config` reads the keys that it is asked for, and would pass over one that stands beside the settings.
    if stray := sorted(other for other in _given_keys() if other.startswith(f"{config.name}:") and other != key):
        raise SettingsError(f"{', '.join(stray)}: not a setting in Pulumi.{name}.yaml: all stand under {key}")
    text = config.get(SETTINGS_KEY)
    if text is None:
        raise SettingsError(f"{key} is missing: set it in Pulumi.{name}.yaml, to {{}} for the defaults")
    try:
        values = json.loads(text)
    except json.JSONDecodeError:
        values = text
    return Stage(name=name, region=region, settings=parse_settings(values, key=key))


def _given_keys() -> set[str]:
    """Every key of the stack's configuration, as the CLI or a runner in this process has handed it over."""
    return {*get_config_env(), *CONFIG.get()}


def parse_settings(values: object, *, key: str) -> StageSettings:
    """The settings in `values`, an object with camelCase keys; `key` is what errors call it.

    Raises:
        SettingsError: the text names every wrong key, on one line.
    """
    if not isinstance(values, Mapping):
        raise SettingsError(f"{key}: {_shown(values)} is not allowed: must be an object of settings")
    try:
        return StageSettings.model_validate(values, by_alias=True, by_name=False)
    except ValidationError as error:
        raise SettingsError("; ".join(_line(key, details) for details in error.errors())) from error


def describe(field: FieldInfo) -> str:
    """What a setting may be, in words: "an integer from 1 to 900"."""
    return _allowed(_annotated(field))


def _line(key: str, details: ErrorDetails) -> str:
    location = details["loc"]
    if details["type"] == "extra_forbidden":
        *above, unknown = location
        return f"{_path(key, above)}.{unknown} is not a setting: {_suggestion(str(unknown), _annotation(above))}"
    path = _path(key, location)
    allowed = str(details["ctx"]["error"]) if details["type"] == "value_error" and "ctx" in details else None
    must_be = f"must be {allowed or _allowed(_annotation(location))}"
    if details["type"] == "missing":
        return f"{path} is missing: {must_be}"
    return f"{path}: {_shown(details['input'])} is not allowed: {must_be}"


def _path(key: str, location: Sequence[int | str]) -> str:
    # A default that another setting makes wrong is reported under its name in Python.
    return key + "".join(f"[{part}]" if isinstance(part, int) else f".{to_camel(part)}" for part in location)


def _shown(value: object) -> str:
    """The value as the stage's file has it, on one line and no longer than a line."""
    text = json.dumps(value, default=str)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _suggestion(unknown: str, group: object) -> str:
    keys = _keys(group)
    close = difflib.get_close_matches(unknown, keys, n=1)
    return f"did you mean {close[0]}?" if close else f"must be one of {', '.join(keys)}"


def _annotation(location: Sequence[int | str]) -> object:
    """What stands in the settings' classes at a place that pydantic names: the annotation with its metadata."""
    found: object = StageSettings
    for part in location:
        group = _plain(found)
        if isinstance(group, type) and issubclass(group, SettingsGroup):
            fields = group.model_fields.items()
            found = next(_annotated(field) for name, field in fields if part in (field.alias, name))
        elif isinstance(part, int):
            found = get_args(group)[0]  # an entry of a list
        else:
            break  # a key or a value of an object: the object's own annotation says what is allowed
    return found


def _annotated(field: FieldInfo) -> object:
    return Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation


def _keys(annotation: object) -> list[str]:
    group = _plain(annotation)
    if not (isinstance(group, type) and issubclass(group, SettingsGroup)):
        raise TypeError(f"{group!r} has no keys")
    return [str(field.alias) for field in group.model_fields.values()]


def _plain(annotation: object) -> object:
    """The annotation without its metadata."""
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def _allowed(annotation: object) -> str:
    """What the annotation allows, in words."""
    if get_origin(annotation) is Annotated:
        plain, *metadata = get_args(annotation)
        words = next((item.text for item in metadata if isinstance(item, Allowed)), None)
        return words or f"{_allowed(plain)}{_bounds(metadata)}"
    arguments = get_args(annotation)
    if get_origin(annotation) in (Union, UnionType):
        return " or ".join(_allowed(argument) for argument in arguments if argument is not NoneType)
    if get_origin(annotation) is Literal:
        return f"one of {', '.join(json.dumps(choice) for choice in arguments)}"
    if get_origin(annotation) is tuple:
        return "a list"
    if isinstance(annotation, type) and issubclass(annotation, SettingsGroup):
        return f"an object with keys among {', '.join(_keys(annotation))}"
    if annotation is bool:
        return "true or false"
    return {int: "an integer", float: "a number"}.get(cast("type", annotation), "a text")


def _bounds(metadata: list[object]) -> str:
    low = next((item.ge for item in metadata if isinstance(item, Ge)), None)
    above = next((item.gt for item in metadata if isinstance(item, Gt)), None)
    high = next((item.le for item in metadata if isinstance(item, Le)), None)
    step = next((item.multiple_of for item in metadata if isinstance(item, MultipleOf)), None)
    start = f" from {low}" if low is not None else f" above {above}"
    return f"{start} to {high}" + (f" in steps of {step}" if step is not None else "") if high is not None else ""
