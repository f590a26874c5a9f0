"""The load is closed-loop, and its rate and latencies are those of the window."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web

from benchmarks.load import Exchange, Turn, summary, take_turn
from benchmarks.load_plans import Body

BODIES = [Body(content=name, media_type="image/png") for name in (b"one", b"two", b"three")]


def turn_against(answer: Callable[[web.Request], Awaitable[web.Response]], clients: int) -> Turn:
    """A turn of a tenth of a second against a server that answers as given."""

    async def run() -> Turn:
        application = web.Application()
        application.router.add_post("/invocations", answer)
        runner = web.AppRunner(application)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            _host, port = runner.addresses[0]
            return await take_turn(f"http://127.0.0.1:{port}", itertools.cycle(BODIES), clients, 0.1)
        finally:
            await runner.cleanup()

    return asyncio.run(run())


def test_each_client_has_one_request_in_progress_and_plans_are_sent_in_order():
    under_way, most, seen = set[int](), 0, list[bytes]()

    async def answer(request: web.Request) -> web.Response:
        nonlocal most
        under_way.add(id(request))
        most = max(most, len(under_way))
        seen.append(await request.read())
        await asyncio.sleep(0.01)
        under_way.discard(id(request))
        return web.Response()

    turn = turn_against(answer, clients=3)
    assert most == 3
    assert sorted(seen[:3]) == sorted(body.content for body in BODIES)
    assert turn.errors == 0
    assert len(turn.all_latencies_ms) == len(seen) >= len(turn.latencies_ms) + 3, "each client's first is outside"


def test_a_refused_request_is_an_error_and_has_no_latency():
    counter = itertools.count()

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=503 if next(counter) % 2 else 200)

    turn = turn_against(answer, clients=1)
    assert turn.errors > 0
    assert turn.latencies_ms


def test_a_server_that_has_ended_gives_only_errors():
    async def run() -> Turn:
        return await take_turn("http://127.0.0.1:9", iter(itertools.cycle(BODIES)), 1, 0.1)

    turn = asyncio.run(run())
    assert (turn.latencies_ms, turn.requests_per_second) == ([], 0)
    assert turn.errors > 0


def test_a_request_counts_by_its_share_of_the_window():
    exchanges = [
        Exchange(begin=0.0, end=2.0, ok=True),  # half of it before the window
        Exchange(begin=2.0, end=3.0, ok=True),
        Exchange(begin=3.0, end=7.0, ok=True),  # a quarter of it within
        Exchange(begin=7.0, end=8.0, ok=True),  # after it
    ]
    assert summary(exchanges, begin=1.0, end=4.0).requests_per_second == pytest.approx((0.5 + 1 + 0.25) / 3)


def test_latencies_are_those_of_the_requests_that_began_in_the_window():
    exchanges = [
        Exchange(begin=0.0, end=2.0, ok=True),
        Exchange(begin=2.0, end=3.0, ok=True),
        Exchange(begin=3.0, end=3.5, ok=False),
        Exchange(begin=3.5, end=7.0, ok=True),
        Exchange(begin=7.0, end=8.0, ok=False),
    ]
    turn = summary(exchanges, begin=1.0, end=4.0)
    assert (turn.latencies_ms, turn.errors) == ([1000.0, 3500.0], 1)
    assert turn.all_latencies_ms == [2000.0, 1000.0, 3500.0]
