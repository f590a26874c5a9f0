"""SageMaker endpoints: the project's own serving code as a process, over the model archive that the program uploaded.

What runs is read from the embedded AWS: endpoint, endpoint configuration, model. The model's archive is fetched with
the model's execution role and unpacked as SageMaker does for a container, under `/opt/ml/model`; here that is a
directory of the run, and environment values that begin with it are rewritten.
"""

import asyncio
import contextlib
import sys
import tarfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp
from botocore.exceptions import BotoCoreError, ClientError

from local.clients import AwsClients
from local.images import served_program
from local.inputs import UnsupportedError
from local.processes import Child, listening_socket, tail

_MODEL_DIRECTORY = "/opt/ml/model"
_START_LIMIT_SECONDS = 120.0
_PING_INTERVAL_SECONDS = 0.1
_START_ATTEMPTS = 3
_REPOSITORY_ROOT = Path(__file__).resolve().parent.parent


class EndpointError(Exception):
    """An endpoint could not be started; the text says which, why, and what its process said last."""


class Endpoint:
    """One endpoint with one process, however many instances it is configured for, or none."""

    def __init__(self, name: str, *, aws: AwsClients, directory: Path) -> None:
        self.name = name
        self.variant = ""
        self.max_concurrency: int | None = None
        self.port = 0
        self._aws = aws
        self._directory = directory
        self._log_path = directory / f"{name}.log"
        self._child: Child | None = None
        self._ready = asyncio.Event()
        self._running: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Starts the model's process; from here on it runs, and is started again when it ends by itself."""
        self._running = asyncio.create_task(self._run())

    async def in_service(self) -> None:
        """Waits until the process answers `/ping`. `EndpointError` if it cannot be started."""
        ready = asyncio.create_task(self._ready.wait())
        running = self._running
        await asyncio.wait({ready, running} if running else {ready}, return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if running is not None and running.done():
            await running

    async def _run(self) -> None:
        try:
            command, environment = await asyncio.to_thread(self._container)
        except (BotoCoreError, ClientError, OSError, tarfile.TarError) as error:
            raise EndpointError(f"endpoint {self.name}: its model cannot be fetched: {error}") from error
        while True:
            child = await self._start_process(command, environment)
            self._ready.set()
            await child.wait()

    async def _start_process(self, command: list[str], environment: Mapping[str, str]) -> Child:
        for _ in range(_START_ATTEMPTS):
            child = await self._try_start(command, environment)
            if child is not None:
                return child
            # The port was free a moment ago: another process may have taken it since.
            if "in use" not in tail(self._log_path):
                break
        raise EndpointError(
            f"endpoint {self.name}: its process ended before it answered /ping; it said:\n{tail(self._log_path)}"
        )

    async def _try_start(self, command: list[str], environment: Mapping[str, str]) -> Child | None:
        with listening_socket() as free:
            self.port = free.getsockname()[1]
        with self._log_path.open("ab") as log:
            self._child = await Child.start(
                command,
                env={**environment, "BIND_ADDRESS": "127.0.0.1", "SAGEMAKER_BIND_TO_PORT": str(self.port)},
                cwd=_REPOSITORY_ROOT,
                output=log,
            )
        deadline = time.monotonic() + _START_LIMIT_SECONDS
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
            while self._child.returncode is None:
                if await self._pings(session):
                    return self._child
                if time.monotonic() > deadline:
                    raise EndpointError(
                        f"endpoint {self.name}: no answer to /ping within {_START_LIMIT_SECONDS:.0f} s; "
                        f"its process said:\n{tail(self._log_path)}"
                    )
                await asyncio.sleep(_PING_INTERVAL_SECONDS)
        return None

    async def _pings(self, session: aiohttp.ClientSession) -> bool:
        try:
            async with session.get(f"{self.url}/ping") as answer:
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _container(self) -> tuple[list[str], dict[str, str]]:
        """Command and environment of the model's container, its archive unpacked."""
        sagemaker = self._aws.client("sagemaker")
        endpoint = sagemaker.describe_endpoint(EndpointName=self.name)
        config = sagemaker.describe_endpoint_config(EndpointConfigName=endpoint["EndpointConfigName"])
        variant, *others = config["ProductionVariants"]
        if others:
            raise EndpointError(
                f"endpoint {self.name}: {len(others) + 1} variants, of which the local stage runs one only"
            )
        self.variant = variant["VariantName"]
        self.max_concurrency = variant.get("ServerlessConfig", {}).get("MaxConcurrency")
        model = sagemaker.describe_model(ModelName=variant["ModelName"])
        container = model["PrimaryContainer"]
        command = [sys.executable, *served_program(container["Image"], subject=f"endpoint {self.name}")]
        model_directory = self._directory / f"{self.name}-model"
        self._fetch_model(container["ModelDataUrl"], model["ExecutionRoleArn"], model_directory)
        environment = {
            name: f"{model_directory}{value.removeprefix(_MODEL_DIRECTORY)}"
            if value.startswith(_MODEL_DIRECTORY)
            else value
            for name, value in container.get("Environment", {}).items()
        }
        fixed = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": str(self._directory)}
        return command, {**fixed, **environment}

    def _fetch_model(self, url: str, role_arn: str, directory: Path) -> None:
        bucket, _, key = url.removeprefix("s3://").partition("/")
        s3 = self._aws.role_client("s3", self._aws.assume_role(role_arn, "SageMaker"))
        archive: Any = s3.get_object(Bucket=bucket, Key=key)["Body"]
        with tarfile.open(fileobj=archive, mode="r|gz") as content:
            content.extractall(directory, filter="data")

    async def stop(self) -> None:
        """Ends the process for good."""
        if self._running is not None:
            self._running.cancel()
            with contextlib.suppress(asyncio.CancelledError, EndpointError, UnsupportedError):
                await self._running
        if self._child is not None:
            await self._child.stop()
