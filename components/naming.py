"""The names of a stage's resources in AWS, and the ARNs that follow from the names.

Names are made only here, and every name that must be unique in an account contains the stage. Where possible, ARNs are
built from names instead of read from the created resource, so that a preview shows policies before anything exists.
"""

import re
from dataclasses import dataclass
from typing import Literal, assert_never

# The bucket's folders.
BLUEPRINTS_PREFIX = "blueprints/"
TRAINING_PREFIX = "training/"
VALIDATION_PREFIX = "validation/"
MODELS_PREFIX = "models/"
# Output of training jobs, apart from published models: a job cannot replace what the endpoint serves.
TRAINING_OUTPUT_PREFIX = "models/jobs/"
CHECKPOINTS_PREFIX = "models/checkpoints/"
# Output of the retraining's evaluation, and the versions that it publishes: `models/retrained-<date>-<time>/`.
EVALUATIONS_PREFIX = "models/evaluations/"
RETRAINED_VERSION = "retrained-"
RETRAINED_PREFIX = f"{MODELS_PREFIX}{RETRAINED_VERSION}"
# Uploads of bulk processing, including manifests, and the answers of its jobs.
BATCH_PREFIX = "batch/"
BATCH_INPUT_PREFIX = f"{BATCH_PREFIX}input/"
BATCH_OUTPUT_PREFIX = f"{BATCH_PREFIX}output/"

# Shared by all processing jobs of an account and region, like that of training jobs.
PROCESSING_LOG_GROUP = "/aws/sagemaker/ProcessingJobs"
TRANSFORM_LOG_GROUP = "/aws/sagemaker/TransformJobs"

# What runs the detector: a real-time endpoint, a serverless one, or a function.
Inference = Literal["endpoint", "serverless", "lambda"]

# The longest name is the bucket's, 63 characters at most: "room-detection-ai-blueprints-<stage>-<12 digits>".
# A stage "inference-x" would push its training image to the repository of stage x's inference image.
STAGE_PATTERN = re.compile(r"(?!inference-)[a-z]([a-z0-9-]{0,14}[a-z0-9])?")
STAGE_RULE = "must be 1 to 16 of a-z, 0-9 and -, a letter first, no - at the end, and not inference- at the start"
ACCOUNT_ID_PATTERN = re.compile(r"\d{12}")
REGION_PATTERN = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")


def has_endpoint(inference: Inference) -> bool:
    """Whether a SageMaker endpoint runs the detector; else it is a function."""
    match inference:
        case "endpoint" | "serverless":
            return True
        case "lambda":
            return False
        case _:
            assert_never(inference)


