"""A whole local stage: the program deployed into the embedded AWS, its functions, endpoint and API, on free ports.

Everything runs under this process and ends with it. Stacks side by side share nothing.
"""

import asyncio
import logging
import sys
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from local.account.calls import Call, CallLog, read_calls
from local.account.clients import AwsClients
from local.account.deployment import DeployedResource, Deployment
from local.account.engine import Engine
from local.account.inputs import UnsupportedError
from local.account.log_group import LogGroup
from local.functions.archive import runtime_directory
from local.functions.function import Function, Host, Invocation
from local.functions.invocations import LambdaInvocations
from local.gateway.server import Gateway
from local.gateway.stage import Stage, stages
from local.processes.child import Child, listening_socket, tail
from local.processes.run_directory import run_directory
from local.progress import Progress
from local.sagemaker.endpoint import Endpoint
from local.sagemaker.model_container import ContainerError
from local.sagemaker.runtime import SageMakerRuntime
from local.sagemaker.transform_jobs import TransformJobs
from program.run import run_program
from program.stage_file import ProgramError, read_stage

_REPOSITORY_ROOT = Path(__file__).resolve().parent.parent
_FUNCTION = "aws:lambda/function:Function"
_ENDPOINT = "aws:sagemaker/endpoint:Endpoint"
_HIGHEST_PORT = 65_535


class StackError(Exception):
    """The local stage cannot start or go on. The text is for the user: what, why, and what to do."""

    def __init__(self, text: str, exit_status: int = 1) -> None:
        super().__init__(text)
        self.exit_status = exit_status


