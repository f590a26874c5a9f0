"""Runs SageMaker's transform jobs. moto only stores their requests and would report each as completed at once.

`TransformJobs` is a proxy in front of moto's SageMaker. It passes every call on, starts each created job, and adds the
job's state to moto's descriptions. A job works as on AWS: the model's container is asked for its execution parameters
and then gets each object of the job's manifest. Each answer becomes an object with the suffix `.out`. An object without
an answer fails the job, but the other objects are still processed. The job reads and writes with the model's role.
"""

import asyncio
import contextlib
import json
import time
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from botocore.exceptions import BotoCoreError, ClientError

from local.account.clients import AwsClients
from local.account.inputs import UnsupportedError
from local.sagemaker.model_container import ContainerError, ModelContainer
from processes.loopback import LoopbackServer

_TARGET = "SageMaker."
_AWS_TIMEOUT_SECONDS = 60.0
# SageMaker's defaults, if neither the request nor the container sets them.
_DEFAULT_CLIENT = {"InvocationsTimeoutInSeconds": 600, "InvocationsMaxRetries": 3}
_PASSED_ON = ("Authorization", "Content-Type", "X-Amz-Date", "X-Amz-Security-Token", "X-Amz-Target")


class TransformJob:
    """One job, with one process, whatever number of instances it is given."""

    def __init__(self, request: Mapping[str, Any], *, aws: AwsClients, directory: Path) -> None:
        self._request = request
        self._aws = aws
        self._name = request["TransformJobName"]
        owner = f"transform job {self._name}"
        self._container = ModelContainer(owner, aws=aws, directory=directory, name=self._name)
        self._status = "InProgress"
        self._reason = ""
        self._ended: float | None = None
        self._s3: Any = None
        self._running = asyncio.create_task(self._run())

    def state(self) -> dict[str, Any]:
        """The run's part of DescribeTransformJob's answer."""
        state: dict[str, Any] = {"TransformJobStatus": self._status, "FailureReason": self._reason}
        return state if self._ended is None else {**state, "TransformEndTime": self._ended}

    async def stop(self) -> None:
        """Stops the job; one that has ended does not change."""
        self._running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._running

    async def _run(self) -> None:
        try:
            self._reason = await self._transform()
            self._status = "Failed" if self._reason else "Completed"
        except asyncio.CancelledError:
            self._status = "Stopped"
            raise
        except (ContainerError, UnsupportedError, BotoCoreError, ClientError, aiohttp.ClientError, OSError) as error:
            self._status, self._reason = "Failed", f"InternalServerError: {error}"
        finally:
            self._ended = time.time()
            await self._container.stop()

    async def _transform(self) -> str:
        """Sends every object; returns the reason of a failure, or nothing."""
        await asyncio.to_thread(self._container.fetch, self._request["ModelName"])
        session = await asyncio.to_thread(self._aws.assume_role, self._container.role_arn, "SageMaker")
        self._s3 = self._aws.role_client("s3", session)
        objects = iter(await asyncio.to_thread(self._objects))
        await self._container.start()
        settings = {**_DEFAULT_CLIENT, **(self._request.get("ModelClientConfig") or {})}
        timeout = aiohttp.ClientTimeout(total=settings["InvocationsTimeoutInSeconds"])
        async with aiohttp.ClientSession(timeout=timeout) as http:
            concurrent = self._request.get("MaxConcurrentTransforms") or await self._concurrent_transforms(http)
            senders = [self._send(http, objects, 1 + settings["InvocationsMaxRetries"]) for _ in range(concurrent)]
            reasons = await asyncio.gather(*senders)
        return next((reason for reason in reasons if reason), "")

    def _objects(self) -> list[tuple[str, str, str]]:
        """Bucket, key and output key of each object of the manifest."""
        bucket, key = _location(self._request["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"])
        first, *names = json.loads(self._s3.get_object(Bucket=bucket, Key=key)["Body"].read())
        bucket, prefix = _location(first["prefix"])
        _, output = _location(self._request["TransformOutput"]["S3OutputPath"])
        return [(bucket, f"{prefix}{name}", f"{output.rstrip('/')}/{name}.out") for name in names]

    async def _concurrent_transforms(self, http: aiohttp.ClientSession) -> int:
        async with http.get(f"{self._container.url}/execution-parameters") as answer:
            return (await answer.json())["MaxConcurrentTransforms"] if answer.status == 200 else 1

    async def _send(self, http: aiohttp.ClientSession, objects: Iterator[tuple[str, str, str]], tries: int) -> str:
        """Sends objects until none is left; returns the reason why one of them failed, or nothing."""
        failure = ""
        output_bucket, _ = _location(self._request["TransformOutput"]["S3OutputPath"])
        for bucket, key, output in objects:
            try:
                content = await asyncio.to_thread(self._read, bucket, key)
                answer = await self._answer(http, content, tries)
                await asyncio.to_thread(self._s3.put_object, Bucket=output_bucket, Key=output, Body=answer)
            except (BotoCoreError, ClientError) as error:
                failure = f"ClientError: {key}: {error}"
            except _NotAnsweredError as error:
                failure = f"{error}: See job logs for more information"
        return failure

    def _read(self, bucket: str, key: str) -> bytes:
        return self._s3.get_object(Bucket=bucket, Key=key)["Body"].read()

    async def _answer(self, http: aiohttp.ClientSession, content: bytes, tries: int) -> bytes:
        headers = {
            "Content-Type": self._request["TransformInput"].get("ContentType", "application/octet-stream"),
            "Accept": self._request["TransformOutput"].get("Accept", "*/*"),
        }
        for _ in range(tries):
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                async with http.post(f"{self._container.url}/invocations", data=content, headers=headers) as answer:
                    body = await answer.read()
                if answer.status < 300:
                    return body
                if answer.status < 500:
                    raise _NotAnsweredError("ClientError")
        raise _NotAnsweredError("AlgorithmError")


