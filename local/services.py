"""Lambda and SageMaker of one local stage: they run the functions, endpoints and jobs that were deployed."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from local.account.account import Account
from local.account.deployment import DeployedResource
from local.functions.archive import runtime_directory
from local.functions.function import Function, Host
from local.functions.invocations import LambdaInvocations
from local.sagemaker.endpoint import Endpoint
from local.sagemaker.runtime import SageMakerRuntime
from local.sagemaker.transform_jobs import TransformJobs

_FUNCTION = "aws:lambda/function:Function"
_ENDPOINT = "aws:sagemaker/endpoint:Endpoint"


class Services:
    """A context manager (`async with`): the services answer while the context lasts, and their processes end with it.

    Attributes:
        functions: the functions deployed so far, by ARN.
        runtime: the address where endpoints are invoked.
        jobs: SageMaker's API, with transform jobs that run.
        invocations: the address where functions invoke functions.
        host: what every function is provided with.
    """

    def __init__(self, account: Account, directory: Path, show: Callable[[str], None]) -> None:
        """`directory` holds the files of the services; `show` is called with each line of the functions' logs."""
        aws = account.aws
        self.functions: dict[str, Function] = {}
        self.runtime = SageMakerRuntime(aws, account.calls)
        self.jobs = TransformJobs(aws, directory)
        self.invocations = LambdaInvocations(aws, account.calls)
        self._directory = directory
        self._endpoints: list[Endpoint] = []
        self.host = Host(
            aws=aws,
            directory=directory,
            runtime_directory=runtime_directory(directory),
            endpoint_urls={
                "AWS_ENDPOINT_URL": aws.url,
                "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": self.runtime.address,
                "AWS_ENDPOINT_URL_LAMBDA": self.invocations.address,
            },
            show=show,
        )
        self._closing = AsyncExitStack()

    async def __aenter__(self) -> Self:
        for service in (self.runtime, self.jobs, self.invocations):
            self._closing.push_async_callback(service.close)
            await service.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._closing.aclose()

    def run(self, resource: DeployedResource) -> None:
        """Starts a deployed resource that runs: functions unpack, endpoints load their model.

        `UnsupportedError` if it cannot run here.
        """
        if resource.type == _FUNCTION:
            function = Function(resource, self.host)
            self.functions[function.arn] = function
            self.invocations.add(function)
            self._closing.push_async_callback(function.close)
            function.prepare()
        elif resource.type == _ENDPOINT:
            endpoint = Endpoint(resource.id, aws=self.host.aws, directory=self._directory)
            self._endpoints.append(endpoint)
            self.runtime.add(endpoint)
            self._closing.push_async_callback(endpoint.stop)
            endpoint.start()

    async def functions_prepared(self) -> None:
        """Waits until every function's code is there. `UnsupportedError` for one that cannot run."""
        await asyncio.gather(*(function.prepared() for function in self.functions.values()))

    async def endpoints_in_service(self) -> None:
        """Waits until every endpoint answers. `ContainerError` for one that does not."""
        await asyncio.gather(*(endpoint.in_service() for endpoint in self._endpoints))

    @property
    def has_endpoints(self) -> bool:
        return bool(self._endpoints)
