"""Executes the retraining's state machine on moto's interpreter, beside SageMaker and S3 of moto's.

What moto lacks is filled in here, so it is not tested: jobs that take time, fail and write to S3, and UpdateEndpoint.
The interpreter is imported by the first execution.
"""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from moto import mock_aws
from moto.core.responses import ActionResult
from moto.sagemaker.exceptions import ValidationError
from moto.sagemaker.models import SageMakerModelBackend
from moto.sagemaker.responses import SageMakerResponse

REGION = "us-east-2"
BUCKET = "room-detection-ai-blueprints-dev-123456789012"
ENDPOINT = "room-detection-yolov8-endpoint-dev"
SERVERLESS_ENDPOINT = "room-detection-yolov8-serverless-dev"
DEPLOYED_CONFIG = "room-detection-yolov8-dev-config-1a2b3c4"
DEPLOYED_DATA = f"s3://{BUCKET}/models/{'a' * 64}/model.tar.gz"
OTHER_CONFIG = "room-detection-dev-retrained-20260101-000000"
OTHER_DATA = f"s3://{BUCKET}/models/retrained-20260101-000000/model.tar.gz"
MACHINE = "room-detection-retraining-dev"
TOPIC = "room-detection-alarms-dev"
ROLE = "arn:aws:iam::123456789012:role/a-role"
BETTER = {"better": True, "reason": "mAP50-95 0.7000 -> 0.8000", "candidate": {}, "deployed": {}}
NOT_BETTER = BETTER | {"better": False, "reason": "mAP50-95 0.8000 -> 0.7000: must be higher"}
# A hanging execution is a failure, not a wait for ever.
_DEADLINE_SECONDS = 60


@dataclass
class Course:
    """How SageMaker's part goes: what each look sees, the last for ever, and what the comparison writes.

    An update that ends in service without `rolled_back` serves the new configuration. With `other_served`, another
    model is served once the comparison has begun; with `training_start_lost`, the job starts but its call fails.
    """

    training: Sequence[Mapping[str, str]] = ({"TrainingJobStatus": "Completed"},)
    evaluation: Sequence[Mapping[str, str]] = ({"ProcessingJobStatus": "Completed"},)
    update: Sequence[str] = ("InService",)
    rolled_back: bool = False
    comparison: Any = field(default_factory=lambda: BETTER)
    training_report: bool = True
    other_served: bool = False
    training_start_lost: bool = False


@dataclass(frozen=True)
class Execution:
    """An execution that has ended: how, the states in order, and each state's last request and input."""

    arn: str
    status: str
    error: str | None
    cause: str | None
    output: Any
    states: list[str]
    requests: Mapping[str, Any]


