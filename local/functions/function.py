"""Lambda functions, run from the archive that the program packaged or as the project's own image.

There are as many processes as concurrent calls, up to a few; further calls wait for one. Each has the function's
environment, its role's credentials, its time limit and its memory limit. A process that crashed or was killed is
replaced at the next call.
"""

import asyncio
import contextlib
import secrets
import time
import uuid
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from local.account.clients import AwsClients, Credentials
from local.account.deployment import DeployedResource
from local.account.inputs import UnsupportedError
from local.account.log_group import LogGroup
from local.functions.process import FunctionError, FunctionProcess, ProcessSettings
from local.functions.runnable_code import RunnableCode, function_code

EVENT_LIMIT_BYTES = 6_291_456  # Lambda's synchronous event
MOST_PROCESSES = 4  # the most that a small machine can handle
_ACCOUNT_CONCURRENCY = 1000  # Lambda's own limit for a region's functions
_DEFAULT_TIMEOUT_SECONDS, _DEFAULT_MEMORY_MB = 3, 128  # Lambda's own


class ThrottledError(Exception):
    """The function already has as many concurrent calls as it may have: Lambda's TooManyRequestsException."""


@dataclass(frozen=True, kw_only=True)
class Host:
    """What a local stack provides for every function: AWS and its addresses, a folder for files, the runtime client."""

    aws: AwsClients
    directory: Path
    runtime_directory: Path
    endpoint_urls: Mapping[str, str]
    show: Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Invocation:
    """The time and memory of one call. `init_seconds` is None unless it started a process, `error` None on success."""

    function: str
    request_id: str
    started: float
    seconds: float
    init_seconds: float | None
    peak_memory_mb: float
    error: str | None


