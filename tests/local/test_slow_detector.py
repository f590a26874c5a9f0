"""A detector that takes longer than it may. Its stages are their own: a second is little for a real detector."""

import asyncio
import base64
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from blueprints.sample import PICTURE
from local.stack import LocalStack, local_stack
from tests.local.http_calls import call
from tests.local.loop_thread import LoopThread
from tests.local.model_servers import ModelServer


@dataclass(frozen=True, kw_only=True)
class HeldFunction:
    """The detector's function, which answers nobody until the test is over."""

    name: str
    over: threading.Event

    async def invoke(self, event: bytes) -> bytes:
        await asyncio.to_thread(self.over.wait)
        return b"{}"


@pytest.fixture(params=["endpoint", "lambda"])
def silent(request: pytest.FixtureRequest, loop_thread: LoopThread) -> Iterator[LocalStack]:
    """A stage whose detector may take one second and takes as long as the test does."""
    over = threading.Event()
    settings = {"inference": request.param, "function": {"detectorTimeoutSeconds": 1}}
    with loop_thread.entered(local_stack(settings=settings)) as stack:
        runner = None
        if request.param == "lambda":
            name = stack.outputs["detectorFunctionName"]
            stack.services.invocations.add(HeldFunction(name=name, over=over))
        else:
            server = ModelServer(name=stack.outputs["endpointName"], held_until=over)
            held, runner = loop_thread.run(server.start())
            stack.services.runtime.add(held)
        yield stack
        over.set()
        if runner is not None:
            loop_thread.run(runner.cleanup())


def test_a_detector_that_takes_too_long_is_a_detector_timeout_and_the_record_says_so(silent: LocalStack) -> None:
    image = base64.b64encode(PICTURE.read_bytes()).decode()
    uploaded = call("POST", f"{silent.api_url}/upload", body={"image": image}).json()
    answer = call("POST", f"{silent.api_url}/process", body={"blueprint_id": uploaded["blueprint_id"]})
    assert (answer.status, answer.code) == (504, "detector_timeout")
    record = call("GET", f"{silent.api_url}/status?blueprint_id={uploaded['blueprint_id']}").json()
    assert record["status"] == "failed"
    assert record["error"]