@dataclass(frozen=True, kw_only=True)
class Names:
    """The names of one stage in one account and region.

    Attributes:
        inference: the kind of endpoint is part of its name. SageMaker cannot turn one kind into the other
            (https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html): a stage that changes gets a new
            endpoint before the old one is deleted.

    Raises:
        ValueError: the stage, the account or the region is not valid for AWS names.
    """

    stage: str
    account_id: str
    region: str
    inference: Inference = "endpoint"

    def __post_init__(self) -> None:
        if not STAGE_PATTERN.fullmatch(self.stage):
            raise ValueError(f"stage: {self.stage!r} is not allowed: {STAGE_RULE}")
        if not ACCOUNT_ID_PATTERN.fullmatch(self.account_id):
            raise ValueError(f"account_id: {self.account_id!r} is not allowed: must be 12 digits")
        if not REGION_PATTERN.fullmatch(self.region):
            raise ValueError(f"region: {self.region!r} is not allowed: must be a region's name, such as us-east-2")

    # Storage

    @property
    def bucket(self) -> str:
        return f"room-detection-ai-blueprints-{self.stage}-{self.account_id}"

    @property
    def table(self) -> str:
        return f"room-detection-status-{self.stage}"

    # Compute

    @property
    def function(self) -> str:
        return f"room-detection-ai-handler-{self.stage}"

    @property
    def function_role(self) -> str:
        return f"RoomDetectionLambdaRole-{self.stage}"

    @property
    def function_log_group(self) -> str:
        return f"/aws/lambda/{self.function}"

    @property
    def detector_function(self) -> str:
        return f"room-detection-ai-detector-{self.stage}"

    @property
    def detector_function_role(self) -> str:
        return f"RoomDetectionDetectorRole-{self.stage}"

    @property
    def detector_function_log_group(self) -> str:
        return f"/aws/lambda/{self.detector_function}"

    # API

    @property
    def api(self) -> str:
        return f"room-detection-api-{self.stage}"

    def api_client(self, client: str) -> str:
        """Name of a client's key and usage plan."""
        return f"{self.api}-{client}"

    @property
    def api_logging_role(self) -> str:
        return f"RoomDetectionApiGatewayLoggingRole-{self.stage}"

    @property
    def access_log_group(self) -> str:
        return f"/aws/apigateway/{self.api}"

    # Machine learning

    @property
    def training_repository(self) -> str:
        return f"room-detection-yolov8-{self.stage}"

    @property
    def inference_repository(self) -> str:
        return f"room-detection-yolov8-inference-{self.stage}"

    @property
    def training_role(self) -> str:
        return f"RoomDetectionSageMakerTrainingRole-{self.stage}"

    @property
    def inference_role(self) -> str:
        return f"RoomDetectionSageMakerInferenceRole-{self.stage}"

    @property
    def endpoint(self) -> str:
        match self.inference:
            case "serverless":
                kind = "serverless"
            # With a function there is no endpoint; names of what replaces it begin with this one.
            case "endpoint" | "lambda":
                kind = "endpoint"
            case _:
                assert_never(self.inference)
        return f"room-detection-yolov8-{kind}-{self.stage}"

    @property
    def served(self) -> str:
        """Prefix of the generated names of the program's models and endpoint configurations."""
        return f"room-detection-yolov8-{self.stage}"

    @property
    def endpoint_log_group(self) -> str:
        return f"/aws/sagemaker/Endpoints/{self.endpoint}"

    @property
    def training_log_group(self) -> str:
        """Shared by all training jobs of the account and region: a job cannot choose its log group in SageMaker."""
        return "/aws/sagemaker/TrainingJobs"

    @property
    def transform_job(self) -> str:
        """Name of bulk processing's jobs, without run and number."""
        return f"room-detection-{self.stage}-bulk-"

    # Retraining

    @property
    def retraining(self) -> str:
        return f"room-detection-retraining-{self.stage}"

    @property
    def retraining_role(self) -> str:
        return f"RoomDetectionRetrainingRole-{self.stage}"

    @property
    def evaluation_role(self) -> str:
        return f"RoomDetectionSageMakerEvaluationRole-{self.stage}"

    @property
    def retraining_log_group(self) -> str:
        """CloudWatch Logs lets services write to `/aws/vendedlogs/` without a resource policy for each log group."""
        return f"/aws/vendedlogs/states/{self.retraining}"

    @property
    def retrained(self) -> str:
        """Name of a run's training job, evaluation, model and endpoint configuration, without the time."""
        return f"room-detection-{self.stage}-{RETRAINED_VERSION}"

    @property
    def model_package_group(self) -> str:
        return f"room-detection-{self.stage}"

    # Deployment

    @property
    def roles_boundary(self) -> str:
        """The permissions boundary, created by `make bootstrap`, of all roles of the stage."""
        return f"room-detection-boundary-{self.stage}"

    @property
    def deploy_role(self) -> str:
        """The role with which GitHub's workflow deploys the stage."""
        return f"room-detection-deploy-{self.stage}"

    # Monitoring

    @property
    def topic(self) -> str:
        return f"room-detection-alarms-{self.stage}"

    @property
    def dashboard(self) -> str:
        return f"room-detection-{self.stage}"

    def alarm(self, alarm: str) -> str:
        return f"room-detection-{alarm}-{self.stage}"

    def scaling_policy(self, purpose: str) -> str:
        return f"room-detection-{purpose}-{self.stage}"

    # ARNs

    @property
    def partition(self) -> str:
        if self.region.startswith("cn-"):
            return "aws-cn"
        return "aws-us-gov" if self.region.startswith("us-gov-") else "aws"

    def bucket_arn(self, bucket: str) -> str:
        return f"arn:{self.partition}:s3:::{bucket}"

    def table_arn(self, table: str) -> str:
        return self._arn("dynamodb", f"table/{table}")

    def function_arn(self, function: str) -> str:
        return self._arn("lambda", f"function:{function}")

    def function_invoke_arn(self, function: str) -> str:
        """The function's ARN in the form of `x-amazon-apigateway-integration`."""
        path = f"path/2015-03-31/functions/{self.function_arn(function)}/invocations"
        return f"arn:{self.partition}:apigateway:{self.region}:lambda:{path}"

    def endpoint_arn(self, endpoint: str) -> str:
        return self._arn("sagemaker", f"endpoint/{endpoint.lower()}")

    def sagemaker_arn(self, kind: str, name: str) -> str:
        """ARN of a job, a model, an endpoint configuration or a model package; `name` may be a pattern."""
        return self._arn("sagemaker", f"{kind}/{name}")

    def state_machine_arn(self, state_machine: str) -> str:
        return self._arn("states", f"stateMachine:{state_machine}")

    def integration_arn(self, integration: str) -> str:
        """ARN of what a state machine's task calls, such as `aws-sdk:sagemaker:createModel`."""
        return f"arn:{self.partition}:states:::{integration}"

    def repository_arn(self, repository: str) -> str:
        return self._arn("ecr", f"repository/{repository}")

    def log_group_arn(self, log_group: str) -> str:
        return self._arn("logs", f"log-group:{log_group}")

    def role_arn(self, role: str) -> str:
        return f"arn:{self.partition}:iam::{self.account_id}:role/{role}"

    @property
    def roles_boundary_arn(self) -> str:
        return f"arn:{self.partition}:iam::{self.account_id}:policy/{self.roles_boundary}"

    def alarm_arn(self, alarm: str) -> str:
        return self._arn("cloudwatch", f"alarm:{alarm}")

    def api_stage_arn(self, api_id: str, stage_name: str) -> str:
        """A pattern: every method and route of one stage of an API, as the source of an invocation."""
        return self._arn("execute-api", f"{api_id}/{stage_name}/*")

    def topic_arn(self, topic: str) -> str:
        return self._arn("sns", topic)

    @property
    def dashboard_url(self) -> str:
        console = f"https://{self.region}.console.aws.amazon.com/cloudwatch/home?region={self.region}"
        return f"{console}#dashboards/dashboard/{self.dashboard}"

    def _arn(self, service: str, resource: str) -> str:
        return f"arn:{self.partition}:{service}:{self.region}:{self.account_id}:{resource}"
