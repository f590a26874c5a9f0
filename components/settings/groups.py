"""The settings of each part of the system, with the document's values as defaults, and their ranges."""

import difflib
import re
from functools import partial
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, field_validator
from pydantic.alias_generators import to_camel
from pydantic_core.core_schema import ValidationInfo

from components.instances import Use, instance_types
from components.naming import RETRAINED_VERSION
from images.inference.contract import DEFAULT_CONFIDENCE_THRESHOLD, DEFAULT_IOU_THRESHOLD, DEFAULT_VIEWS, Views
from images.training.hyperparameters import Hyperparameters
from images.validation_messages import Allowed

# API Gateway gives up on an integration after 29 s
# (https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html); what the function does beside waiting
# for the endpoint, S3 and DynamoDB included, takes less than the rest.
LONGEST_DETECTOR_TIMEOUT_SECONDS = 25
# What the function may run on: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
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
# Of an alarm, which goes off above its threshold: no share is above 100 %.
Percent = Annotated[float, Field(ge=0, lt=100)]


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


# An expired plan is an old version of its object for the shortest time that S3 has.
EXPIRED_PLAN_DAYS = 1


class StorageSettings(SettingsGroup):
    blueprint_retention_days: Annotated[int, Field(ge=1, le=3650)] = 30
    """Days until a blueprint is deleted."""
    # A job may take 5 days, and what it reads and writes has to outlast it.
    batch_retention_days: Annotated[int, Field(ge=7, le=3650)] = 14
    """Days until the plans and answers of bulk processing are deleted."""
    old_version_retention_days: Annotated[int, Field(ge=1, le=3650)] = 30
    """Days until an overwritten or deleted version of an object is gone for good; of blueprints, and of bulk
    processing's plans and answers, it is gone a day after it."""
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
    runtime: LambdaRuntime = "python3.11"
    """Lambda runtime; the function is packaged for it, with wheels for its Python. What runs here needs python3.11."""
    memory_mb: Annotated[int, Field(ge=128, le=10240)] = 512
    """Memory; the share of a CPU grows with it. Decoding takes up to `pictures.limits.DECODE_MEMORY_BYTES` of it."""
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


# The default account quotas are 10,000 requests/s and a burst of 5,000 a region. The provider sends a rate with six
# digits after the point, and API Gateway takes 0 for none at all.
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
    """The limits of one client of the API; what is not set here is as for the API."""

    rate_limit: RateLimit | None = None
    burst_limit: BurstLimit | None = None
    quota_limit: QuotaLimit | None = None
    quota_period: QuotaPeriod | None = None


class ApiSettings(SettingsGroup):
    rate_limit: RateLimit = 100
    """Requests a second, of the stage and of each API key."""
    burst_limit: BurstLimit = 200
    """Requests at once, of the stage and of each API key."""
    quota_limit: QuotaLimit = 10_000
    """Requests per quotaPeriod of each API key; 10,000 last 100 s at the full rate."""
    quota_period: QuotaPeriod = "DAY"
    api_keys: bool = False
    """Every route wants the header x-api-key. Without keys the usage plan limits nobody: the stage's throttle does."""
    clients: Annotated[
        dict[ClientName, ClientSettings], Allowed("an object from a client's name to its limits, such as {web: {}}")
    ] = Field(default={})
    """With apiKeys: each client has a key and a usage plan of its own, with rateLimit, burstLimit, quotaLimit and
    quotaPeriod where they differ from the API's. Without any there is one key."""
    execution_log_level: Literal["OFF", "ERROR", "INFO"] = "INFO"
    """Needs the account's CloudWatch role, as the access log does: see accountLoggingRole."""
    account_logging_role: bool = False
    """Create API Gateway's CloudWatch role; one per account and region, so on in one stage of an account at most. It
    stays when the stage goes."""
    tracing: bool = False
    """X-Ray for the API's stage."""

    @field_validator("clients")
    @classmethod
    def _with_keys(cls, value: dict[str, ClientSettings], info: ValidationInfo) -> dict[str, ClientSettings]:
        if value and info.data.get("api_keys") is False:
            raise ValueError("absent where apiKeys is false: a usage plan limits by key")
        return value


