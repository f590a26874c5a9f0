"""The function in a small AWS of its own: moto for S3 and DynamoDB, a detector that does as it is told."""

import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config

from runtime.environment import Environment
from runtime.handler import Function
from runtime.stores import blueprint_records, image_store
from tests.runtime.contract import check_answer
from tests.runtime.events import Context, process_event, status_event, upload_event
from tests.runtime.pictures import base64_text, encoded, plan
from tests.runtime.servers import AwsServer, DetectorServer

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_s3.client import S3Client

BUCKET = "blueprints-under-test"
TABLE = "status-under-test"
ENDPOINT = "detector-under-test"
DETECTOR_FUNCTION = "detector-function-under-test"
# What a function has instead, where its detector is a function: `caller(**DETECTED_BY_A_FUNCTION)`.
DETECTED_BY_A_FUNCTION = {"SAGEMAKER_ENDPOINT": "", "DETECTOR_FUNCTION": DETECTOR_FUNCTION}
FUNCTION_TIMEOUT_SECONDS = 60
PATIENCE_SECONDS = 60

CONFIGURATION = {
    "S3_BUCKET": BUCKET,
    "DYNAMODB_TABLE": TABLE,
    "SAGEMAKER_ENDPOINT": ENDPOINT,
    "ALLOWED_ORIGIN": "*",
    "FUNCTION_TIMEOUT_SECONDS": str(FUNCTION_TIMEOUT_SECONDS),
    "RECORD_TTL_DAYS": "30",
    "DETECTOR_TIMEOUT_SECONDS": "20",
    "TRACING": "false",
    "LOG_LEVEL": "INFO",
    "POWERTOOLS_SERVICE_NAME": "room-detection",
    "POWERTOOLS_METRICS_NAMESPACE": "RoomDetection",
    "STAGE": "test",
}


@dataclass(frozen=True)
class Answer:
    """An answer of the function that keeps the contract."""

    status: int
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def code(self) -> str:
        """The error's code."""
        return self.body["error"]["code"]

    @property
    def message(self) -> str:
        """The error's message."""
        return self.body["error"]["message"]


class Caller:
    """A client of the function. Every answer is checked against `openapi.yaml` on its way."""

    def __init__(self, function: Function) -> None:
        self._function = function

    def send(self, event: dict[str, Any]) -> Answer:
        """Send any event."""
        answer = self._function.handle_request(event, Context())
        check_answer(str(event.get("httpMethod")), str(event.get("resource")), answer)
        return Answer(answer["statusCode"], answer["headers"], json.loads(answer["body"]))

    def upload(self, content: bytes | None = None) -> Answer:
        """Upload an image file (default: a small plan)."""
        return self.send(upload_event(base64_text(encoded(plan()) if content is None else content)))

    def uploaded_id(self, content: bytes | None = None) -> str:
        """The id of a fresh upload."""
        answer = self.upload(content)
        assert answer.status == 200, answer
        return answer.body["blueprint_id"]

    def process(self, blueprint_id: str, **fields: object) -> Answer:
        """Have a blueprint processed."""
        return self.send(process_event(blueprint_id, **fields))

    def status(self, blueprint_id: str) -> Answer:
        """Ask for a blueprint's status."""
        return self.send(status_event(blueprint_id))


class Records:
    """The table behind the function's back."""

    def __init__(self, client: "DynamoDBClient") -> None:
        self._client = client

    def attributes(self, blueprint_id: str) -> dict[str, Any]:
        """The item as DynamoDB holds it, empty when there is none."""
        return self._client.get_item(TableName=TABLE, Key={"blueprint_id": {"S": blueprint_id}}).get("Item", {})

    def set_number(self, blueprint_id: str, name: str, value: int) -> None:
        """Overwrite one numeric attribute."""
        self._client.update_item(
            TableName=TABLE,
            Key={"blueprint_id": {"S": blueprint_id}},
            UpdateExpression="SET #name = :value",
            ExpressionAttributeNames={"#name": name},
            ExpressionAttributeValues={":value": {"N": str(value)}},
        )

    def forget(self, blueprint_id: str, *names: str) -> None:
        """Take attributes from the record."""
        self._client.update_item(
            TableName=TABLE,
            Key={"blueprint_id": {"S": blueprint_id}},
            UpdateExpression="REMOVE " + ", ".join(f"#{name}" for name in names),
            ExpressionAttributeNames={f"#{name}": name for name in names},
        )

    def expire(self, blueprint_id: str) -> None:
        """Put the record's expiry into the past."""
        self.set_number(blueprint_id, "ttl", int(time.time()) - 1)

    def age(self, blueprint_id: str) -> None:
        """Make the record's last change older than the function can live."""
        self.set_number(blueprint_id, "updated_at", int(time.time()) - FUNCTION_TIMEOUT_SECONDS - 2)


@pytest.fixture(scope="session")
def _aws_server() -> Iterator[AwsServer]:
    server = AwsServer()
    yield server
    server.close()


