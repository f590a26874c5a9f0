"""The local stages that the tests call: the project's own, and a small one with functions that misbehave."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.stack import LocalStack
from tests.local.loop_thread import LoopThread
from tests.local.small_program import small_program, write_archive

DETECTOR_TIMEOUT_SECONDS = 5


@pytest.fixture(scope="session")
def loop_thread() -> Iterator[LoopThread]:
    with LoopThread() as running:
        yield running


@pytest.fixture(scope="session")
def stack(loop_thread: LoopThread) -> Iterator[LocalStack]:
    """The project's own program as stage `local`, with a detector that may take a few seconds only."""
    stage = LocalStack(settings={"function": {"detectorTimeoutSeconds": DETECTOR_TIMEOUT_SECONDS}})
    loop_thread.run(stage.__aenter__())
    yield stage
    loop_thread.run(stage.__aexit__(None, None, None))


@pytest.fixture(scope="session")
def small_stack(loop_thread: LoopThread, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """The small program of `small_program.py`."""
    archive: Path = write_archive(tmp_path_factory.mktemp("functions"))
    stage = LocalStack(program=small_program(archive))
    loop_thread.run(stage.__aenter__())
    yield stage
    loop_thread.run(stage.__aexit__(None, None, None))


@pytest.fixture
def small_url(small_stack: LocalStack) -> str:
    """Origin of the small stage's APIs: `/open`, `/keyed` and `/throttled` follow."""
    return small_stack.api_url.rpartition("/")[0]