class Function:
    """One deployed function."""

    def __init__(self, deployed: DeployedResource, host: Host) -> None:
        inputs = deployed.inputs
        self._code = function_code(deployed.id, inputs, under=host.directory, runtime_directory=host.runtime_directory)
        self.name = deployed.id
        self.arn = str(deployed.outputs["arn"])
        self.invocations: list[Invocation] = []
        self._inputs = inputs
        self._host = host
        self._memory_mb = int(inputs.get("memorySize", _DEFAULT_MEMORY_MB))
        self._timeout_seconds = float(inputs.get("timeout", _DEFAULT_TIMEOUT_SECONDS))
        reserved = int(inputs.get("reservedConcurrentExecutions", -1))
        self._limit = reserved if reserved >= 0 else _ACCOUNT_CONCURRENCY
        self._turns = asyncio.Semaphore(MOST_PROCESSES)
        self._idle: list[FunctionProcess] = []
        self._processes: set[FunctionProcess] = set()
        self._calls: set[asyncio.Task[bytes]] = set()
        self._prepared: asyncio.Task[tuple[RunnableCode, Credentials]] | None = None
        self._log_path = host.directory / f"{self.name}.log"
        self._log_file = self._log_path.open("a", buffering=1)
        self._log_group_name = inputs.get("loggingConfig", {}).get("logGroup") or f"/aws/lambda/{self.name}"
        self.log_group: LogGroup | None = None

    def prepare(self) -> asyncio.Task[tuple[RunnableCode, Credentials]]:
        """Starts preparing the code and getting the role's session; `prepared` waits for both."""
        self._prepared = asyncio.create_task(asyncio.to_thread(self._prepare_code_and_assume_role))
        return self._prepared

    async def prepared(self) -> tuple[RunnableCode, Credentials]:
        """The code, ready to run, and the role's session. `UnsupportedError` if the function cannot be run."""
        preparing = self._prepared or self.prepare()
        try:
            return await asyncio.shield(preparing)
        except (BotoCoreError, ClientError, OSError, zipfile.BadZipFile) as error:
            raise UnsupportedError(f"function {self.name} cannot be run: {error}") from error

    def _prepare_code_and_assume_role(self) -> tuple[RunnableCode, Credentials]:
        return self._code.prepare(), self._host.aws.assume_role(self._inputs["role"], self.name)

    async def invoke(self, event: bytes) -> bytes:
        """The function's answer, JSON. A caller that stops waiting does not stop the call, as in Lambda.

        Raises:
            ThrottledError: the function already has as many concurrent calls as it may have.
            FunctionError: there is no answer.
        """
        if len(self._calls) >= self._limit:
            raise ThrottledError(f"function {self.name}: {self._limit} calls are running, and no more are allowed")
        call = asyncio.create_task(self._run_in_turn(event))
        self._calls.add(call)
        call.add_done_callback(self._finished)
        return await asyncio.shield(call)

    def _finished(self, call: asyncio.Task[bytes]) -> None:
        self._calls.discard(call)
        if not call.cancelled():
            call.exception()  # seen, also when nobody waits any more

    async def _run_in_turn(self, event: bytes) -> bytes:
        async with self._turns:
            return await self._run(event)

    async def _run(self, event: bytes) -> bytes:
        request_id, started, clock = str(uuid.uuid4()), time.time(), time.perf_counter()
        process: FunctionProcess | None = None
        init_seconds: float | None = None
        error: FunctionError | None = None
        try:
            process = await self._take_idle()
            if process is None:
                process = await self._start_process()
                init_seconds, clock = process.init_seconds, time.perf_counter()
            answer = await process.call(request_id, event)
            self._idle.append(process)
        except FunctionError as failure:
            error = failure
            if process is not None and not failure.fatal:
                self._idle.append(process)
            elif process is not None:
                await self._discard(process)
            raise
        else:
            return answer
        finally:
            invocation = Invocation(
                function=self.name,
                request_id=request_id,
                started=started,
                seconds=time.perf_counter() - clock,
                init_seconds=init_seconds,
                peak_memory_mb=process.peak_memory_mb() if process else 0.0,
                error=str(error) if error else None,
            )
            self.invocations.append(invocation)
            self._report(invocation, self._stream_of(process))

    async def _take_idle(self) -> FunctionProcess | None:
        """A process that waits for a call; processes that ended after their last call are removed."""
        while self._idle:
            process = self._idle.pop()
            if process.alive:
                return process
            await self._discard(process)
        return None

    async def _start_process(self) -> FunctionProcess:
        code, credentials = await self.prepared()
        if self.log_group is None:
            # Lambda writes a function's log with the function's own role.
            client = partial(self._host.aws.role_client, "logs", credentials)
            self.log_group = LogGroup(self._log_group_name, client, self._host.show)
        stream = f"{datetime.now(UTC):%Y/%m/%d}/[$LATEST]{secrets.token_hex(16)}"
        settings = ProcessSettings(
            command=code.command,
            arn=self.arn,
            directory=code.directory,
            environment={**self._environment(credentials, stream), **code.environment},
            timeout_seconds=self._timeout_seconds,
            memory_mb=self._memory_mb,
        )
        directory = self._host.directory / f"{self.name}-tmp-{secrets.token_hex(4)}"
        process = FunctionProcess(settings, directory, stream, partial(self._write_log, stream))
        self._processes.add(process)
        try:
            await process.start()
        except BaseException:
            await self._discard(process)
            raise
        return process

    def _environment(self, credentials: Credentials, stream: str) -> dict[str, str]:
        """The function's own variables, and what Lambda adds: its reserved variables and the role's session."""
        region = self._host.aws.region
        own = self._inputs.get("environment", {}).get("variables", {})
        log_format = self._inputs.get("loggingConfig", {}).get("logFormat")
        return {
            **own,
            **self._host.endpoint_urls,
            **({"AWS_LAMBDA_LOG_FORMAT": log_format.upper()} if log_format else {}),
            "AWS_ACCESS_KEY_ID": credentials.access_key,
            "AWS_SECRET_ACCESS_KEY": credentials.secret_key,
            "AWS_SESSION_TOKEN": credentials.session_token,
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_LAMBDA_FUNCTION_NAME": self.name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self._memory_mb),
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": self._log_group_name,
            "AWS_LAMBDA_LOG_STREAM_NAME": stream,
            "LANG": "en_US.UTF-8",
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "TZ": ":UTC",
        }

    async def _discard(self, process: FunctionProcess) -> None:
        self._processes.discard(process)
        await process.stop()

    def _write_log(self, stream: str, line: str) -> None:
        self._log_file.write(line + "\n")
        self._host.show(line)
        if self.log_group is not None:
            self.log_group.put(stream, line)

    @staticmethod
    def _stream_of(process: FunctionProcess | None) -> str:
        return process.stream if process else "no process"

    def _report(self, invocation: Invocation, stream: str) -> None:
        """Lambda's own lines about a call."""
        if invocation.error:
            self._write_log(stream, f"RequestId: {invocation.request_id} Error: {invocation.error}")
        duration_ms = invocation.seconds * 1000
        init = "" if invocation.init_seconds is None else f"\tInit Duration: {invocation.init_seconds * 1000:.2f} ms"
        self._write_log(
            stream,
            f"REPORT RequestId: {invocation.request_id}\tDuration: {duration_ms:.2f} ms\t"
            f"Memory Size: {self._memory_mb} MB\tMax Memory Used: {invocation.peak_memory_mb:.0f} MB{init}",
        )

    async def close(self) -> None:
        """Ends every call and process."""
        calls = list(self._calls)
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        if self._prepared is not None:
            with contextlib.suppress(Exception):
                await self._prepared
        for process in list(self._processes):
            await self._discard(process)
        if self.log_group is not None:
            await self.log_group.close()
        self._log_file.close()