@pytest.fixture(scope="session")
def _session() -> boto3.Session:
    return boto3.Session(aws_access_key_id="testing", aws_secret_access_key="testing", region_name="us-east-2")


@pytest.fixture(scope="session")
def s3(_aws_server: AwsServer, _session: boto3.Session) -> "S3Client":
    """S3, with the bucket, behind the function's back."""
    client = _session.client("s3", endpoint_url=_aws_server.url)
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "us-east-2"})
    return client


@pytest.fixture(scope="session")
def records(_aws_server: AwsServer, _session: boto3.Session) -> Records:
    """The table, for arranging what time would bring about and for looking behind the API."""
    client = _session.client("dynamodb", endpoint_url=_aws_server.url)
    client.create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "blueprint_id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "blueprint_id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return Records(client)


@pytest.fixture(scope="session")
def _detector_server() -> Iterator[DetectorServer]:
    server = DetectorServer()
    yield server
    server.close()


@pytest.fixture
def aws(_aws_server: AwsServer) -> Iterator[AwsServer]:
    """S3 and DynamoDB, with the faults that a test adds and that end with it."""
    yield _aws_server
    _aws_server.faults.clear()
    _aws_server.lost_answers.clear()


@pytest.fixture
def detector(_detector_server: DetectorServer) -> DetectorServer:
    """The endpoint, and the function in its place, answering two rooms until told otherwise."""
    _detector_server.reset()
    return _detector_server


@pytest.fixture(scope="session")
def function_variables(
    _aws_server: AwsServer, _detector_server: DetectorServer, s3: "S3Client", records: Records
) -> dict[str, str]:
    """The environment variables of the function's process; the bucket and the table that they name are there."""
    return {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-2",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_ENDPOINT_URL": _aws_server.url,
        "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": _detector_server.url,
        "AWS_ENDPOINT_URL_LAMBDA": _detector_server.url,
        **CONFIGURATION,
    }


@pytest.fixture
def process_environment(
    monkeypatch: pytest.MonkeyPatch, function_variables: dict[str, str], aws: AwsServer, detector: DetectorServer
) -> None:
    """The function's variables in this process: boto3 reads its own from here."""
    for name in list(os.environ):
        if name.startswith(("AWS_", "POWERTOOLS_")):
            monkeypatch.delenv(name)
    for name, value in function_variables.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="session")
def _patience() -> Iterator[None]:
    """S3 and DynamoDB may take as long as they need: on a busy machine, moto sometimes needs more than real limits."""
    patient = Config(connect_timeout=PATIENCE_SECONDS, read_timeout=PATIENCE_SECONDS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blueprint_records, "RECORD_SECONDS", PATIENCE_SECONDS)
        patch.setattr(image_store, "IMAGE_PUT_SECONDS", PATIENCE_SECONDS)
        patch.setattr(image_store, "IMAGE_GET_SECONDS", PATIENCE_SECONDS)
        for store in (blueprint_records, image_store):
            patch.setattr(store, "_CONFIG", store._CONFIG.merge(patient))
        yield


@pytest.fixture(scope="session")
def _functions(_patience: None) -> dict[Environment, Function]:
    return {}


@pytest.fixture
def caller(process_environment: None, _functions: dict[Environment, Function]) -> Callable[..., Caller]:
    """A client of a function whose configuration differs in the variables given: `caller(TRACING="true")`.

    Functions of the same configuration are one and the same, as invocations of a warm Lambda process are.
    """

    def for_configuration(**variables: str) -> Caller:
        environment = Environment.read({**CONFIGURATION, **variables})
        return Caller(_functions.setdefault(environment, Function(environment)))

    return for_configuration


@pytest.fixture
def client(caller: Callable[..., Caller]) -> Caller:
    """A client of the function as a stage configures it."""
    return caller()


@pytest.fixture
def unknown_id() -> str:
    """A UUID that no upload returned."""
    return str(uuid.uuid4())


@dataclass(frozen=True)
class ProcessReport:
    """What a process of the function did."""

    answers: list[dict[str, Any]]
    modules: set[str]
    peak_mib: float
    log: list[dict[str, Any]]
    """Its JSON lines, metrics included."""
    output: str


@pytest.fixture(scope="session")
def run_process(
    function_variables: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., ProcessReport]:
    """Answer events in a process of their own: `run_process([event, ...], TRACING="true")`."""

    def run(events: list[dict[str, Any]], **variables: str) -> ProcessReport:
        report = tmp_path_factory.mktemp("function") / "report.json"
        finished = subprocess.run(
            [sys.executable, "-m", "tests.runtime.function_process", str(report)],
            input=json.dumps(events),
            env={"PATH": os.environ["PATH"], **function_variables, **variables},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=False,
        )
        assert finished.returncode == 0, finished.stderr
        content = json.loads(report.read_text())
        return ProcessReport(
            answers=content["answers"],
            modules=set(content["modules"]),
            peak_mib=content["peak_kib"] / 1024,
            log=[json.loads(line) for line in finished.stdout.splitlines()],
            output=finished.stdout + finished.stderr,
        )

    return run
