"""The settings of each part of the system, with the document's values as defaults, and their ranges.

To set one for one stage, write it in that stage's `Pulumi.<stage>.yaml`; a default here holds for all that do not.
"""

import difflib
import re
from functools import partial
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, field_validator
from pydantic.alias_generators import to_camel
from pydantic_core.core_schema import ValidationInfo

from components.instances import Use, instance_types
from components.naming import RETRAINED_VERSION
from images.inference.settings import DEFAULT_CONFIDENCE_THRESHOLD, DEFAULT_IOU_THRESHOLD, DEFAULT_VIEWS, Views
from images.training.hyperparameters import Hyperparameters
from images.validation_messages import Allowed

# API Gateway ends an integration after 29 s
# (https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html); what the function does besides waiting
# for the endpoint, including S3 and DynamoDB, takes less than the rest.
LONGEST_DETECTOR_TIMEOUT_SECONDS = 25
# The function's runtimes: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
LambdaRuntime = Literal["python3.11", "python3.12", "python3.13"]
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
LogRetentionDays = Literal[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
]


def _offered_for(use: Use, value: str) -> str:
    offered = instance_types(use)
    if value not in offered:
        close = difflib.get_close_matches(value, offered, n=1)
        hint = f": did you mean {close[0]}?" if close else ", such as ml.m5.xlarge"
        raise ValueError(f"an instance type that SageMaker has for {use}{hint}")
    return value


EndpointInstanceType = Annotated[
    str,
    AfterValidator(partial(_offered_for, "endpoints")),
    Allowed("an instance type that SageMaker has for endpoints"),
]
TrainingInstanceType = Annotated[
    str,
    AfterValidator(partial(_offered_for, "training jobs")),
    Allowed("an instance type that SageMaker has for training jobs"),
]
ProcessingInstanceType = Annotated[
    str,
    AfterValidator(partial(_offered_for, "processing jobs")),
    Allowed("an instance type that SageMaker has for processing jobs"),
]
TransformInstanceType = Annotated[
    str,
    AfterValidator(partial(_offered_for, "transform jobs")),
    Allowed("an instance type that SageMaker has for transform jobs"),
]
ModelVersion = Annotated[
    str,
    Field(pattern=rf"^{RETRAINED_VERSION}[0-9]{{8}}-[0-9]{{6}}$"),
    Allowed("a published version such as retrained-20260728-101500"),
]
Fraction = Annotated[float, Field(ge=0, le=1)]
# For an alarm that goes off above its threshold: no share is above 100 %.
Percent = Annotated[float, Field(ge=0, lt=100)]


def _not_below(value: int, info: ValidationInfo, other: str) -> int:
    least = info.data.get(other)
    if least is not None and value < least:
        raise ValueError(f"not below {to_camel(other)} ({least})")
    return value


class SettingsGroup(BaseModel):
    """Immutable; unknown keys and values of a wrong type are refused, and defaults are checked like given values."""

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


# An expired plan stays as an old version of its object for the shortest time that S3 allows.
EXPIRED_PLAN_DAYS = 1


class StorageSettings(SettingsGroup):
    blueprint_retention_days: Annotated[int, Field(ge=1, le=3650)] = 30
    """Days until a blueprint is deleted."""
    # A job may take 5 days, and its input and output have to outlast it.
    batch_retention_days: Annotated[int, Field(ge=7, le=3650)] = 14
    """Days until the plans and answers of bulk processing are deleted."""
    old_version_retention_days: Annotated[int, Field(ge=1, le=3650)] = 30
    """Days until an overwritten or deleted version of an object is deleted permanently. For blueprints, and for bulk
    processing's plans and answers, it is always one day."""
    incomplete_upload_days: Annotated[int, Field(ge=1, le=365)] = 7
    """Days until the parts of an abandoned multipart upload are deleted."""
    cors_max_age_seconds: Annotated[int, Field(ge=0, le=86400)] = 3000
    """Seconds for which a browser keeps the bucket's answer to a preflight request."""


