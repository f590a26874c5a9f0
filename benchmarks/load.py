"""Closed-loop load: clients that each send the next plan as soon as the last one is answered."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

import aiohttp

from benchmarks.load_plans import Body

# The longest that the client of a SageMaker endpoint waits.
ANSWER_LIMIT_SECONDS = 60.0
# A client that was refused does not ask again at once.
_AFTER_ERROR_SECONDS = 0.05


@dataclass(frozen=True, kw_only=True)
class Answered:
    """The status of an answer (None without one) and the time it took."""

    status: int | None
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One request and its answer: seconds on `time.perf_counter`'s clock, and whether the answer was 200."""

    begin: float
    end: float
    ok: bool

    @property
    def milliseconds(self) -> float:
        return 1000 * (self.end - self.begin)


@dataclass(frozen=True, kw_only=True)
class Turn:
    """How a server answered its clients within one window.

    `latencies_ms` are those of the requests that began in it and were answered with 200; `errors` counts the others.
    `all_latencies_ms` also has those before and after it, like the server's log.
    """

    requests_per_second: float
    latencies_ms: Sequence[float]
    all_latencies_ms: Sequence[float]
    errors: int


async def take_turn(url: str, bodies: Iterator[Body], clients: int, seconds: float) -> Turn:
    """Loads the server at `url` for a window of `seconds`, which begins when every client has had its first answer.

    The clients continue until every request that began in the window is answered, so the whole window has full load.
    """
    exchanges: list[list[Exchange]] = [[] for _ in range(clients)]

    def is_over() -> bool:
        if not all(exchanges):
            return False
        end = max(done[0].end for done in exchanges) + seconds
        return all(done[-1].end >= end for done in exchanges)

    async def client(connections: aiohttp.ClientSession, done: list[Exchange]) -> None:
        while not is_over():
            done.append(await _exchange(connections, url, next(bodies)))
            if not done[-1].ok:
                await asyncio.sleep(_AFTER_ERROR_SECONDS)

    async with session() as connections:
        await asyncio.gather(*(client(connections, done) for done in exchanges))
    begin = max(done[0].end for done in exchanges)
    return summary([one for done in exchanges for one in done], begin, begin + seconds)


def summary(exchanges: Sequence[Exchange], begin: float, end: float) -> Turn:
    """The turn of a window `begin` to `end`. A request counts towards the rate by the share of it within the window,
    because counting answers would favour a server that answers just before the end.
    """
    shares = (
        max(0.0, min(one.end, end) - max(one.begin, begin)) / (one.end - one.begin) for one in exchanges if one.ok
    )
    began = [one for one in exchanges if begin <= one.begin < end]
    return Turn(
        requests_per_second=sum(shares) / (end - begin),
        latencies_ms=[one.milliseconds for one in began if one.ok],
        all_latencies_ms=[one.milliseconds for one in exchanges if one.ok],
        errors=sum(not one.ok for one in began),
    )


async def ask(url: str, body: Body) -> bytes:
    """Sends one request and returns the answer; `aiohttp.ClientError` or TimeoutError if it is not 200."""
    async with session() as client, _post(client, url, body) as answer:
        answer.raise_for_status()
        return await answer.read()


async def send(client: aiohttp.ClientSession, url: str, body: Body) -> Answered:
    """Sends one request; the returned value describes success or failure."""
    begin = time.perf_counter()
    status = None
    try:
        async with _post(client, url, body) as answer:
            await answer.read()
            status = answer.status
    except (aiohttp.ClientError, TimeoutError):
        pass
    return Answered(status=status, seconds=time.perf_counter() - begin)


async def _exchange(client: aiohttp.ClientSession, url: str, body: Body) -> Exchange:
    begin = time.perf_counter()
    answered = await send(client, url, body)
    return Exchange(begin=begin, end=begin + answered.seconds, ok=answered.status == 200)


def session() -> aiohttp.ClientSession:
    timeout = aiohttp.ClientTimeout(total=ANSWER_LIMIT_SECONDS)
    return aiohttp.ClientSession(timeout=timeout, connector=aiohttp.TCPConnector(limit=0))


def _post(client: aiohttp.ClientSession, url: str, body: Body) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
    return client.post(f"{url}/invocations", data=body.content, headers={"Content-Type": body.media_type})