class LocalStack:
    """`async with LocalStack() as stack:` deploys, serves while the context lasts, and leaves nothing behind.

    Args:
        stage: whose `Pulumi.<stage>.yaml` is deployed.
        port: of the API; 0 takes a free one.
        record_calls: file for the record of the roles' AWS calls; it is begun anew.
        show_logs: print the functions' logs on stderr.
        settings: laid over the stage's settings.
        program: registers resources instead of the project's own program.
    """

    def __init__(
        self,
        stage: str = "local",
        *,
        port: int = 0,
        record_calls: Path | None = None,
        show_logs: bool = False,
        settings: Mapping[str, Any] | None = None,
        program: Callable[[], Any] | None = None,
    ) -> None:
        self._stage_name = stage
        self._port = port
        self._record_calls = record_calls
        self._show_logs = show_logs
        self._settings = settings
        self._program = program
        self._closing = AsyncExitStack()
        self._progress = Progress()
        self._functions: dict[str, Function] = {}
        self._endpoints: list[Endpoint] = []
        self._access_logs: dict[str, LogGroup] = {}
        self.deployment = Deployment()
        self.outputs: Mapping[str, Any] = {}
        self.api_url = ""

    @property
    def api_key(self) -> str | None:
        """The value of a deployed API key; None where there is none."""
        keys = self.deployment.of_type("aws:apigateway/apiKey:ApiKey")
        return keys[0].outputs["value"] if keys else None

    def calls(self) -> list[Call]:
        """The AWS calls that the stack's roles made so far."""
        return read_calls(self._calls_path)

    def invocations(self) -> list[Invocation]:
        """The calls of every function so far, in order of their end for each function."""
        return [invocation for function in self._functions.values() for invocation in function.invocations]

    async def flush_logs(self) -> None:
        """Writes to CloudWatch Logs what functions and API logged so far, instead of within a second."""
        logs = [*self._access_logs.values(), *(function.log_group for function in self._functions.values())]
        await asyncio.gather(*(log.flush() for log in logs if log is not None))

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except (UnsupportedError, ContainerError, ProgramError, OSError) as error:
            await self._closing.aclose()
            raise StackError(str(error)) from error
        except BaseException:
            await self._closing.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._closing.aclose()

    async def wait_until_broken(self) -> None:
        """Returns never while all is well. `StackError` when the embedded AWS ended by itself."""
        status = await self._aws_process.wait()
        raise StackError(f"the embedded AWS ended with status {status}: {tail(self.directory / 'aws.log')}")

    async def _start(self) -> None:
        self._closing.callback(self._progress.stop)
        if not 0 <= self._port <= _HIGHEST_PORT:
            raise StackError(f"port {self._port} is not allowed: must be an integer from 0 to {_HIGHEST_PORT}")
        try:
            api_socket = self._closing.enter_context(listening_socket(self._port))
        except OSError as error:
            raise StackError(f"port {self._port} cannot be used ({error.strerror}): choose another one") from error
        self._api_origin = f"http://127.0.0.1:{api_socket.getsockname()[1]}"
        stage = read_stage(self._stage_name, self._settings)
        self.directory = self._closing.enter_context(run_directory())
        self._calls_path = self._record_calls or self.directory / "calls.jsonl"
        try:
            self._calls_path.write_text("")
        except OSError as error:
            raise StackError(f"{self._calls_path}: the record cannot be written: {error.strerror}") from error
        # The program itself refuses a stage without a region.
        region = stage.config.get("aws:region", "us-east-1")
        self.aws = aws = AwsClients(await self._start_aws(), region)
        calls = CallLog(self._calls_path)
        self._closing.callback(calls.close)
        self.sagemaker = SageMakerRuntime(aws, calls)
        self._closing.push_async_callback(self.sagemaker.close)
        self.jobs = TransformJobs(aws, self.directory)
        self._closing.push_async_callback(self.jobs.close)
        await self.jobs.start()
        self.lambda_invocations = LambdaInvocations(aws, calls)
        self._closing.push_async_callback(self.lambda_invocations.close)
        self._host = Host(
            aws=aws,
            directory=self.directory,
            runtime_directory=runtime_directory(self.directory),
            endpoint_urls={
                "AWS_ENDPOINT_URL": aws.url,
                "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": await self.sagemaker.start(),
                "AWS_ENDPOINT_URL_LAMBDA": await self.lambda_invocations.start(),
            },
            show=self._show,
        )
        with self._progress.step("deployed the program"):
            await self._deploy(stage, aws)
        await asyncio.gather(*(function.prepared() for function in self._functions.values()))
        if self._endpoints:
            with self._progress.step("waited for the endpoint"):
                await asyncio.gather(*(endpoint.in_service() for endpoint in self._endpoints))
        await self._serve(api_socket, stages(self.deployment, region), aws)
        self._progress.stop()

    async def _start_aws(self) -> str:
        with listening_socket() as socket:
            socket.listen(128)
            with (self.directory / "aws.log").open("wb") as log:
                descriptor = str(socket.fileno())
                self._aws_process = await Child.start(
                    [
                        sys.executable,
                        "-m",
                        "local.account.server",
                        "--fd",
                        descriptor,
                        "--calls",
                        str(self._calls_path.absolute()),
                    ],
                    env={"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": str(self.directory)},
                    cwd=_REPOSITORY_ROOT,
                    output=log,
                    pass_fds=[socket.fileno()],
                )
            self._closing.push_async_callback(self._aws_process.stop)
            return f"http://127.0.0.1:{socket.getsockname()[1]}"

    async def _deploy(self, stage: Any, aws: AwsClients) -> None:
        loop = asyncio.get_running_loop()
        failures: list[Exception] = []

        def created(resource: DeployedResource) -> None:
            loop.call_soon_threadsafe(self._run_deployed, resource, failures)

        engine = Engine(aws=aws, deployment=self.deployment, api_origin=self._api_origin, created=created)
        # What is left of a cancelled program ends at its next resource.
        self._closing.callback(engine.stop)
        logger = logging.getLogger(f"{__name__}.program")
        logger.addHandler(logging.NullHandler())
        try:
            run = await asyncio.to_thread(self._run_program, stage, engine, logger)
        except Exception:
            if engine.errors:
                raise StackError(str(engine.errors[0])) from engine.errors[0]
            raise
        if failures:
            raise failures[0]
        self.outputs = run.exports

    def _run_program(self, stage: Any, engine: Engine, logger: logging.Logger) -> Any:
        try:
            return run_program(stage, engine, program=self._program, logger=logger)
        except SystemExit as ended:
            status = ended.code if isinstance(ended.code, int) else 1
            raise StackError("the program refused its settings", exit_status=status) from ended

    def _run_deployed(self, resource: DeployedResource, failures: list[Exception]) -> None:
        """Starts what runs by itself once it is deployed: functions unpack, endpoints load their model."""
        self._progress.count(f"deploying: {len(self.deployment)} resources ...")
        try:
            if resource.type == _FUNCTION:
                function = Function(resource, self._host)
                self._functions[function.arn] = function
                self.lambda_invocations.add(function)
                self._closing.push_async_callback(function.close)
                function.prepare()
            elif resource.type == _ENDPOINT:
                endpoint = Endpoint(resource.id, aws=self._host.aws, directory=self.directory)
                self._closing.push_async_callback(endpoint.stop)
                self.sagemaker.add(endpoint)
                self._endpoints.append(endpoint)
                endpoint.start()
        except UnsupportedError as error:
            failures.append(error)

    async def _serve(self, api_socket: Any, served: Mapping[str, Stage], aws: AwsClients) -> None:
        for stage in served.values():
            if stage.access_log_group:
                log = LogGroup(stage.access_log_group, lambda: aws.client("logs"), self._progress.line)
                self._access_logs[stage.name] = log
                self._closing.push_async_callback(log.close)
        ids = await asyncio.to_thread(_resource_ids, aws, {stage.api_id for stage in served.values()})
        gateway = Gateway(served, self._functions, log=self._log_access, resource_ids=ids)
        await gateway.start(api_socket)
        self._closing.push_async_callback(gateway.close)
        self.api_url = f"{self._api_origin}/{next(iter(served), '')}"

    def _log_access(self, stage: Stage, line: str) -> None:
        self._access_logs[stage.name].put(stage.api_id, line)

    def _show(self, line: str) -> None:
        if self._show_logs:
            self._progress.line(line)


def _resource_ids(aws: AwsClients, apis: set[str]) -> dict[tuple[str, str], str]:
    return {
        (api, resource["path"]): resource["id"]
        for api in apis
        for resource in aws.client("apigateway").get_resources(restApiId=api, limit=500)["items"]
    }