class TableSettings(SettingsGroup):
    on_demand: bool = False
    """Pay per request; capacities and autoscaling are then ignored."""
    # The default account quota is 40,000 units a table:
    # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
    min_capacity: Annotated[int, Field(ge=1, le=40000)] = 5
    """Minimum of read and write capacity units for autoscaling."""
    max_capacity: Annotated[int, Field(ge=1, le=40000)] = 100
    """Maximum of read and write capacity units for autoscaling."""
    read_capacity: Annotated[int, Field(ge=1, le=40000)] = 5
    """Read capacity units at creation; after that, autoscaling controls them."""
    write_capacity: Annotated[int, Field(ge=1, le=40000)] = 5
    """Write capacity units at creation; after that, autoscaling controls them."""
    # Application Auto Scaling accepts 20 to 90 for DynamoDB.
    target_utilization_percent: Annotated[int, Field(ge=20, le=90)] = 70
    """Autoscaling's target for the consumed share of the provisioned capacity."""
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
    runtime: LambdaRuntime = "python3.11"
    """Lambda runtime; the function is packaged for it. make local and make demo run only the default."""
    memory_mb: Annotated[int, Field(ge=128, le=10240)] = 512
    """Memory; the share of a CPU grows with it. Decoding takes up to `pictures.limits.DECODE_MEMORY_BYTES` of it."""
    # Lambda allows up to 900 s, but no caller waits longer than API Gateway's 29 s: the time beyond that only lets a
    # call that the gateway has abandoned record its result.
    timeout_seconds: Annotated[int, Field(ge=1, le=900)] = 60
    """Time limit of a call, and the age from which a record that is still processing may be taken over."""
    ephemeral_storage_mb: Annotated[int, Field(ge=512, le=10240)] = 512
    """Size of /tmp."""
    detector_timeout_seconds: Annotated[int, Field(ge=1, le=LONGEST_DETECTOR_TIMEOUT_SECONDS)] = 20
    """Maximum wait for the detector; below API Gateway's 29 s, so that the function can answer 504 itself."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """Lowest severity of log lines that the function writes."""
    tracing: bool = False
    """X-Ray for the function, and with inference lambda for the detector's function."""

    @field_validator("detector_timeout_seconds")
    @classmethod
    def _within_the_functions_time(cls, value: int, info: ValidationInfo) -> int:
        limit = info.data.get("timeout_seconds")
        if limit is not None and value >= limit:
            raise ValueError(f"below timeoutSeconds ({limit})")
        return value


# The default account quotas are 10,000 requests/s and a burst of 5,000 a region. The provider sends a rate with six
# decimals, and for API Gateway a rate of 0 means no limit.
RateLimit = Annotated[float, Field(ge=0.01, le=10000)]
BurstLimit = Annotated[int, Field(ge=1, le=5000)]
QuotaLimit = Annotated[int, Field(ge=1, le=1_000_000_000)]
QuotaPeriod = Literal["DAY", "WEEK", "MONTH"]
ClientName = Annotated[
    str,
    Field(pattern=r"^[a-z][a-z0-9-]{0,31}$"),
    Allowed("1 to 32 of a-z, 0-9 and -, a letter first"),
]


class ClientSettings(SettingsGroup):
    """The limits of one client of the API; those that are not set are the API's."""

    rate_limit: RateLimit | None = None
    burst_limit: BurstLimit | None = None
    quota_limit: QuotaLimit | None = None
    quota_period: QuotaPeriod | None = None


class ApiSettings(SettingsGroup):
    rate_limit: RateLimit = 100
    """Requests per second, for the stage and for each API key."""
    burst_limit: BurstLimit = 200
    """Burst of requests, for the stage and for each API key."""
    quota_limit: QuotaLimit = 10_000
    """Requests per quotaPeriod for each API key; 10,000 last 100 s at the full rate."""
    quota_period: QuotaPeriod = "DAY"
    api_keys: bool = False
    """Every route requires the header x-api-key. Without keys, only the stage's throttling has an effect."""
    clients: Annotated[
        dict[ClientName, ClientSettings], Allowed("an object from a client's name to its limits, such as {web: {}}")
    ] = Field(default={})
    """With apiKeys: each client has its own key and usage plan; its rateLimit, burstLimit, quotaLimit and quotaPeriod
    are the API's unless set here. Without clients there is one key."""
    execution_log_level: Literal["OFF", "ERROR", "INFO"] = "INFO"
    """Needs the account's CloudWatch role, like the access log: see accountLoggingRole."""
    account_logging_role: bool = False
    """Create API Gateway's CloudWatch role. There is one per account and region, so set it in at most one stage of an
    account. The role is kept when the stage is destroyed."""
    tracing: bool = False
    """X-Ray for the API's stage."""

    @field_validator("clients")
    @classmethod
    def _with_keys(cls, value: dict[str, ClientSettings], info: ValidationInfo) -> dict[str, ClientSettings]:
        if value and info.data.get("api_keys") is False:
            raise ValueError("absent if apiKeys is false: a usage plan limits by key")
        return value


