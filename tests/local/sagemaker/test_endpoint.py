"""An endpoint is what the embedded AWS says it is, and is started again when its process ends."""

import io
import tarfile
import time
from collections.abc import Callable
from pathlib import Path

import boto3
import psutil
import pytest
from botocore.exceptions import ClientError

from local.account.inputs import UnsupportedError
from local.sagemaker.endpoint import Endpoint
from local.sagemaker.model_container import ContainerError
from local.stack import LocalStack
from tests.local.http_calls import call
from tests.local.loop_thread import LoopThread

pytestmark = pytest.mark.whole

REPOSITORY = "123456789012.dkr.ecr.us-east-2.amazonaws.com/"


@pytest.fixture
def endpoint(small_stack: LocalStack, tmp_path: Path) -> Callable[..., Endpoint]:
    """Creates model, configuration and endpoint in the small stage's AWS, and gives the endpoint, not yet started."""

    def create(name: str, *, image: str, model_data: bytes | None) -> Endpoint:
        sagemaker, s3, iam = (small_stack.aws.client(service) for service in ("sagemaker", "s3", "iam"))
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "us-east-2"})
        if model_data is not None:
            s3.put_object(Bucket=name, Key="model.tar.gz", Body=model_data)
        container = {"Image": f"{REPOSITORY}{image}", "ModelDataUrl": f"s3://{name}/model.tar.gz"}
        sagemaker.create_model(ModelName=name, ExecutionRoleArn=role, PrimaryContainer=container)
        variant = {"VariantName": "main", "ModelName": name, "InitialInstanceCount": 1, "InstanceType": "ml.c5.xlarge"}
        sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
        sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
        return Endpoint(name, aws=small_stack.aws, directory=tmp_path)

    return create


async def _try(endpoint: Endpoint) -> None:
    endpoint.start()
    try:
        await endpoint.in_service()
    finally:
        await endpoint.stop()


def empty_archive() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz"):
        pass
    return buffer.getvalue()


def test_an_image_that_is_not_the_projects_is_named(endpoint: Callable[..., Endpoint], loop_thread: LoopThread) -> None:
    with pytest.raises(
        UnsupportedError, match=r"endpoint other-image: image .*/somebodys-model:latest cannot run here"
    ):
        loop_thread.run(_try(endpoint("other-image", image="somebodys-model:latest", model_data=None)))


def test_a_missing_model_archive_is_named(endpoint: Callable[..., Endpoint], loop_thread: LoopThread) -> None:
    image = "room-detection-yolov8-inference-local:local"
    with pytest.raises(ContainerError, match=r"endpoint no-archive: its model cannot be fetched: .*NoSuchKey"):
        loop_thread.run(_try(endpoint("no-archive", image=image, model_data=None)))


def test_the_output_of_a_process_that_ends_at_its_start_is_quoted(
    endpoint: Callable[..., Endpoint], loop_thread: LoopThread
) -> None:
    image = "room-detection-yolov8-inference-local:local"
    with pytest.raises(
        ContainerError, match=r"(?s)endpoint no-model: its process ended before it answered /ping.*onnx"
    ):
        loop_thread.run(_try(endpoint("no-model", image=image, model_data=empty_archive())))


def _process(stack: LocalStack) -> psutil.Process:
    (process,) = [
        child
        for child in psutil.Process().children(recursive=True)
        if "images.inference" in child.cmdline() and str(stack.directory) in str(child.environ().get("HOME"))
    ]
    return process


def test_an_endpoint_listens_on_the_loopback_interface_only(stack: LocalStack) -> None:
    assert {connection.laddr.ip for connection in _process(stack).net_connections("inet")} == {"127.0.0.1"}


def test_an_endpoint_whose_process_ended_is_restarted(stack: LocalStack) -> None:
    process = _process(stack)
    process.kill()
    psutil.wait_procs([process], timeout=10)
    endpoint = stack.services.runtime.endpoint(stack.outputs["endpointName"])
    deadline = time.monotonic() + 60
    while not _pings(endpoint.url):
        assert time.monotonic() < deadline, "the endpoint did not come back within a minute"
        time.sleep(0.2)


def _pings(url: str) -> bool:
    try:
        return call("GET", f"{url}/ping").status == 200
    except OSError:
        return False


def test_an_endpoint_that_does_not_exist_is_awss_own_error(stack: LocalStack) -> None:
    role = next(one for one in stack.deployment.of_type("aws:iam/role:Role") if "Lambda" in one.id)
    session = stack.aws.assume_role(role.outputs["arn"], "test")
    runtime = boto3.client(
        "sagemaker-runtime",
        region_name="us-east-2",
        endpoint_url=stack.services.runtime.address,
        aws_access_key_id=session.access_key,
        aws_secret_access_key=session.secret_key,
        aws_session_token=session.session_token,
    )
    with pytest.raises(ClientError) as refused:
        runtime.invoke_endpoint(EndpointName="nowhere", Body=b"")
    error = refused.value.response.get("Error", {})
    assert error.get("Code") == "ValidationError"
    assert error.get("Message") == "Endpoint nowhere of account 123456789012 not found."


def test_a_caller_without_a_roles_session_is_refused(stack: LocalStack) -> None:
    answer = call(
        "POST", f"{stack.services.runtime.address}/endpoints/{stack.outputs['endpointName']}/invocations", body="{}"
    )
    assert (answer.status, answer.headers["x-amzn-errortype"]) == (403, "UnrecognizedClientException")
