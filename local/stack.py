"""A whole local stage: the program deployed into the embedded AWS, its functions, endpoint and API, on free ports.

Everything runs under this process and ends with it. Stacks side by side share nothing.
"""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.account.account import Account, running_account
from local.account.calls import Call, read_calls
from local.account.clients import AwsClients
from local.account.deployment import DeployedResource, Deployment
from local.account.engine import Engine
from local.account.inputs import UnsupportedError
from local.account.log_group import LogGroup
from local.functions.function import Invocation
from local.gateway.server import Gateway
from local.gateway.stage import Stage as ApiStage
from local.gateway.stage import stages
from local.progress import Progress
from local.sagemaker.model_container import ContainerError
from local.services import Services
from processes.loopback import listening_socket
from processes.run_directory import run_directory
from program.run import ProgramRun, run_program
from program.stage_file import ProgramError, Stage, read_stage

_HIGHEST_PORT = 65_535


class StackError(Exception):
    """The local stage cannot start or go on. The text is for the user: what, why, and what to do."""

    def __init__(self, text: str, exit_status: int = 1) -> None:
        super().__init__(text)
        self.exit_status = exit_status


@dataclass(frozen=True, kw_only=True)
class LocalStack:
    """A running local stage.

    Attributes:
        api_url: the address of an API's first deployed stage, `http://127.0.0.1:<port>/<stage>`.
        outputs: the exports of the program.
        deployment: every resource that it deployed.
        services: runs the functions, the endpoints and the jobs.
        directory: the folder of the run's files, which is deleted at the end.
    """

    account: Account
    deployment: Deployment
    outputs: Mapping[str, Any]
    services: Services
    api_url: str
    directory: Path
    _record: Path = field(repr=False)
    _access_logs: Mapping[str, LogGroup] = field(repr=False)

    @property
    def aws(self) -> AwsClients:
        """Clients with the deployment's own permissions."""
        return self.account.aws

    @property
    def api_key(self) -> str | None:
        """The value of a deployed API key; None if there is none."""
        keys = self.deployment.of_type("aws:apigateway/apiKey:ApiKey")
        return keys[0].outputs["value"] if keys else None

    def calls(self) -> list[Call]:
        """The AWS calls that the stack's roles made so far."""
        return read_calls(self._record)

    def invocations(self) -> list[Invocation]:
        """The calls of every function so far; those of one function in order of their end."""
        return [invocation for function in self.services.functions.values() for invocation in function.invocations]

    async def flush_logs(self) -> None:
        """Writes the logs of functions and API to CloudWatch Logs now, instead of within a second."""
        functions = self.services.functions.values()
        logs = [*self._access_logs.values(), *(function.log_group for function in functions)]
        await asyncio.gather(*(log.flush() for log in logs if log is not None))

    async def wait_until_broken(self) -> None:
        """Waits for as long as everything works. `StackError` if the embedded AWS ends by itself."""
        raise StackError(await self.account.ended())


@asynccontextmanager
async def local_stack(
    stage: str = "local",
    *,
    port: int = 0,
    record_calls: Path | None = None,
    show_logs: bool = False,
    settings: Mapping[str, Any] | None = None,
    program: Callable[[], Any] | None = None,
) -> AsyncIterator[LocalStack]:
    """`async with local_stack() as stack:` deploys, serves while the context lasts, and leaves nothing behind.

    Args:
        stage: the stage whose `Pulumi.<stage>.yaml` is deployed.
        port: the port of the API; 0 takes a free one.
        record_calls: file for the record of the roles' AWS calls; it is overwritten.
        show_logs: print the functions' logs on stderr.
        settings: override the stage's settings.
        program: registers resources instead of the project's own program.

    Raises:
        StackError: it cannot start.
    """
    async with AsyncExitStack() as closing:
        progress = Progress()
        closing.callback(progress.stop)
        try:
            api_socket = closing.enter_context(_api_socket(port))
            configured = read_stage(stage, settings)
            directory = closing.enter_context(run_directory())
            record = _new_record(record_calls or directory / "calls.jsonl")
            # The program itself refuses a stage without a region.
            region = configured.config.get("aws:region", "us-east-1")
            account = await closing.enter_async_context(
                running_account(region=region, directory=directory, record=record)
            )
            show = progress.line if show_logs else _keep_quiet
            services = await closing.enter_async_context(Services(account, directory, show))
            deploying = _Deploying(account, services, progress, api_origin=_origin(api_socket))
            closing.callback(deploying.stop)
            with progress.step("deployed the program"):
                outputs = await deploying.run(configured, program)
            await services.functions_prepared()
            if services.has_endpoints:
                with progress.step("waited for the endpoint"):
                    await services.endpoints_in_service()
            served = stages(deploying.deployment, region)
            access_logs = _access_logs(served, account.aws, progress, closing)
            gateway = Gateway(
                api_socket,
                served,
                services.functions,
                log=lambda stage, line: access_logs[stage.name].put(stage.api_id, line),
                resource_ids=await asyncio.to_thread(_resource_ids, account.aws, {s.api_id for s in served.values()}),
            )
            closing.push_async_callback(gateway.close)
            await gateway.start()
        except (UnsupportedError, ContainerError, ProgramError, OSError) as error:
            raise StackError(str(error)) from error
        progress.stop()
        yield LocalStack(
            account=account,
            deployment=deploying.deployment,
            outputs=outputs,
            services=services,
            api_url=f"{_origin(api_socket)}/{next(iter(served), '')}",
            directory=directory,
            _record=record,
            _access_logs=access_logs,
        )