class EndpointSettings(SettingsGroup):
    model_version: ModelVersion | None = None
    """The served retrained model, published under models/<version>/; make retrain sets it. Without it, the model of
    this repository is served."""
    instance_type: EndpointInstanceType = "ml.c5.xlarge"
    """Instance type of the endpoint."""
    min_instances: Annotated[int, Field(ge=1, le=100)] = 1
    """Minimum number of instances; a real-time endpoint always has at least one."""
    max_instances: Annotated[int, Field(ge=1, le=100)] = 3
    """Maximum number of instances for autoscaling."""
    initial_instances: Annotated[int, Field(ge=1, le=100)] = 1
    """Instances at creation; after that, autoscaling controls their number."""
    target_invocations_per_minute: Annotated[float, Field(gt=0, le=1_000_000)] = 70
    """Autoscaling's target of invocations per minute and instance. The document's 70 adds instances at 1.2 plans per
    second each. make capacity prints half of what an instance can do: its measured plans/s x 60 x 0.5."""
    scale_in_cooldown_seconds: Annotated[int, Field(ge=0, le=3600)] = 300
    """Wait after removing an instance before removing the next."""
    scale_out_cooldown_seconds: Annotated[int, Field(ge=0, le=3600)] = 60
    """Wait after adding an instance before adding the next."""
    latency_scale_out_instances: Annotated[int, Field(ge=1, le=10)] = 1
    """Number of instances that the HighLatency alarm adds each time."""
    confidence_threshold: Fraction = DEFAULT_CONFIDENCE_THRESHOLD
    """Boxes below it are dropped, with every kind of inference."""
    iou_threshold: Fraction = DEFAULT_IOU_THRESHOLD
    """A box that overlaps a more confident one by more than this IoU loses confidence, with every kind of inference."""
    views: Views = DEFAULT_VIEWS
    """Mirrored views of each plan that are averaged, with every kind of inference. Each costs a forward pass."""
    startup_timeout_seconds: Annotated[int, Field(ge=60, le=3600)] = 300
    """Maximum time from the container's start to its first successful ping."""
    # Ranges of the blue/green policy:
    # https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_BlueGreenUpdatePolicy.html
    bake_seconds: Annotated[int, Field(ge=0, le=3600)] = 300
    """Time for which the rollback alarms are watched after the traffic has moved to the new fleet."""
    termination_wait_seconds: Annotated[int, Field(ge=0, le=3600)] = 120
    """Time for which the old fleet is kept after that."""
    # The provider waits 60 minutes for an endpoint, including a rollback:
    # https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/sagemaker_endpoint
    update_timeout_seconds: Annotated[int, Field(ge=600, le=3300)] = 3000
    """Maximum time of an update, after which SageMaker rolls back to the old fleet."""

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
        waits = [info.data.get(key) for key in ("startup_timeout_seconds", "bake_seconds", "termination_wait_seconds")]
        needed = sum(wait for wait in waits if wait is not None)
        if None not in waits and value <= needed:
            raise ValueError(f"above startupTimeoutSeconds + bakeSeconds + terminationWaitSeconds ({needed})")
        return value


class ServerlessSettings(SettingsGroup):
    """The endpoint if inference is serverless.

    Ranges: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariantServerlessConfig.html
    """

    memory_mb: Annotated[int, Field(ge=1024, le=6144, multiple_of=1024)] = 4096
    """With inference serverless: memory of each container; its CPU share grows with it."""
    max_concurrency: Annotated[int, Field(ge=1, le=200)] = 10
    """With inference serverless: maximum concurrent requests; more are answered with 503 and Retry-After. An account's
    quota applies to all its serverless endpoints in a region together."""


