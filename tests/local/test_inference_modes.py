"""A plan's way through each kind of inference: the same rooms, the same errors, the rights that the kind needs."""

import base64
import io
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from PIL import Image

from local.functions.function import ThrottledError
from local.functions.process import FunctionError
from local.stack import LocalStack
from tests.local.http_calls import Answer, call
from tests.local.loop_thread import LoopThread
from tests.local.model_servers import ModelServer

pytestmark = pytest.mark.whole

SAMPLE = (Path(__file__).resolve().parents[2] / "blueprints" / "sample.png").read_bytes()
NO_ROOMS = json.dumps({"rooms": [], "image": {"width": 64, "height": 64}}).encode()


@pytest.fixture(params=["endpoint", "serverless", "lambda"])
def served(request: pytest.FixtureRequest) -> LocalStack:
    """A stage with each kind of inference in turn."""
    return request.getfixturevalue("stack" if request.param == "endpoint" else f"{request.param}_stack")


def upload(stack: LocalStack, content: bytes) -> str:
    answer = call("POST", f"{stack.api_url}/upload", body={"image": base64.b64encode(content).decode()})
    assert answer.status == 200, answer.body
    return answer.json()["blueprint_id"]


def process(stack: LocalStack, blueprint_id: str) -> Answer:
    return call("POST", f"{stack.api_url}/process", body={"blueprint_id": blueprint_id})


def status(stack: LocalStack, blueprint_id: str) -> dict[str, Any]:
    return call("GET", f"{stack.api_url}/status?blueprint_id={blueprint_id}").json()


def encoded(picture: Image.Image, file_format: str) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, file_format)
    return buffer.getvalue()


def plans() -> dict[str, bytes]:
    with Image.open(io.BytesIO(SAMPLE)) as plan:
        upright = plan.convert("RGB")
    return {
        "as it is": SAMPLE,
        "turned": encoded(upright.transpose(Image.Transpose.ROTATE_90), "PNG"),
        "small": encoded(upright.resize((320, 226)), "JPEG"),
        "palette": encoded(upright.convert("P"), "GIF"),
        "without rooms": encoded(Image.new("L", (64, 64), 255), "PNG"),
    }


@pytest.mark.parametrize(("name", "plan"), plans().items())
def test_every_kind_finds_the_same_rooms(served: LocalStack, stack: LocalStack, name: str, plan: bytes) -> None:
    answers = []
    for one in (served, stack):
        blueprint_id = upload(one, plan)
        processed = process(one, blueprint_id)
        assert processed.status == 200, processed.body
        answers.append(processed.json()["detected_rooms"])
        record = status(one, blueprint_id)
        assert (record["status"], record["detected_rooms"]) == ("completed", answers[-1])
    assert answers[0] == answers[1]
    assert bool(answers[0]) is (name != "without rooms")


def test_the_functions_role_calls_the_detector_that_its_policy_names_and_nothing_else(served: LocalStack) -> None:
    before = len(served.calls())
    process(served, upload(served, SAMPLE))
    (policy,) = [p for p in served.deployment.of_type("aws:iam/rolePolicy:RolePolicy") if p.name == "handler-policy"]
    (allowed,) = [s for s in json.loads(policy.inputs["policy"])["Statement"] if s["Sid"] == "Detector"]
    called = {
        (one.action, one.resource)
        for one in served.calls()[before:]
        if one.role.endswith("RoomDetectionLambdaRole-local") and one.action.startswith(("sagemaker:", "lambda:"))
    }
    assert called == {(action, allowed["Resource"]) for action in allowed["Action"]}


def test_the_detectors_role_writes_its_log_and_nothing_else(lambda_stack: LocalStack, loop_thread: LoopThread) -> None:
    process(lambda_stack, upload(lambda_stack, SAMPLE))
    loop_thread.run(lambda_stack.flush_logs())
    calls = [one for one in lambda_stack.calls() if one.role.endswith("RoomDetectionDetectorRole-local")]
    assert {one.action for one in calls} == {"logs:CreateLogStream", "logs:PutLogEvents"}
    group = f"log-group:/aws/lambda/{lambda_stack.outputs['detectorFunctionName']}:"
    assert all(group in str(one.resource) for one in calls)
    events = lambda_stack.aws.client("logs").filter_log_events(logGroupName=group.split(":")[1])["events"]
    messages = [json.loads(event["message"])["message"] for event in events if event["message"].startswith("{")]
    assert {"ready", "request"} <= set(messages)


def test_the_detector_loads_its_model_once_and_keeps_its_process(lambda_stack: LocalStack) -> None:
    for _ in range(2):
        assert process(lambda_stack, upload(lambda_stack, SAMPLE)).status == 200
    name = lambda_stack.outputs["detectorFunctionName"]
    (*_, last) = [one for one in lambda_stack.invocations() if one.function == name]
    assert last.init_seconds is None
    assert last.error is None
    assert last.peak_memory_mb < 1000


