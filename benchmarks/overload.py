"""Twice as many requests as the server can answer: it answers what it accepts, refuses the rest, memory stays constant.

The load is open: requests are sent at a fixed rate, whether or not earlier ones were answered.
"""

import asyncio
import itertools
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from benchmarks.figures import Figure, Section
from benchmarks.load import Answered, send, session, take_turn
from benchmarks.load_plans import Body, PlanFile, raw
from benchmarks.processes import resident_memory_mb
from benchmarks.servers import OURS, Server

OVERLOAD = 2.0
# Memory is compared between the first and the last part of the load; each is this share of it.
_STRETCH = 0.2
_MEMORY_INTERVAL_SECONDS = 0.5
_CAPACITY_CLIENTS = 4
MEMORY_GROWTH_AT_MOST = 1.05
_PROGRESS_SECONDS = 5.0


@dataclass(frozen=True, kw_only=True)
class Overload:
    """The results of the requests, and the server's memory in MB, sampled throughout."""

    capacity_per_second: float
    answers: Sequence[Answered]
    memory_mb: Sequence[float]

    def count(self, status: HTTPStatus) -> int:
        return sum(answer.status == status for answer in self.answers)


async def measure(plans: Sequence[PlanFile], *, seconds: float, say: Callable[[str], None]) -> Overload:
    """Loads this server in int8 for `seconds` with OVERLOAD times the rate that four clients reach."""
    bodies = itertools.cycle([raw(plan) for plan in plans])
    with tempfile.TemporaryDirectory(prefix="overload-") as folder:
        async with Server(OURS[0], Path(folder)) as server:
            say("capacity")
            capacity = (await take_turn(server.url, bodies, _CAPACITY_CLIENTS, min(seconds, 10))).requests_per_second
            memory: list[float] = []
            watching = asyncio.create_task(_watch(server, memory))
            try:
                answers = await _open_load(server.url, bodies, OVERLOAD * capacity, seconds, say)
            finally:
                watching.cancel()
    return Overload(capacity_per_second=capacity, answers=answers, memory_mb=memory)


async def _open_load(
    url: str, bodies: Iterator[Body], per_second: float, seconds: float, say: Callable[[str], None]
) -> list[Answered]:
    started = time.perf_counter()
    said = started
    async with session() as client, asyncio.TaskGroup() as group:
        sent: list[asyncio.Task[Answered]] = []
        while (now := time.perf_counter()) < started + seconds:
            sent.append(group.create_task(send(client, url, next(bodies))))
            if now >= said + _PROGRESS_SECONDS:
                said = now
                say(f"overload: {now - started:.0f} of {seconds:.0f} s, {len(sent)} requests")
            await asyncio.sleep(max(0.0, started + len(sent) / per_second - time.perf_counter()))
    return [task.result() for task in sent]


async def _watch(server: Server, memory: list[float]) -> None:
    while True:
        memory.append(resident_memory_mb(server.processes()))
        await asyncio.sleep(_MEMORY_INTERVAL_SECONDS)


def section(measured: Overload, *, seconds: float) -> Section:
    """The figures. A request is lost if it got neither rooms nor a refusal that says when to retry."""
    stretch = max(1, round(_STRETCH * len(measured.memory_mb)))
    first = statistics.median(measured.memory_mb[:stretch])
    last = statistics.median(measured.memory_mb[-stretch:])
    answered = [answer.seconds for answer in measured.answers if answer.status == HTTPStatus.OK]
    rejected = measured.count(HTTPStatus.SERVICE_UNAVAILABLE)
    lost = len(measured.answers) - len(answered) - rejected
    figures = [
        Figure(name="capacity: four clients", unit="requests/s", values=[measured.capacity_per_second]),
        Figure(name="answered with rooms", unit="requests/s", values=[len(answered) / seconds]),
        Figure(name="sent", unit="requests", values=[len(measured.answers)]),
        Figure(name="answered with rooms", unit="requests", values=[len(answered)]),
        Figure(name="refused with 503", unit="requests", values=[rejected]),
        Figure(name="lost", unit="requests", values=[lost], at_most=0),
        Figure(name="slowest answer", unit="s", values=[max(answered, default=0.0)]),
        Figure(name="memory, first fifth", unit="MB", values=[first]),
        Figure(name="memory, last fifth by the first", unit="x", values=[last / first], at_most=MEMORY_GROWTH_AT_MOST),
    ]
    return Section(title=f"{OVERLOAD:g} times the capacity for {seconds:g} s", figures=figures)