class EndpointSettings(SettingsGroup):
    model_version: ModelVersion | None = None
    """The retrained model that is served, published under models/<version>/; make retrain records it. Without it the
    model of this repository is served."""
    instance_type: EndpointInstanceType = "ml.c5.xlarge"
    """What the endpoint runs on."""
    min_instances: Annotated[int, Field(ge=1, le=100)] = 1
    """Fewest instances; a real-time endpoint never has none."""
    max_instances: Annotated[int, Field(ge=1, le=100)] = 3
    """Most instances to which autoscaling goes."""
    initial_instances: Annotated[int, Field(ge=1, le=100)] = 1
    """Instances at creation; autoscaling owns their number from then on."""
    target_invocations_per_minute: Annotated[float, Field(gt=0, le=1_000_000)] = 70
    """Invocations a minute and instance that autoscaling aims at. The document's 70 adds instances at 1.2 plans a
    second each; half of what an instance can do is its measured plans/s x 60 x 0.5, which make capacity prints."""
    scale_in_cooldown_seconds: Annotated[int, Field(ge=0, le=3600)] = 300
    """Wait after an instance was taken away before the next one is."""
    scale_out_cooldown_seconds: Annotated[int, Field(ge=0, le=3600)] = 60
    """Wait after an instance was added before the next one is."""
    latency_scale_out_instances: Annotated[int, Field(ge=1, le=10)] = 1
    """Instances that the HighLatency alarm adds each time."""
    confidence_threshold: Fraction = DEFAULT_CONFIDENCE_THRESHOLD
    """Boxes below it are dropped, with every inference."""
    iou_threshold: Fraction = DEFAULT_IOU_THRESHOLD
    """A box that overlaps a surer one by more than this IoU loses confidence, with every inference."""
    views: Views = DEFAULT_VIEWS
    """Mirrored views of each plan that are averaged, with every inference: better rooms for as many forward passes."""
    startup_timeout_seconds: Annotated[int, Field(ge=60, le=3600)] = 300
    """Longest time from the container's start to its first healthy ping."""
    # Ranges of the blue/green policy:
    # https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_BlueGreenUpdatePolicy.html
    bake_seconds: Annotated[int, Field(ge=0, le=3600)] = 300
    """How long the rollback alarms are watched after the traffic has moved to the new fleet."""
    termination_wait_seconds: Annotated[int, Field(ge=0, le=3600)] = 120
    """How long the old fleet is kept after that."""
    # The provider waits 60 minutes for an endpoint, and a rollback takes some of them:
    # https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/sagemaker_endpoint
    update_timeout_seconds: Annotated[int, Field(ge=600, le=3300)] = 3000
    """Longest time of an update, after which SageMaker goes back to the old fleet."""

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
    # A new account's functions get 3,008 MB at most: https://github.com/aws/aws-dotnet-deploy/issues/684
    memory_mb: Annotated[int, Field(ge=512, le=10240)] = 3008
    """With inference lambda: the detector's memory; every 1769 MB are a processor of its own."""
    reserved_concurrency: Annotated[int, Field(ge=1, le=1000), Allowed("an integer from 1 to 1000")] | None = None
    """With inference lambda: most detections at once, set aside for the detector out of the account's own limit; more
    are answered with 503 and Retry-After. Without it the detector takes what the account has free."""


class HyperparameterSettings(SettingsGroup, Hyperparameters):
    """The training image's hyperparameters; the job gets them as strings, under their snake_case names."""


class TrainingSettings(SettingsGroup):
    instance_type: TrainingInstanceType = "ml.g4dn.xlarge"
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
    hyperparameters: HyperparameterSettings = HyperparameterSettings()

    @field_validator("max_wait_seconds")
    @classmethod
    def _not_below_runtime(cls, value: int, info: ValidationInfo) -> int:
        return _not_below(value, info, "max_runtime_seconds") if info.data.get("managed_spot") else value


class RetrainingSettings(SettingsGroup):
    margin: Fraction = 0.005
    """mAP50-95 on the validation channel by which a new model has to be better than the deployed one."""
    tolerance: Fraction = 0.01
    """Precision and recall that a new model may lose at endpoint.confidenceThreshold and still count as better."""
    evaluation_instance_type: ProcessingInstanceType = "ml.m5.xlarge"
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
    manage_log_group: bool = False
    """Own /aws/sagemaker/ProcessingJobs, which an account has once: on in one stage of an account at most."""


class BatchSettings(SettingsGroup):
    instance_type: TransformInstanceType = "ml.c5.xlarge"
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
        if protocol == "email" and not re.fullmatch(r"[^\s@]+@[^\s@.]+(\.[^\s@.]+)*", value):
            raise ValueError("an e-mail address")
        if protocol == "https" and not re.fullmatch(r"https://[^\s/?#@:]+(:\d+)?([/?#]\S*)?", value):
            raise ValueError("a URL with https:// and a host")
        return value


class MonitoringSettings(SettingsGroup):
    log_retention_days: LogRetentionDays = 7
    """Of every log group that the stack owns; the values that CloudWatch Logs takes."""
    subscriptions: Annotated[
        tuple[Subscription, ...],
        Field(strict=False),
        BeforeValidator(lambda value: () if value == "none" else value),
        Allowed("a list of subscriptions, or none"),
    ] = ()
    """Who is told when an alarm goes off and when it is over. Where protect is true it has to be said: a list, or
    none."""
    function_errors: Annotated[int, Field(ge=0, le=1_000_000)] = 5
    """HighErrorRate: more failed calls than this in 5 minutes."""
    model_latency_p95_ms: Annotated[float, Field(gt=0, lt=60_000)] = 500
    """HighLatency: the detector's p95 above this; also the limit that rolls an endpoint update back."""
    endpoint_server_errors: Annotated[int, Field(ge=0, le=1_000_000)] = 3
    """LowEndpointHealth, DetectorErrors: more 5xx or failed calls than this in 1 minute; also the limit that rolls an
    endpoint update back."""
    function_error_percent: Percent = 1
    """FunctionErrorRate: a larger share of the calls failed in 5 minutes."""
    function_duration_seconds: Annotated[float, Field(gt=0, lt=900)] = 5
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
    api_latency_p95_seconds: Annotated[float, Field(gt=0, lt=29)] = 10
    """ApiLatency: the p95 of 5 minutes above this."""

    @field_validator("subscriptions")
    @classmethod
    def _each_once(cls, value: tuple[Subscription, ...]) -> tuple[Subscription, ...]:
        # SNS has a protocol and endpoint once a topic: two resources would be one subscription.
        if len(set(value)) < len(value):
            raise ValueError("a list in which each subscription stands once")
        return value