@dataclass(frozen=True, kw_only=True)
class MisbehavingFunction:
    """What stands in place of the detector's function, which does not misbehave."""

    name: str
    answer: bytes | Exception

    async def invoke(self, event: bytes) -> bytes:
        assert json.loads(event).keys() == {"image"}
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(ThrottledError("too many"), (503, "unavailable"), id="throttled"),
        pytest.param(
            FunctionError("Runtime.OutOfMemory", "killed", fatal=True), (502, "detector_error"), id="out of memory"
        ),
        pytest.param(b"[]", (502, "detector_error"), id="garbage"),
        pytest.param(None, (503, "unavailable"), id="missing"),
    ],
)
def test_a_plan_that_the_detectors_function_fails_on_is_reported_and_can_be_retried(
    lambda_stack: LocalStack, answer: bytes | Exception | None, expected: tuple[int, str]
) -> None:
    blueprint_id = upload(lambda_stack, SAMPLE)
    name = lambda_stack.outputs["detectorFunctionName"]
    original = lambda_stack.services.invocations.remove(name)
    try:
        if answer is not None:
            lambda_stack.services.invocations.add(MisbehavingFunction(name=name, answer=answer))
        failed = process(lambda_stack, blueprint_id)
    finally:
        lambda_stack.services.invocations.add(original)
    assert (failed.status, failed.code) == expected
    assert ("retry-after" in failed.headers) is (failed.status == 503)
    assert status(lambda_stack, blueprint_id)["status"] == "failed"
    assert process(lambda_stack, blueprint_id).status == 200


@pytest.fixture
def busy(serverless_stack: LocalStack, loop_thread: LoopThread) -> Iterator[Callable[[], None]]:
    """Keeps the serverless endpoint's one request under way until the function that this gives is called."""
    name, done = serverless_stack.outputs["endpointName"], threading.Event()
    original = serverless_stack.services.runtime.remove(name)
    slow = ModelServer(name=name, body=NO_ROOMS, held_until=done, max_concurrency=1)
    server, runner = loop_thread.run(slow.start())
    serverless_stack.services.runtime.add(server)
    yield done.set
    done.set()
    serverless_stack.services.runtime.add(original)
    loop_thread.run(runner.cleanup())


def test_over_its_concurrency_a_serverless_endpoint_is_busy_and_says_when_to_try_again(
    serverless_stack: LocalStack, busy: Callable[[], None]
) -> None:
    first, second = (upload(serverless_stack, SAMPLE) for _ in range(2))
    with ThreadPoolExecutor(2) as pool:
        # Both calls find a process that runs: a cold start may take longer than the detector may.
        list(pool.map(lambda one: status(serverless_stack, one), [first, second]))
        calls = [pool.submit(process, serverless_stack, blueprint_id) for blueprint_id in (first, second)]
        refused = next(as_completed(calls)).result()
        busy()
        answers = {call.result().status for call in calls}
    assert (refused.status, refused.code) == (503, "unavailable")
    assert int(refused.headers["retry-after"]) > 0
    assert answers == {200, 503}


def invoke(stack: LocalStack, name: str, **arguments: Any) -> Any:
    """Lambda's Invoke by the function's role, with boto3."""
    role = next(one for one in stack.deployment.of_type("aws:iam/role:Role") if "Lambda" in one.id)
    session = stack.aws.assume_role(role.outputs["arn"], "test")
    client = boto3.client(
        "lambda",
        region_name="us-east-2",
        endpoint_url=stack.services.invocations.address,
        aws_access_key_id=session.access_key,
        aws_secret_access_key=session.secret_key,
        aws_session_token=session.session_token,
    )
    return client.invoke(FunctionName=name, **arguments)


@pytest.mark.parametrize(
    ("name", "arguments", "code"),
    [
        ("nowhere", {}, "ResourceNotFoundException"),
        ("room-detection-ai-detector-local", {"InvocationType": "Event"}, "InvalidParameterValueException"),
        ("room-detection-ai-detector-local", {"Payload": b" " * 6_291_457}, "RequestTooLargeException"),
    ],
)
def test_a_call_that_lambda_would_refuse_is_refused_with_its_error(
    lambda_stack: LocalStack, name: str, arguments: dict[str, Any], code: str
) -> None:
    with pytest.raises(ClientError) as refused:
        invoke(lambda_stack, name, **arguments)
    assert refused.value.response.get("Error", {}).get("Code") == code


def test_bad_input_sent_straight_to_the_detector_is_an_answer_and_not_a_failure(lambda_stack: LocalStack) -> None:
    reply = invoke(lambda_stack, "room-detection-ai-detector-local", Payload=b'{"image": "%%%"}')
    assert "FunctionError" not in reply
    answer = json.loads(reply["Payload"].read())
    assert (answer["status"], answer["error"]["code"]) == (400, "invalid_request")


def test_lambda_may_not_be_called_without_a_roles_session(lambda_stack: LocalStack) -> None:
    name = lambda_stack.outputs["detectorFunctionName"]
    address = f"{lambda_stack.services.invocations.address}/2015-03-31/functions/{name}/invocations"
    answer = call("POST", address, body="{}")
    assert (answer.status, answer.headers["x-amzn-errortype"]) == (403, "UnrecognizedClientException")
