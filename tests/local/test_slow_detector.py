"""A detector that takes longer than it may."""

import asyncio
import base64
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

import pytest

from blueprints.sample import PICTURE
from local.functions.function import Function
from local.stack import LocalStack
from tests.local.http_calls import call
from tests.local.loop_thread import LoopThread
from tests.local.model_servers import ModelServer

pytestmark = pytest.mark.whole


@dataclass(frozen=True, kw_only=True)
class HeldFunction:
    """The detector's function, which answers nobody until the test is over."""

    name: str
    over: threading.Event

    async def invoke(self, event: bytes) -> bytes:
        await asyncio.to_thread(self.over.wait)
        return b"{}"


@contextmanager
def impatient(stack: LocalStack, loop_thread: LoopThread) -> Iterator[None]:
    """The stage with the API's function as `function.detectorTimeoutSeconds: 1` deploys it.

    A second is little for a real detector, so that the function goes back to the stage's own.
    """
    (deployed,) = [
        one
        for one in stack.deployment.of_type("aws:lambda/function:Function")
        if one.outputs["name"] == stack.outputs["functionName"]
    ]
    variables = {**deployed.inputs["environment"]["variables"], "DETECTOR_TIMEOUT_SECONDS": "1"}
    functions = stack.services.functions
    own = functions[deployed.outputs["arn"]]
    hurried = replace(deployed, inputs={**deployed.inputs, "environment": {"variables": variables}})
    function = functions[own.arn] = Function(hurried, stack.services.host)
    try:
        yield
    finally:
        functions[own.arn] = own
        loop_thread.run(function.close())


@pytest.fixture(params=["endpoint", "lambda"])
def silent(
    request: pytest.FixtureRequest, stack: LocalStack, lambda_stack: LocalStack, loop_thread: LoopThread
) -> Iterator[LocalStack]:
    """A stage whose detector may take one second and takes as long as the test does."""
    over = threading.Event()
    with ExitStack() as closing:
        if request.param == "lambda":
            stage, functions = lambda_stack, lambda_stack.services.invocations
            name = stage.outputs["detectorFunctionName"]
            closing.callback(functions.add, functions.remove(name))
            functions.add(HeldFunction(name=name, over=over))
        else:
            stage, endpoints = stack, stack.services.runtime
            name = stage.outputs["endpointName"]
            server, runner = loop_thread.run(ModelServer(name=name, held_until=over).start())
            closing.callback(lambda: loop_thread.run(runner.cleanup()))
            closing.callback(endpoints.add, endpoints.remove(name))
            endpoints.add(server)
        closing.callback(over.set)
        closing.enter_context(impatient(stage, loop_thread))
        yield stage


def test_a_detector_that_takes_too_long_is_a_detector_timeout_and_the_record_says_so(silent: LocalStack) -> None:
    image = base64.b64encode(PICTURE.read_bytes()).decode()
    uploaded = call("POST", f"{silent.api_url}/upload", body={"image": image}).json()
    answer = call("POST", f"{silent.api_url}/process", body={"blueprint_id": uploaded["blueprint_id"]})
    assert (answer.status, answer.code) == (504, "detector_timeout")
    record = call("GET", f"{silent.api_url}/status?blueprint_id={uploaded['blueprint_id']}").json()
    assert record["status"] == "failed"
    assert record["error"]