class _Deploying:
    """One run of the program: each created service starts while the rest is still being created."""

    def __init__(self, account: Account, services: Services, progress: Progress, *, api_origin: str) -> None:
        self.deployment = Deployment()
        self._services = services
        self._progress = progress
        self._failures: list[UnsupportedError] = []
        self._loop = asyncio.get_running_loop()
        self._engine = Engine(aws=account.aws, deployment=self.deployment, api_origin=api_origin, created=self._created)

    def stop(self) -> None:
        """Ends a cancelled program at its next resource."""
        self._engine.stop()

    async def run(self, stage: Stage, program: Callable[[], Any] | None) -> Mapping[str, Any]:
        """Deploys; returns the program's exports."""
        try:
            run = await asyncio.to_thread(self._run_program, stage, program)
        except Exception:
            if self._engine.errors:
                raise StackError(str(self._engine.errors[0])) from self._engine.errors[0]
            raise
        if self._failures:
            raise self._failures[0]
        return run.exports

    def _run_program(self, stage: Stage, program: Callable[[], Any] | None) -> ProgramRun:
        logger = logging.getLogger(f"{__name__}.program")
        logger.addHandler(logging.NullHandler())
        try:
            return run_program(stage, self._engine, program=program, logger=logger)
        except ProgramError as error:
            raise StackError(str(error), exit_status=2) from error

    def _created(self, resource: DeployedResource) -> None:
        """Called in the program's thread; hands the work to the event loop's thread."""
        self._loop.call_soon_threadsafe(self._run_deployed, resource)

    def _run_deployed(self, resource: DeployedResource) -> None:
        self._progress.count(f"deploying: {len(self.deployment)} resources ...")
        try:
            self._services.run(resource)
        except UnsupportedError as error:
            self._failures.append(error)


def _api_socket(port: int) -> socket.socket:
    if not 0 <= port <= _HIGHEST_PORT:
        raise StackError(f"port {port} is not allowed: must be an integer from 0 to {_HIGHEST_PORT}")
    try:
        return listening_socket(port)
    except OSError as error:
        raise StackError(f"port {port} cannot be used ({error.strerror}): choose another one") from error


def _origin(bound: socket.socket) -> str:
    return f"http://127.0.0.1:{bound.getsockname()[1]}"


def _new_record(path: Path) -> Path:
    try:
        path.write_text("")
    except OSError as error:
        raise StackError(f"{path}: the record cannot be written: {error.strerror}") from error
    return path


def _keep_quiet(_: str) -> None:
    """Drops a line: logs that are not shown are still in their files and log groups."""


def _access_logs(
    served: Mapping[str, ApiStage], aws: AwsClients, progress: Progress, closing: AsyncExitStack
) -> dict[str, LogGroup]:
    """The access log of each stage that writes one; closed with the stack."""
    logs: dict[str, LogGroup] = {}
    for stage in served.values():
        if stage.access_log_group:
            logs[stage.name] = LogGroup(stage.access_log_group, lambda: aws.client("logs"), progress.line)
            closing.push_async_callback(logs[stage.name].close)
    return logs


def _resource_ids(aws: AwsClients, apis: set[str]) -> dict[tuple[str, str], str]:
    return {
        (api, resource["path"]): resource["id"]
        for api in apis
        for resource in aws.client("apigateway").get_resources(restApiId=api, limit=500)["items"]
    }
