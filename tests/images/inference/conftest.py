from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from images.inference.network import Network, load_network
from tests.images.inference.server_process import WEIGHTS, ServerProcess


@pytest.fixture(scope="session")
def network() -> Network:
    """The shipped weights' forward pass."""
    return load_network(WEIGHTS, threads=1)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server that is ready; shared by the tests that leave it running."""
    process = ServerProcess(tmp_path_factory.mktemp("server"))
    try:
        process.wait_until_ready()
        yield process
    finally:
        process.kill()


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[Callable[..., ServerProcess]]:
    """Starts a server of the test's own with the given environment; it is killed after the test."""
    started: list[ServerProcess] = []

    def start(**environment: str) -> ServerProcess:
        started.append(ServerProcess(tmp_path, **environment))
        return started[-1]

    yield start
    for process in started:
        process.kill()
