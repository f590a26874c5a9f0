"""SageMaker endpoints: the container of the model that the embedded AWS's endpoint configuration names."""

import asyncio
import contextlib
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from local.account.clients import AwsClients
from local.account.inputs import UnsupportedError
from local.sagemaker.model_container import ContainerError, ModelContainer


class Endpoint:
    """One endpoint with one process, whatever number of instances it is configured for."""

    def __init__(self, name: str, *, aws: AwsClients, directory: Path) -> None:
        self.name = name
        self.variant = ""
        self.max_concurrency: int | None = None
        self._aws = aws
        self._container = ModelContainer(f"endpoint {name}", aws=aws, directory=directory, name=name)
        self._ready = asyncio.Event()
        self._running: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        return self._container.url

    def start(self) -> None:
        """Starts the model's process, and restarts it whenever it ends by itself."""
        self._running = asyncio.create_task(self._run())

    async def in_service(self) -> None:
        """Waits until the process answers `/ping`. `ContainerError` if it cannot be started."""
        ready = asyncio.create_task(self._ready.wait())
        running = self._running
        await asyncio.wait({ready, running} if running else {ready}, return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if running is not None and running.done():
            await running

    async def _run(self) -> None:
        await asyncio.to_thread(self._fetch)
        while True:
            child = await self._container.start()
            self._ready.set()
            await child.wait()

    def _fetch(self) -> None:
        sagemaker = self._aws.client("sagemaker")
        try:
            endpoint = sagemaker.describe_endpoint(EndpointName=self.name)
            config = sagemaker.describe_endpoint_config(EndpointConfigName=endpoint["EndpointConfigName"])
        except (BotoCoreError, ClientError) as error:
            raise ContainerError(f"endpoint {self.name}: its model cannot be fetched: {error}") from error
        variant, *others = config["ProductionVariants"]
        if others:
            raise ContainerError(
                f"endpoint {self.name}: {len(others) + 1} variants, of which the local stage runs one only"
            )
        self.variant = variant["VariantName"]
        self.max_concurrency = variant.get("ServerlessConfig", {}).get("MaxConcurrency")
        self._container.fetch(variant["ModelName"])

    async def stop(self) -> None:
        """Ends the process; it is not restarted."""
        if self._running is not None:
            self._running.cancel()
            with contextlib.suppress(asyncio.CancelledError, ContainerError, UnsupportedError):
                await self._running
        await self._container.stop()
