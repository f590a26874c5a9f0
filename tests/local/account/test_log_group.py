"""Log events arrive in their group, also where several writers are at it."""

import asyncio
import threading
from typing import Any

import pytest

from local.account.log_group import LogGroup
from local.stack import LocalStack
from tests.local.loop_thread import LoopThread

pytestmark = pytest.mark.whole


def test_events_that_are_flushed_while_others_are_written_all_arrive(
    small_stack: LocalStack, loop_thread: LoopThread
) -> None:
    client = small_stack.aws.client("logs")
    client.create_log_group(logGroupName="flushed-twice")
    connected, first_is_taken = threading.Event(), threading.Event()
    failures: list[str] = []

    def connect() -> Any:
        connected.set()
        assert first_is_taken.wait(60)
        return client

    async def write_two_events() -> None:
        group = LogGroup("flushed-twice", connect, failures.append)
        group.put("stream", "first")
        first = asyncio.create_task(group.flush())
        await asyncio.to_thread(connected.wait, 60)
        group.put("stream", "second")
        second = asyncio.create_task(group.flush())
        await asyncio.sleep(0)  # lets the second flush begin
        first_is_taken.set()
        await asyncio.gather(first, second)
        await group.close()

    loop_thread.run(write_two_events())
    assert failures == []
    events = client.filter_log_events(logGroupName="flushed-twice")["events"]
    assert [event["message"] for event in events] == ["first", "second"]