class Account:
    """The embedded account with an endpoint of each kind that serves, and the topic's messages in a queue."""

    def __init__(self) -> None:
        self.s3 = _client_for(REGION, "s3")
        self.sagemaker = _client_for(REGION, "sagemaker")
        self.states = _client_for(REGION, "stepfunctions")
        self._sqs = _client_for(REGION, "sqs")
        self.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        sns = _client_for(REGION, "sns")
        topic = sns.create_topic(Name=TOPIC)["TopicArn"]
        self._queue = self._sqs.create_queue(QueueName="on-call")["QueueUrl"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:{REGION}:123456789012:on-call")
        container = {"Image": "an-image", "ModelDataUrl": DEPLOYED_DATA}
        self.sagemaker.create_model(ModelName="deployed", ExecutionRoleArn=ROLE, PrimaryContainer=container)
        self._serve(ENDPOINT, DEPLOYED_CONFIG, {"InstanceType": "ml.c5.xlarge", "InitialInstanceCount": 1})
        serverless = {"ServerlessConfig": {"MemorySizeInMB": 4096, "MaxConcurrency": 10}}
        self._serve(SERVERLESS_ENDPOINT, "room-detection-yolov8-dev-serverless-1a2b3c4", serverless)

    def _serve(self, endpoint: str, config: str, capacity: Mapping[str, Any]) -> None:
        variant = {"VariantName": "AllTraffic", "ModelName": "deployed", **capacity}
        self.sagemaker.create_endpoint_config(EndpointConfigName=config, ProductionVariants=[variant])
        self.sagemaker.create_endpoint(EndpointName=endpoint, EndpointConfigName=config)

    def messages(self) -> list[tuple[str, str]]:
        """Subject and text of what the topic's subscribers got."""
        received = self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10).get("Messages", [])
        bodies = [json.loads(message["Body"]) for message in received]
        return [(body["Subject"], body["Message"]) for body in bodies]

    def objects(self, prefix: str) -> dict[str, bytes]:
        found = self.s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
        return {item["Key"]: self.s3.get_object(Bucket=BUCKET, Key=item["Key"])["Body"].read() for item in found}

    def served_config(self) -> str:
        return self.sagemaker.describe_endpoint(EndpointName=ENDPOINT)["EndpointConfigName"]

    def create(self, definition: Mapping[str, Any]) -> str:
        machine = self.states.create_state_machine(name=MACHINE, definition=json.dumps(definition), roleArn=ROLE)
        return machine["stateMachineArn"]

    def execute(self, definition: Mapping[str, Any], overrides: Any = None) -> Execution:
        """Runs the definition to its end, with its pauses left out."""
        arn = self.states.start_execution(
            stateMachineArn=self.create(hurried(definition)), input=json.dumps({} if overrides is None else overrides)
        )["executionArn"]
        deadline = time.monotonic() + _DEADLINE_SECONDS
        while (execution := self.states.describe_execution(executionArn=arn))["status"] == "RUNNING":
            assert time.monotonic() < deadline, f"{arn} does not end"
            time.sleep(0.02)
        return self._ended(arn, execution)

    def _ended(self, arn: str, execution: Mapping[str, Any]) -> Execution:
        from tests.components.retraining import interpreter

        events = interpreter.history("123456789012", REGION, arn)
        states, requests = [], {}
        for event in events:
            if details := event.get("stateEnteredEventDetails"):
                states.append(details["name"])
            if details := event.get("taskScheduledEventDetails"):
                requests[states[-1]] = json.loads(details["parameters"])
        return Execution(
            arn=arn,
            status=execution["status"],
            error=execution.get("error"),
            cause=execution.get("cause"),
            output=json.loads(execution.get("output") or "null"),
            states=states,
            requests=requests,
        )


def _client_for(region: str, service: str) -> Any:
    from tests.components.retraining import interpreter

    return interpreter.client_for(region, service)


def hurried(definition: Mapping[str, Any]) -> dict[str, Any]:
    """The definition without its pauses: no wait between two looks, no second try of what has failed."""
    states = {
        name: {key: 0 if key == "Seconds" else value for key, value in state.items() if key != "Retry"}
        for name, state in definition["States"].items()
    }
    return {**definition, "States": states}


@contextmanager
def embedded_account(monkeypatch: pytest.MonkeyPatch, course: Course) -> Iterator[Account]:
    """moto with its interpreter switched on, and SageMaker on the given course."""
    from tests.components.retraining import interpreter

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    interpreter.mend(monkeypatch)
    _run_jobs(monkeypatch, course)
    _update_endpoints(monkeypatch, course)
    with mock_aws(config={"stepfunctions": {"execute_state_machine": True}}):
        yield Account()


def _run_jobs(monkeypatch: pytest.MonkeyPatch, course: Course) -> None:
    _run_training(monkeypatch, course)
    _run_evaluation(monkeypatch, course)
    # moto only stops jobs of the other kind.
    monkeypatch.setattr(SageMakerResponse, "stop_training_job", lambda self: ActionResult({}), raising=False)