class _NotAnsweredError(Exception):
    """The container did not answer an object; the text is SageMaker's name for whose fault it is."""


class TransformJobs:
    """Serves SageMaker's API at `address` from `start` on; its jobs end with `close`."""

    def __init__(self, aws: AwsClients, directory: Path) -> None:
        self._aws = aws
        self._directory = directory
        self._jobs: dict[str, TransformJob] = {}
        self._session: aiohttp.ClientSession | None = None
        application = web.Application()
        application.router.add_post("/", self._call)
        self._server = LoopbackServer(application)
        self.address = self._server.url

    async def start(self) -> None:
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_AWS_TIMEOUT_SECONDS))
        await self._server.start()

    async def close(self) -> None:
        await self._server.close()
        await asyncio.gather(*(job.stop() for job in self._jobs.values()))
        if self._session is not None:
            await self._session.close()

    async def _call(self, request: web.Request) -> web.Response:
        operation = request.headers.get("X-Amz-Target", "").removeprefix(_TARGET)
        asked = await request.json()
        name = asked.get("TransformJobName", "")
        if operation == "CreateTransformJob":
            return await self._create(request, asked)
        if operation == "StopTransformJob" and name in self._jobs:
            await self._jobs[name].stop()
            return web.json_response({})
        status, answer = await self._pass_on(request)
        if operation == "DescribeTransformJob" and name in self._jobs:
            answer = {**answer, **self._jobs[name].state()}
        return web.json_response(answer, status=status, content_type="application/x-amz-json-1.1")

    async def _create(self, request: web.Request, asked: Mapping[str, Any]) -> web.Response:
        if asked["TransformJobName"] in self._jobs:
            return _error("ResourceInUse", "Job name must be unique within an AWS account and region")
        if asked["TransformInput"]["DataSource"]["S3DataSource"]["S3DataType"] != "ManifestFile":
            return _error("ValidationException", "the local stage runs only jobs with a ManifestFile")
        describe = self._aws.client("sagemaker").describe_model
        try:
            await asyncio.to_thread(describe, ModelName=asked["ModelName"])
        except ClientError:
            return _error("ValidationException", f"Could not find model {asked['ModelName']}")
        status, answer = await self._pass_on(request)
        if status == 200:
            job = TransformJob(asked, aws=self._aws, directory=self._directory)
            self._jobs[asked["TransformJobName"]] = job
        return web.json_response(answer, status=status)

    async def _pass_on(self, request: web.Request) -> tuple[int, dict[str, Any]]:
        """What moto answers."""
        if self._session is None:
            raise RuntimeError("the transform jobs were not started")
        headers = {name: request.headers[name] for name in _PASSED_ON if name in request.headers}
        async with self._session.post(self._aws.url, data=await request.read(), headers=headers) as answer:
            return answer.status, await answer.json(content_type=None)


def _location(url: str) -> tuple[str, str]:
    bucket, _, key = url.removeprefix("s3://").partition("/")
    return bucket, key


def _error(code: str, message: str) -> web.Response:
    headers = {"x-amzn-ErrorType": code, "x-amzn-RequestId": str(uuid.uuid4())}
    return web.json_response({"__type": code, "message": message}, status=400, headers=headers)
