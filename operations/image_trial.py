"""`make images-local`: builds the images from their Dockerfiles, as a deployment does, and tries them.

The inference image is asked for the sample's rooms twice: over HTTP, started as SageMaker starts it with an unpacked
model archive, and through its Lambda entry point under AWS's Runtime Interface Client. For the training image only the
COPY instructions are run. Built in full, with packages of 7 GB, it also trains for an epoch.
"""

import asyncio
import base64
import json
import os
import secrets
import shlex
import sys
import tarfile
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import aiohttp

from blueprints import answer
from blueprints.rendering.plans import write_plans
from blueprints.scoring import matching
from components.detector.function import ENTRY_POINT, HANDLER, MODEL_PATH
from components.packaging import package_model
from components.settings.groups import DetectorFunctionSettings
from images.inference.contract import (
    DEFAULT_MODEL_PATH,
    INVOCATIONS_PATH,
    MODEL_PATH_VARIABLE,
    PING_PATH,
    PORT_VARIABLE,
    SERVE_COMMAND,
)
from images.training.contract import DEFAULT_BASE, TRAIN_COMMAND, WEIGHTS
from local.functions.process import FunctionError, FunctionProcess, ProcessSettings
from operations import container_engine, external
from operations.container_engine import Container, Engine, ignore_file
from operations.dockerfile import base_image, entry_point, without_commands
from operations.external import OperationError
from operations.images import INFERENCE, TRAINING, Image
from operations.stacks import ROOT
from processes.child import Child, tail
from processes.loopback import listening_socket

SAMPLE = ROOT / "blueprints" / "sample.png"
SAMPLE_ROOMS = ROOT / "blueprints" / "sample.rooms.json"
_START_LIMIT_SECONDS = 120.0
_ANSWER_LIMIT_SECONDS = 60.0
_FUNCTION_MEMORY_MB = DetectorFunctionSettings().memory_mb
_RUNTIME_API_VARIABLE = "AWS_LAMBDA_RUNTIME_API"
# A placeholder for an address that is known only when the container starts.
_RUNTIME_API = "RUNTIME_API_ADDRESS"
_TRAINED_PLANS = 8


def run(engine_name: str = "", *, full_training: bool = False) -> None:
    """Builds and tries both images and prints a line for each check that passed.

    Raises:
        OperationError: no engine works here, a build fails, or a check of an image fails.
    """
    engine = container_engine.find(engine_name)
    _say(f"images are built and run by {engine.program}")
    _build(engine, INFERENCE.dockerfile.read_text(), INFERENCE)
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_try_inference(engine, Path(folder)))
    text = TRAINING.dockerfile.read_text()
    _build(engine, text if full_training else without_commands(text), TRAINING)
    if full_training:
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(_train(engine, Path(folder)))


def tag(image: Image) -> str:
    """The image's name on this machine."""
    return f"room-detection-{image.name}:local"


def _build(engine: Engine, dockerfile: str, image: Image) -> None:
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, image.dockerfile.name)
        path.write_text(dockerfile)
        ignore_file(path).write_text(ignore_file(image.dockerfile).read_text())
        engine.build(path, tag(image))
    what = "" if dockerfile == image.dockerfile.read_text() else ", what it copies alone"
    _say(f"{image.name}: built in {time.monotonic() - started:.0f} s{what}")


async def _try_inference(engine: Engine, folder: Path) -> None:
    base = await _size_mb(engine, base_image(INFERENCE.dockerfile.read_text()), folder)
    size = await _size_mb(engine, tag(INFERENCE), folder)
    _say(f"inference: {size:.0f} MB of files, {size - base:.0f} MB of them over its base")
    for way, ask in (("over HTTP", _ask_server), ("as a Lambda function", _ask_function)):
        seconds, rooms = await ask(engine, folder)
        counts = matching.match(answer.parse_rooms(rooms), [room.box for room in answer.read(SAMPLE_ROOMS)])
        if counts.missed:
            raise OperationError(
                f"inference image {way}: {counts.missed} of the sample's rooms were not found: {rooms}"
            )
        _say(f"inference {way}: ready after {seconds:.1f} s, found all {counts.right} rooms of the sample")


async def _ask_server(engine: Engine, folder: Path) -> tuple[float, list[dict]]:
    """Runs the image as SageMaker does, with the stage's model archive: seconds until it is ready, and its rooms."""
    model = folder / "model"
    with tarfile.open(package_model().path) as archive:
        archive.extractall(model, filter="data")
    with listening_socket() as free:
        port = free.getsockname()[1]
    container = _container(
        INFERENCE,
        [*entry_point(INFERENCE.dockerfile.read_text()), SERVE_COMMAND],
        variables={PORT_VARIABLE: str(port)},
        mounts={str(Path(DEFAULT_MODEL_PATH).parent): model},
    )
    log = folder / "server.log"
    started = time.monotonic()
    limit = aiohttp.ClientTimeout(total=_ANSWER_LIMIT_SECONDS)
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}", timeout=limit) as session:
        child = await _start(engine, container, log)
        try:
            while not await _pings(session):
                if child.returncode is not None or time.monotonic() - started > _START_LIMIT_SECONDS:
                    raise OperationError(f"inference image: no answer to {PING_PATH}; it said: {tail(log)}")
                await asyncio.sleep(0.05)
            seconds = time.monotonic() - started
            body, headers = SAMPLE.read_bytes(), {"Content-Type": "image/png"}
            async with session.post(INVOCATIONS_PATH, data=body, headers=headers) as said:
                if said.status != 200:
                    raise OperationError(f"inference image: {said.status} for the sample: {await said.text()}")
                return seconds, (await said.json())["rooms"]
        finally:
            await child.stop()
            engine.remove(container)