def _run_training(monkeypatch: pytest.MonkeyPatch, course: Course) -> None:
    looks, last = iter(course.training), course.training[-1]
    train, describe = SageMakerModelBackend.create_training_job, SageMakerModelBackend.describe_training_job

    def create_training_job(self: Any, training_job_name: str, *args: Any, **kwargs: Any) -> Any:
        _put(f"models/jobs/{training_job_name}/output/model.tar.gz", b"the new model")
        if course.training_report:
            _put(f"models/jobs/{training_job_name}/output/output.tar.gz", b"its metrics")
        job = train(self, training_job_name, *args, **kwargs)
        if course.training_start_lost:
            raise ValidationError(message="the answer was lost")
        return job

    def describe_training_job(self: Any, name: str) -> Any:
        return {**describe(self, name), **next(looks, last)}

    for function in (create_training_job, describe_training_job):
        monkeypatch.setattr(SageMakerModelBackend, function.__name__, function)


def _run_evaluation(monkeypatch: pytest.MonkeyPatch, course: Course) -> None:
    looks, last = iter(course.evaluation), course.evaluation[-1]
    evaluate, describe = SageMakerModelBackend.create_processing_job, SageMakerModelBackend.describe_processing_job

    def create_processing_job(self: Any, *args: Any, **kwargs: Any) -> Any:
        if course.comparison is not None:
            name = kwargs["processing_job_name"]
            _put(f"models/evaluations/{name}/comparison.json", json.dumps(course.comparison).encode())
        if course.other_served:
            _serve_another_model(self)
        return evaluate(self, *args, **kwargs)

    def describe_processing_job(self: Any, name: str) -> Any:
        return {**describe(self, name), **next(looks, last)}

    for function in (create_processing_job, describe_processing_job):
        monkeypatch.setattr(SageMakerModelBackend, function.__name__, function)


def _put(key: str, body: bytes) -> None:
    _client_for(REGION, "s3").put_object(Bucket=BUCKET, Key=key, Body=body)


def _serve_another_model(backend: Any) -> None:
    sagemaker = _client_for(REGION, "sagemaker")
    container = {"Image": "an-image", "ModelDataUrl": OTHER_DATA}
    sagemaker.create_model(ModelName="other", ExecutionRoleArn=ROLE, PrimaryContainer=container)
    variant = {"VariantName": "AllTraffic", "ModelName": "other", "InstanceType": "ml.c5.xlarge"}
    sagemaker.create_endpoint_config(
        EndpointConfigName=OTHER_CONFIG, ProductionVariants=[variant | {"InitialInstanceCount": 1}]
    )
    backend.endpoints[ENDPOINT].endpoint_config_name = OTHER_CONFIG


def _update_endpoints(monkeypatch: pytest.MonkeyPatch, course: Course) -> None:
    describe = SageMakerModelBackend.describe_endpoint
    updating: dict[str, Iterator[str]] = {}
    wanted: dict[str, str] = {}

    def update_endpoint(self: Any) -> ActionResult:
        name = self._get_param("EndpointName")
        updating[name], wanted[name] = iter(course.update), self._get_param("EndpointConfigName")
        return ActionResult({"EndpointArn": f"arn:aws:sagemaker:{REGION}:123456789012:endpoint/{name}"})

    def describe_endpoint(self: Any, endpoint_name: str) -> Any:
        if endpoint_name in updating:
            endpoint = self.endpoints[endpoint_name]
            endpoint.endpoint_status = next(updating[endpoint_name], course.update[-1])
            if endpoint.endpoint_status == "InService" and not course.rolled_back:
                endpoint.endpoint_config_name = wanted[endpoint_name]
        return describe(self, endpoint_name)

    monkeypatch.setattr(SageMakerResponse, "update_endpoint", update_endpoint, raising=False)
    monkeypatch.setattr(SageMakerModelBackend, "describe_endpoint", describe_endpoint)
