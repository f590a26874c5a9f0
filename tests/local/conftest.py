"""The local stages that the tests call: the project's own, and a small one with functions that misbehave."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.stack import LocalStack, local_stack
from tests.local.loop_thread import LoopThread
from tests.local.small_program import small_program, write_archive


@pytest.fixture(scope="session")
def loop_thread() -> Iterator[LoopThread]:
    with LoopThread() as running:
        yield running


@pytest.fixture(scope="session")
def stack(loop_thread: LoopThread) -> Iterator[LocalStack]:
    """The project's own program as stage `local`."""
    with loop_thread.entered(local_stack()) as running:
        yield running


@pytest.fixture(scope="session")
def serverless_stack(loop_thread: LoopThread) -> Iterator[LocalStack]:
    """The same with a serverless endpoint that takes one request at a time."""
    settings = {"inference": "serverless", "serverless": {"maxConcurrency": 1}}
    with loop_thread.entered(local_stack(settings=settings)) as running:
        yield running


@pytest.fixture(scope="session")
def lambda_stack(loop_thread: LoopThread) -> Iterator[LocalStack]:
    """The same with a detector that is a function, of which one process runs at a time."""
    settings = {"inference": "lambda", "detectorFunction": {"reservedConcurrency": 1}}
    with loop_thread.entered(local_stack(settings=settings)) as running:
        yield running


@pytest.fixture(scope="session")
def small_stack(loop_thread: LoopThread, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """The small program of `small_program.py`."""
    archive: Path = write_archive(tmp_path_factory.mktemp("functions"))
    with loop_thread.entered(local_stack(program=small_program(archive))) as running:
        yield running


@pytest.fixture
def small_url(small_stack: LocalStack) -> str:
    """Origin of the small stage's APIs: `/open`, `/keyed` and `/throttled` follow."""
    return small_stack.api_url.rpartition("/")[0]