async def _ask_function(engine: Engine, folder: Path) -> tuple[float, list[dict]]:
    """Runs the image as Lambda does: seconds until it asks for its first event, and its rooms."""
    container = _container(
        INFERENCE,
        [*ENTRY_POINT, HANDLER],
        variables={
            _RUNTIME_API_VARIABLE: _RUNTIME_API,
            MODEL_PATH_VARIABLE: MODEL_PATH,
            "AWS_REGION": "us-east-2",
            "AWS_LAMBDA_FUNCTION_NAME": "detector",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(_FUNCTION_MEMORY_MB),
        },
    )
    command = shlex.join(engine.run(container)).replace(_RUNTIME_API, f'"${_RUNTIME_API_VARIABLE}"')
    log: list[str] = []
    settings = ProcessSettings(
        command=["sh", "-c", f"exec {command}"],
        arn="arn:aws:lambda:us-east-2:123456789012:function:detector",
        directory=ROOT,
        environment=os.environ,
        timeout_seconds=_ANSWER_LIMIT_SECONDS,
        memory_mb=_FUNCTION_MEMORY_MB,
    )
    function = FunctionProcess(settings, folder / "function", "stream", log.append)
    try:
        await function.start()
        event = {"image": base64.b64encode(SAMPLE.read_bytes()).decode()}
        said = json.loads(await function.call("first", json.dumps(event).encode()))
    except FunctionError as error:
        raise OperationError(
            f"inference image as a Lambda function: {error}; it said: {' '.join(log[-20:])}"
        ) from error
    finally:
        await function.stop()
        engine.remove(container)
    if "rooms" not in said:
        raise OperationError(f"inference image as a Lambda function: answered the sample with {said}")
    return function.init_seconds, said["rooms"]


async def _train(engine: Engine, folder: Path) -> None:
    """Trains for one epoch on a few rendered plans, as a training job does."""
    plans, base = folder / "plans", folder / "ml"
    for split in ("training", "validation"):
        write_plans(plans / split, count=_TRAINED_PLANS, seed=len(split))
    settings = ("epochs=1", "img_size=96", "batch_size=4")
    command = [sys.executable, "-m", "images.training", "prepare", "--out", str(base), str(plans)]
    external.run([*command, *(word for setting in settings for word in ("--set", setting))], folder=ROOT)
    # The prepared folder contains links to the plans, with their paths on this machine.
    container = _container(
        TRAINING,
        [*entry_point(TRAINING.dockerfile.read_text()), TRAIN_COMMAND],
        mounts={DEFAULT_BASE: base, str(plans): plans},
    )
    started = time.monotonic()
    said = await _run(engine, container, folder)
    missing = [name for name in WEIGHTS if not (base / "model" / name).is_file()]
    if missing:
        raise OperationError(f"training image: an epoch left no {', '.join(missing)}; it said: {said}")
    _say(f"training: one epoch, exports included, in {time.monotonic() - started:.0f} s")


async def _size_mb(engine: Engine, of: str, folder: Path) -> float:
    """The size of all files of an image in MB, as `du` counts them, without what is mounted into a container."""
    container = Container(tag=of, name=_name(), command=["du", "-s", "-x", "-B", "1000", "/"], variables={}, mounts={})
    return int((await _run(engine, container, folder)).split()[-2]) / 1000


async def _run(engine: Engine, container: Container, folder: Path) -> str:
    """Everything that a container prints until it ends. OperationError if it fails."""
    log = folder / f"{container.name}.log"
    child = await _start(engine, container, log)
    try:
        if await child.wait() != 0:
            raise OperationError(f"{container.tag}: {' '.join(container.command)} failed; it said: {tail(log)}")
    finally:
        await child.stop()
        engine.remove(container)
    return log.read_text(errors="replace")


async def _start(engine: Engine, container: Container, log: Path) -> Child:
    command = engine.run(container)
    with log.open("ab") as output:
        return await Child.start(command, env=os.environ, cwd=ROOT, output=output)


def _container(
    image: Image,
    command: Sequence[str],
    *,
    variables: Mapping[str, str] | None = None,
    mounts: Mapping[str, Path] | None = None,
) -> Container:
    return Container(tag=tag(image), name=_name(), command=command, variables=variables or {}, mounts=mounts or {})


def _name() -> str:
    return f"room-detection-{secrets.token_hex(4)}"


async def _pings(session: aiohttp.ClientSession) -> bool:
    try:
        async with session.get(PING_PATH) as said:
            return said.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False


def _say(line: str) -> None:
    print(line, flush=True)