class DetectorFunctionSettings(SettingsGroup):
    """The detector if inference is lambda. Its time limit is the API's wait: function.detectorTimeoutSeconds."""

    # 1,769 MB are one vCPU: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
    # A new account's functions get 3,008 MB at most: https://github.com/aws/aws-dotnet-deploy/issues/684
    memory_mb: Annotated[int, Field(ge=512, le=10240)] = 3008
    """With inference lambda: the detector's memory; every 1769 MB give one vCPU."""
    reserved_concurrency: Annotated[int, Field(ge=1, le=1000), Allowed("an integer from 1 to 1000")] | None = None
    """With inference lambda: maximum concurrent calls of the detector, reserved from the account's limit; more are
    answered with 503 and Retry-After. Without it, the detector uses what the account has free."""


class HyperparameterSettings(SettingsGroup, Hyperparameters):
    """The training image's hyperparameters; the job gets them as strings, under their snake_case names."""


class TrainingSettings(SettingsGroup):
    instance_type: TrainingInstanceType = "ml.g4dn.xlarge"
    """Instance type of a training job."""
    instance_count: Annotated[int, Field(ge=1, le=20)] = 1
    """Instances of a training job."""
    volume_size_gb: Annotated[int, Field(ge=1, le=16384)] = 100
    """EBS volume; ignored by types with NVMe disks, such as ml.g4dn."""
    max_runtime_seconds: Annotated[int, Field(ge=60, le=2_419_200)] = 86_400
    """Maximum time of training, up to 28 days."""
    managed_spot: bool = False
    """Train on spare capacity; an interrupted job resumes from its last checkpoint."""
    max_wait_seconds: Annotated[int, Field(ge=60, le=2_419_200)] = 172_800
    """With managedSpot: maximum time from the job's creation to its end."""
    manage_log_group: bool = False
    """Own the log group /aws/sagemaker/TrainingJobs. There is one per account: set it in at most one stage."""
    hyperparameters: HyperparameterSettings = HyperparameterSettings()

    @field_validator("max_wait_seconds")
    @classmethod
    def _not_below_runtime(cls, value: int, info: ValidationInfo) -> int:
        return _not_below(value, info, "max_runtime_seconds") if info.data.get("managed_spot") else value


class RetrainingSettings(SettingsGroup):
    margin: Fraction = 0.005
    """Minimum gain in mAP50-95 on the validation channel for a new model to count as better than the deployed one."""
    tolerance: Fraction = 0.01
    """Loss of precision and recall at endpoint.confidenceThreshold with which a new model may still count as better."""
    evaluation_instance_type: ProcessingInstanceType = "ml.m5.xlarge"
    """Instance type of the job that compares the two models."""
    evaluation_volume_size_gb: Annotated[int, Field(ge=1, le=16384)] = 30
    """EBS volume of the comparison, for the validation channel and both models."""
    evaluation_max_runtime_seconds: Annotated[int, Field(ge=60, le=86_400)] = 3600
    """Maximum time of the comparison."""
    execution_log_level: Literal["OFF", "ERROR", "ALL"] = "OFF"
    """Log level of the executions, in addition to the history that Step Functions keeps for 90 days. It needs
    permissions that AWS can only give for all log deliveries of an account."""
    tracing: bool = False
    """X-Ray for the executions."""
    manage_log_group: bool = False
    """Own the log group /aws/sagemaker/ProcessingJobs. There is one per account: set it in at most one stage."""


class BatchSettings(SettingsGroup):
    instance_type: TransformInstanceType = "ml.c5.xlarge"
    """Instance type of a transform job of bulk processing."""
    instances: Annotated[int, Field(ge=1, le=100)] = 1
    """Number of instances of a transform job, which share its plans."""
    concurrent_jobs: Annotated[int, Field(ge=1, le=20)] = 1
    """Maximum transform jobs of one run at a time."""
    plans_per_job: Annotated[int, Field(ge=1, le=100_000)] = 10_000
    """Maximum plans of a transform job; a smaller job starts only when there are no more plans."""
    # SageMaker's limit is 100 MB at once, and a plan may have 6.
    max_concurrent_transforms: Annotated[int | None, Field(ge=1, le=16)] = None
    """Concurrent plans per instance. Without it, SageMaker asks the container, which knows its cores."""
    # https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ModelClientConfig.html
    invocation_timeout_seconds: Annotated[int, Field(ge=1, le=3600)] = 60
    """Maximum wait for the answer to one plan."""
    invocation_retries: Annotated[int, Field(ge=0, le=3)] = 3
    """How often a plan that got no answer is sent again within a job."""
    manage_log_group: bool = False
    """Own the log group /aws/sagemaker/TransformJobs. There is one per account: set it in at most one stage."""


