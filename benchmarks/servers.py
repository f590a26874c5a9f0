"""The compared servers, as processes: their start, their log, their memory."""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import aiohttp

from benchmarks import environments, steps
from benchmarks.environments import BenchmarkError
from benchmarks.processes import session
from benchmarks.steps import LoggedRequest
from processes.child import Child, tail
from processes.loopback import listening_socket

START_LIMIT_SECONDS = 120.0
_PING_INTERVAL_SECONDS = 0.02


@dataclass(frozen=True, kw_only=True)
class Design:
    """One way to serve the detector: its command, its variables, and what its image would install.

    `read_log` reads requests and their steps from its log. `without` are prefixes of distributions that are installed
    here but would not be in the image.
    """

    name: str
    python: Path
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    read_log: Callable[[str], Iterator[LoggedRequest]]
    requirements: tuple[str, ...]
    without: tuple[str, ...] = ()


def _ours(name: str, **variables: str) -> Design:
    return Design(
        name=name,
        python=environments.RUN,
        arguments=("-m", "images.inference", "serve"),
        environment={"MODEL_PATH": str(environments.WEIGHTS), **variables},
        read_log=steps.of_inference_server,
        requirements=_names(environments.ROOT / "images" / "inference" / "requirements.in"),
    )


def _names(requirements: Path) -> tuple[str, ...]:
    """The distributions of a file of `name==version` lines."""
    lines = (line.partition("#")[0] for line in requirements.read_text().splitlines())
    return tuple(line.partition("==")[0].strip() for line in lines if line.strip())


DOCUMENT = Design(
    name="document",
    python=environments.TRAINING,
    arguments=("-m", "benchmarks.document_server"),
    environment={
        "MODEL_PATH": str(environments.WEIGHTS.with_suffix(".pt")),
        "YOLO_OFFLINE": "true",
        "ULTRALYTICS_SAFE_LOAD": "1",
    },
    read_log=steps.of_ultralytics,
    # Those of the document's Dockerfile; its torch is the CPU version.
    requirements=("torch", "ultralytics", "opencv-python", "pillow", "flask"),
    without=("cuda-", "nvidia-", "triton"),
)

# This server, once for each precision that it offers; by default it chooses int8 if the processor is faster with it.
OURS = (_ours("int8", PRECISION="int8"), _ours("float32", PRECISION="float32"))


@dataclass
class Server:
    """A running server of `design`; `folder` gets its log and the files of its libraries.

    `async with` starts it and waits until GET /ping answers 200, which took `ready_seconds`; BenchmarkError if it never
    does. It ends with the context.
    """

    design: Design
    folder: Path
    ready_seconds: float = 0.0
    url: str = ""
    started: float = 0.0
    _child: Child | None = field(default=None, repr=False)

    @property
    def log(self) -> Path:
        return self.folder / f"{self.design.name}.log"

    async def __aenter__(self) -> Self:
        with listening_socket() as free:
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        variables = {"BIND_ADDRESS": "127.0.0.1", "SAGEMAKER_BIND_TO_PORT": str(port)}
        command = [str(self.design.python), *self.design.arguments]
        environment = {**environments.environment(self.folder), **self.design.environment, **variables}
        with self.log.open("ab") as log:
            self.started = time.perf_counter()
            self._child = await Child.start(command, env=environment, cwd=environments.ROOT, output=log)
        try:
            await self._wait_until_ready()
        except BaseException:
            await self._child.stop()
            raise
        self.ready_seconds = time.perf_counter() - self.started
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._running().stop()

    async def _wait_until_ready(self) -> None:
        deadline = self.started + START_LIMIT_SECONDS
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=START_LIMIT_SECONDS)) as session:
            while not await self._pings(session):
                if self._running().returncode is not None:
                    raise BenchmarkError(f"server {self.design.name} ended before it was ready: {self.last_words()}")
                if time.perf_counter() > deadline:
                    raise BenchmarkError(
                        f"server {self.design.name}: no answer to /ping within {START_LIMIT_SECONDS:.0f} s: "
                        f"{self.last_words()}"
                    )
                await asyncio.sleep(_PING_INTERVAL_SECONDS)

    async def _pings(self, session: aiohttp.ClientSession) -> bool:
        try:
            async with session.get(f"{self.url}/ping") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False

    def last_words(self) -> str:
        """The last line of its log."""
        return tail(self.log, lines=1)

    def log_size(self) -> int:
        return self.log.stat().st_size

    def log_since(self, size: int) -> str:
        """Its log since `log_size()` was `size`."""
        with self.log.open("rb") as log:
            log.seek(size)
            return log.read().decode(errors="replace")

    def processes(self) -> list[int]:
        """The ids of its processes."""
        return session(self._running().pid)

    def _running(self) -> Child:
        if self._child is None:
            raise RuntimeError(f"server {self.design.name} was not started")
        return self._child
