"""A SageMaker model's container: the project's own serving code as a process, with the model's archive.

The model is read from the embedded AWS. Its archive is fetched with the model's execution role. SageMaker unpacks it in
`/opt/ml/model` of a container; here that is a directory of the run, and environment values that begin with this path
are rewritten.
"""

import asyncio
import sys
import tarfile
import time
from pathlib import Path
from typing import Any

import aiohttp
from botocore.exceptions import BotoCoreError, ClientError

from local.account.clients import AwsClients
from local.images import WORKING_DIRECTORY, served_program
from processes.child import Child, plain_environment, tail
from processes.loopback import listening_socket

_MODEL_DIRECTORY = "/opt/ml/model"
_START_LIMIT_SECONDS = 120.0
_PING_INTERVAL_SECONDS = 0.1
_START_ATTEMPTS = 3


class ContainerError(Exception):
    """A container could not be started; the text says whose, why, and the last output of its process."""


class ModelContainer:
    """One process that serves a model.

    Args:
        owner: what runs it, for error messages: `endpoint <name>`.
        name: the name of its log and of its model's folder in `directory`.
    """

    def __init__(self, owner: str, *, aws: AwsClients, directory: Path, name: str) -> None:
        self._owner = owner
        self._aws = aws
        self._directory = directory
        self._model_directory = directory / f"{name}-model"
        self._log_path = directory / f"{name}.log"
        self._command: list[str] = []
        self._environment: dict[str, str] = {}
        self._child: Child | None = None
        self._port = 0
        self.role_arn = ""
        """The model's execution role, once it is fetched."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def fetch(self, model_name: str) -> None:
        """Fetches and unpacks the model's archive. Blocks; `UnsupportedError` for an image that cannot run here."""
        try:
            model = self._aws.client("sagemaker").describe_model(ModelName=model_name)
            container = model["PrimaryContainer"]
            self._command = [sys.executable, *served_program(container["Image"], subject=self._owner)]
            self.role_arn = model["ExecutionRoleArn"]
            self._unpack(container["ModelDataUrl"])
        except (BotoCoreError, ClientError, OSError, tarfile.TarError) as error:
            raise ContainerError(f"{self._owner}: its model cannot be fetched: {error}") from error
        environment = {
            name: f"{self._model_directory}{value.removeprefix(_MODEL_DIRECTORY)}"
            if value.startswith(_MODEL_DIRECTORY)
            else value
            for name, value in container.get("Environment", {}).items()
        }
        self._environment = {**plain_environment(self._directory), **environment}

    def _unpack(self, url: str) -> None:
        bucket, _, key = url.removeprefix("s3://").partition("/")
        s3 = self._aws.role_client("s3", self._aws.assume_role(self.role_arn, "SageMaker"))
        archive: Any = s3.get_object(Bucket=bucket, Key=key)["Body"]
        with tarfile.open(fileobj=archive, mode="r|gz") as content:
            content.extractall(self._model_directory, filter="data")

    async def start(self) -> Child:
        """Starts the process and waits until it answers `/ping`. `ContainerError` if it does not."""
        for _ in range(_START_ATTEMPTS):
            child = await self._try_start()
            if child is not None:
                return child
            # The port was free a moment ago: another process may have taken it since.
            if "in use" not in tail(self._log_path):
                break
        raise ContainerError(
            f"{self._owner}: its process ended before it answered /ping; it said:\n{tail(self._log_path)}"
        )

    async def _try_start(self) -> Child | None:
        with listening_socket() as free:
            self._port = free.getsockname()[1]
        with self._log_path.open("ab") as log:
            self._child = await Child.start(
                self._command,
                env={**self._environment, "BIND_ADDRESS": "127.0.0.1", "SAGEMAKER_BIND_TO_PORT": str(self._port)},
                cwd=WORKING_DIRECTORY,
                output=log,
            )
        deadline = time.monotonic() + _START_LIMIT_SECONDS
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
            while self._child.returncode is None:
                if await self._pings(session):
                    return self._child
                if time.monotonic() > deadline:
                    raise ContainerError(
                        f"{self._owner}: no answer to /ping within {_START_LIMIT_SECONDS:.0f} s; "
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

    async def stop(self) -> None:
        """Ends the process."""
        if self._child is not None:
            await self._child.stop()
