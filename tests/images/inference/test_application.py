"""What a running process shows only by chance: the states before the model is loaded, and faults of our own."""

import asyncio
import gzip
import logging
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer
from PIL import Image

from images.inference import contract, detection, detector
from images.inference.network import ModelError
from images.inference.server import InferenceServer
from images.inference.settings import read_settings
from pictures.file import PictureFile
from tests.images.inference.plans import PLAN, encode
from tests.images.inference.server_process import WEIGHTS

pytestmark = pytest.mark.whole

PNG = encode(PLAN, "PNG")
LARGE = encode(PLAN.resize((1600, 1200)), "PNG")  # more than contract.LARGE_IMAGE_PX
AS_PNG = {"Content-Type": "image/png"}


def converse(talk: Callable[[InferenceServer, TestClient], Awaitable[None]], weights: Path = WEIGHTS) -> None:
    """Runs `talk` with a server that listens and has not loaded its model."""

    async def run() -> None:
        server = InferenceServer(read_settings({"MODEL_PATH": str(weights)}), cores=1)
        try:
            listening = TestServer(server.application())
            await listening.start_server(auto_decompress=False)
            async with TestClient(listening) as client:
                await talk(server, client)
        finally:
            server.close()

    asyncio.run(run())


def test_before_the_model_is_loaded_ping_is_503_and_invocations_are_told_to_try_again() -> None:
    async def talk(server: InferenceServer, client: TestClient) -> None:
        async with client.get("/ping") as answer:
            assert (answer.status, await answer.read()) == (503, b"")
        async with client.post("/invocations", data=PNG, headers=AS_PNG) as answer:
            assert (answer.status, (await answer.json())["error"]["code"]) == (503, "unavailable")
            assert int(answer.headers["Retry-After"]) > 0
        await server.load()
        async with client.get("/ping") as answer:
            assert (answer.status, await answer.read()) == (200, b"")
        async with client.post("/invocations", data=PNG, headers=AS_PNG) as answer:
            assert answer.status == 200

    converse(talk)


def test_ping_stays_503_when_loading_fails(tmp_path: Path) -> None:
    async def talk(server: InferenceServer, client: TestClient) -> None:
        with pytest.raises(ModelError):
            await server.load()
        async with client.get("/ping") as answer:
            assert answer.status == 503

    converse(talk, tmp_path / "missing.onnx")


def test_a_fault_of_our_own_is_a_500_that_hides_its_reason_and_logs_its_stack(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_arguments: object, **_options: object) -> None:
        raise RuntimeError("a secret of ours")

    async def talk(server: InferenceServer, client: TestClient) -> None:
        await server.load()
        monkeypatch.setattr(detection, "select", fail)
        async with client.post("/invocations", data=PNG, headers=AS_PNG) as answer:
            assert (answer.status, (await answer.json())["error"]["code"]) == (500, "internal_error")
            assert "secret" not in await answer.text()
        async with client.get("/ping") as answer:
            assert answer.status == 200

    with caplog.at_level(logging.INFO):
        converse(talk)
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert [record.exc_info is not None for record in errors] == [True]


def test_a_body_that_stops_arriving_is_a_408(monkeypatch: pytest.MonkeyPatch) -> None:
    async def talk(server: InferenceServer, client: TestClient) -> None:
        await server.load()
        reader, writer = await asyncio.open_connection(client.host, client.port)
        writer.write(b"POST /invocations HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n")
        writer.write(b"Content-Length: 1000\r\n\r\nhalf")
        await writer.drain()
        assert b" 408 " in await reader.readline()
        assert b'"request_timeout"' in await reader.readuntil(b"}")
        writer.close()

    monkeypatch.setattr(contract, "BODY_TIMEOUT_SECONDS", 0.05)
    converse(talk)


def test_a_request_that_would_wait_too_long_is_a_503_that_says_when_to_try_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def talk(server: InferenceServer, client: TestClient) -> None:
        await server.load()
        async with client.post("/invocations", data=PNG, headers=AS_PNG) as answer:
            assert answer.status == 200
        monkeypatch.setattr(contract, "MAX_WAIT_SECONDS", 0)
        answers = await asyncio.gather(*(client.post("/invocations", data=PNG, headers=AS_PNG) for _ in range(5)))
        assert sorted(answer.status for answer in answers) == [200, 503, 503, 503, 503]
        refused = next(answer for answer in answers if answer.status == 503)
        assert (await refused.json())["error"]["code"] == "unavailable"
        assert int(refused.headers["Retry-After"]) > 0

    converse(talk)


def hold_large_images(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Large images are not decoded before the event."""
    let_go = threading.Event()
    decode = detector.decode

    def held(file: PictureFile) -> Image.Image:
        if file.width * file.height > contract.LARGE_IMAGE_PX:
            assert let_go.wait(60)
        return decode(file)

    monkeypatch.setattr(detector, "decode", held)
    return let_go


def test_a_large_plan_that_would_wait_too_long_is_a_503_while_small_ones_are_accepted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def talk(server: InferenceServer, client: TestClient) -> None:
        await server.load()
        large_is_let_go = hold_large_images(monkeypatch)
        large = [asyncio.create_task(client.post("/invocations", data=LARGE, headers=AS_PNG)) for _ in range(2)]
        done, waiting = await asyncio.wait(large, return_when=asyncio.FIRST_COMPLETED)
        assert [(await task).status for task in done] == [503]
        async with client.post("/invocations", data=PNG, headers=AS_PNG) as answer:
            assert answer.status == 200
        large_is_let_go.set()
        assert [(await task).status for task in waiting] == [200]

    monkeypatch.setattr(contract, "MAX_WAIT_SECONDS", 0.25)
    converse(talk)


def test_a_compressed_body_holds_the_place_of_the_largest(monkeypatch: pytest.MonkeyPatch) -> None:
    async def talk(server: InferenceServer, client: TestClient) -> None:
        await server.load()
        large_is_let_go = hold_large_images(monkeypatch)
        packed = {**AS_PNG, "Content-Encoding": "gzip"}
        requests = [
            asyncio.create_task(client.post("/invocations", data=gzip.compress(LARGE), headers=packed))
            for _ in range(2)
        ]
        refused, taken = await asyncio.wait(requests, return_when=asyncio.FIRST_COMPLETED)
        assert [(await task).status for task in refused] == [503]
        large_is_let_go.set()
        assert [(await task).status for task in taken] == [200]

    monkeypatch.setattr(contract, "MAX_BODIES_BYTES", 2 * contract.MAX_BODY_BYTES - 1)
    converse(talk)


def test_a_small_plan_does_not_wait_for_large_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    async def talk(server: InferenceServer, client: TestClient) -> None:
        await server.load()
        large_is_let_go = hold_large_images(monkeypatch)
        large = [asyncio.create_task(client.post("/invocations", data=LARGE, headers=AS_PNG)) for _ in range(3)]
        await asyncio.sleep(0)
        async with client.post("/invocations", data=PNG, headers=AS_PNG) as answer:
            assert answer.status == 200
        assert not any(task.done() for task in large)
        large_is_let_go.set()
        assert [(await task).status for task in large] == [200, 200, 200]

    converse(talk)