class Subscription(SettingsGroup):
    """Who is notified of alarms."""

    protocol: Literal["email", "https"]
    endpoint: Annotated[str, Allowed("an address with @ for email, a URL with https:// for https")]

    @field_validator("endpoint")
    @classmethod
    def _fits_protocol(cls, value: str, info: ValidationInfo) -> str:
        protocol = info.data.get("protocol")
        if protocol == "email" and not re.fullmatch(r"[^\s@]+@[^\s@.]+(\.[^\s@.]+)*", value):
            raise ValueError("an e-mail address")
        if protocol == "https" and not re.fullmatch(r"https://[^\s/?#@:]+(:\d+)?([/?#]\S*)?", value):
            raise ValueError("a URL with https:// and a host")
        return value


class MonitoringSettings(SettingsGroup):
    log_retention_days: LogRetentionDays = 7
    """Retention of every log group that the stack owns; one of CloudWatch Logs' values."""
    subscriptions: Annotated[
        tuple[Subscription, ...],
        Field(strict=False),
        BeforeValidator(lambda value: () if value == "none" else value),
        Allowed("a list of subscriptions, or none"),
    ] = ()
    """Who is notified when an alarm goes off and returns to OK. Required if protect is true: a list, or none."""
    function_errors: Annotated[int, Field(ge=0, le=1_000_000)] = 5
    """HighErrorRate: more failed calls than this in 5 minutes."""
    model_latency_p95_ms: Annotated[float, Field(gt=0, lt=60_000)] = 500
    """HighLatency: the detector's p95 above this; also the limit that rolls an endpoint update back."""
    endpoint_server_errors: Annotated[int, Field(ge=0, le=1_000_000)] = 3
    """LowEndpointHealth, DetectorErrors: more 5xx or failed calls than this in 1 minute; also the limit that rolls an
    endpoint update back."""
    function_error_percent: Percent = 1
    """FunctionErrorRate: more than this share of calls failed in 5 minutes."""
    function_duration_seconds: Annotated[float, Field(gt=0, lt=900)] = 5
    """FunctionDuration: longer than this on average over 5 minutes."""
    function_throttles: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    """FunctionThrottles, DetectorThrottles: more refused calls than this in 5 minutes."""
    endpoint_client_error_percent: Percent = 1
    """EndpointClientErrorRate: more than this share of 4xx in 5 minutes."""
    endpoint_server_error_percent: Percent = 0.1
    """EndpointServerErrorRate: more than this share of 5xx in 5 minutes."""
    endpoint_cpu_percent: Percent = 70
    """EndpointCpu: more than this share of all vCPUs together; the metric itself goes up to 100 % per vCPU."""
    table_throttles: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    """TableReadThrottles, TableWriteThrottles: more refused reads or writes than this in 5 minutes."""
    table_system_errors: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    """TableSystemErrors: more failures inside DynamoDB than this in 5 minutes."""
    api_client_error_percent: Percent = 5
    """ApiClientErrorRate: more than this share of 4xx answers in 5 minutes."""
    api_server_error_percent: Percent = 1
    """ApiServerErrorRate: more than this share of 5xx answers in 5 minutes."""
    api_latency_p95_seconds: Annotated[float, Field(gt=0, lt=29)] = 10
    """ApiLatency: p95 above this over 5 minutes."""

    @field_validator("subscriptions")
    @classmethod
    def _each_once(cls, value: tuple[Subscription, ...]) -> tuple[Subscription, ...]:
        # SNS allows each protocol and endpoint once per topic: two resources would be the same subscription.
        if len(set(value)) < len(value):
            raise ValueError("a list without duplicates")
        return value
