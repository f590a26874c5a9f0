"""This inference server against the document's own design: same weights, same plans, same machine, in turns."""

import asyncio
import itertools
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import aiohttp

from benchmarks import environments
from benchmarks.environments import BenchmarkError
from benchmarks.load import Turn, ask, take_turn
from benchmarks.load_plans import FORMS, Body, PlanFile
from benchmarks.processes import Cores, ProcessorTime, peak_memory_mb
from benchmarks.servers import DOCUMENT, OURS, Design, Server
from benchmarks.steps import LoggedRequest
from blueprints.answer import parse_rooms
from blueprints.scoring import matching
from blueprints.scoring.matching import Counts
from images.inference import letterbox

CLIENTS = (1, 2, 4, 8)
# The numbers of clients that have targets: there both forms of a request are measured.
TARGET_CLIENTS = (1, 4)
# A pause, so that what is left of a turn (spinning threads, the log's last lines) does not disturb the next one.
REST_SECONDS = 0.3
# Two answers show the same room if their boxes overlap at least this much.
SAME_ROOM_IOU = 0.8
# The library of a matrix product, and the environment that has it.
LIBRARIES = {"numpy": environments.RUN, "torch": environments.TRAINING}

_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class Contender:
    """A server that gets one form of request, from each of these numbers of clients."""

    design: Design
    form: str
    clients: tuple[int, ...] = CLIENTS

    @property
    def name(self) -> str:
        return f"{self.design.name}, {self.form}"


# The document's server accepts only JSON. Clients of this one send the unchanged image, as the API's function does;
# JSON is measured for users who keep the document's client.
CONTENDERS = (
    Contender(design=DOCUMENT, form="json"),
    *(Contender(design=design, form="raw") for design in OURS),
    *(Contender(design=design, form="json", clients=TARGET_CLIENTS) for design in OURS),
)


@dataclass(kw_only=True)
class ServerFigures:
    """What was measured for one server besides its turns; seconds have one value per repetition.

    `installed_mb` is by distribution. `same_rooms` compares its rooms with those of the first contender's server.
    """

    ready_seconds: list[float] = field(default_factory=list)
    first_answer_seconds: list[float] = field(default_factory=list)
    peak_memory_mb: float = 0.0
    installed_mb: Mapping[str, float] = field(default_factory=dict)
    same_rooms: Counts = field(default_factory=Counts)


@dataclass(kw_only=True)
class Level:
    """A contender at one number of clients: a turn per round, the busy cores in each, the server's log of all of them.

    The log also has the requests of a turn that are outside its window.
    """

    turns: list[Turn] = field(default_factory=list)
    cores: list[Cores] = field(default_factory=list)
    logged: list[LoggedRequest] = field(default_factory=list)

    @property
    def requests_per_second(self) -> list[float]:
        """One value per round."""
        return [turn.requests_per_second for turn in self.turns]

    @property
    def latencies_ms(self) -> list[float]:
        """For all rounds together."""
        return [latency for turn in self.turns for latency in turn.latencies_ms]

    @property
    def all_latencies_ms(self) -> list[float]:
        """Those of the requests that are in `logged`."""
        return [latency for turn in self.turns for latency in turn.all_latencies_ms]

    @property
    def errors(self) -> int:
        return sum(turn.errors for turn in self.turns)


@dataclass(kw_only=True)
class Measurements:
    """All that the section measured: `servers` by name, `levels` by contender's name and number of clients.

    The others are compared with the first of `contenders`. `gflop` is the work of a forward pass by the shape of its
    input; `products` are GFLOP/s by library and size of matrix.
    """

    plans: Sequence[PlanFile]
    contenders: Sequence[Contender]
    servers: dict[str, ServerFigures]
    levels: dict[tuple[str, int], Level] = field(default_factory=dict)
    gflop: Mapping[str, float] = field(default_factory=dict)
    products: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @property
    def ceiling_gflops(self) -> float:
        """The fastest float32 matrix product of all."""
        return max(value for by_size in self.products.values() for value in by_size.values())


def alternating(items: Sequence[_T], rounds: int) -> Iterator[list[_T]]:
    """The order of each round, alternately forwards and backwards: a drift of the machine then affects all equally."""
    for number in range(rounds):
        yield list(items if number % 2 == 0 else reversed(items))


def shape(plan: PlanFile) -> str:
    """Height x width of the network's input for a plan; the same in all servers."""
    box = letterbox.fit(plan.width, plan.height)
    return f"{box.height}x{box.width}"


class Contest:
    """Measures `contenders` on `plans`, in `rounds` rounds with turns of `seconds`; `say` gets the progress.

    `home` is a folder for the servers' logs and the files of their libraries.
    """

    def __init__(
        self,
        plans: Sequence[PlanFile],
        *,
        home: Path,
        rounds: int,
        seconds: float,
        say: Callable[[str], None],
        contenders: Sequence[Contender] = CONTENDERS,
    ) -> None:
        self._home = home
        self._rounds = rounds
        self._seconds = seconds
        self._say = say
        self._contenders = contenders
        self._designs = list({contender.design.name: contender.design for contender in contenders}.values())
        self._found = Measurements(
            plans=plans, contenders=contenders, servers={design.name: ServerFigures() for design in self._designs}
        )

    async def measure(self) -> Measurements:
        """BenchmarkError if a program fails, or a server does not start or answers nothing."""
        self._measure_installed()
        await self._measure_starts()
        await self._measure_load()
        return self._found

    def _measure_installed(self) -> None:
        self._say("installed sizes")
        for design in self._designs:
            every = environments.run(design.python, "benchmarks.installed", *design.requirements, home=self._home)
            self._found.servers[design.name].installed_mb = {
                name: size for name, size in every.items() if not name.startswith(design.without)
            }

    async def _measure_starts(self) -> None:
        body = FORMS["json"](self._found.plans[0])
        # The first start of each does not count: it reads everything from disk, and libraries fill their caches.
        for number, order in enumerate(alternating(self._designs, self._rounds + 1)):
            for design in order:
                self._say(f"start {number} of {self._rounds}, {design.name}")
                async with Server(design, self._home) as server:
                    await _answer(server, body)
                    first_answer_seconds = time.perf_counter() - server.started
                if number > 0:
                    self._found.servers[design.name].ready_seconds.append(server.ready_seconds)
                    self._found.servers[design.name].first_answer_seconds.append(first_answer_seconds)

    async def _measure_load(self) -> None:
        async with AsyncExitStack() as until_done:
            servers = {
                design.name: await until_done.enter_async_context(Server(design, self._home))
                for design in self._designs
            }
            await self._compare_answers(servers)
            # Each continues with the plan after the last one of its previous turn.
            bodies = {
                one.name: itertools.cycle([FORMS[one.form](plan) for plan in self._found.plans])
                for one in self._contenders
            }
            every_clients = sorted({clients for one in self._contenders for clients in one.clients})
            for number, order in enumerate(alternating(self._contenders, self._rounds), start=1):
                for clients in every_clients:
                    for contender in (one for one in order if clients in one.clients):
                        self._say(f"round {number} of {self._rounds}, {clients} clients, {contender.name}")
                        server = servers[contender.design.name]
                        await self._take_turn(contender, server, bodies[contender.name], clients)
            for name, server in servers.items():
                self._found.servers[name].peak_memory_mb = peak_memory_mb(server.processes())

    async def _compare_answers(self, servers: Mapping[str, Server]) -> None:
        """Sends every plan once to each server: warms it up for every shape, and checks that all do the same work."""
        expected: list[list[dict[str, Any]]] = []
        for name, server in servers.items():
            self._say(f"every plan once, {name}")
            rooms = [(await _answer(server, FORMS["json"](plan)))["rooms"] for plan in self._found.plans]
            expected = expected or rooms
            for found, wanted in zip(rooms, expected, strict=True):
                truth = [room.box for room in parse_rooms(wanted)]
                self._found.servers[name].same_rooms += matching.match(parse_rooms(found), truth, SAME_ROOM_IOU)

    async def _take_turn(self, contender: Contender, server: Server, bodies: Iterator[Body], clients: int) -> None:
        await asyncio.sleep(REST_SECONDS)
        logged = server.log_size()
        before = ProcessorTime.now(server.processes())
        turn = await take_turn(server.url, bodies, clients, self._seconds)
        after = ProcessorTime.now(server.processes())
        if not turn.latencies_ms:
            raise BenchmarkError(f"server {server.design.name} answers nothing: {server.last_words()}")
        level = self._found.levels.setdefault((contender.name, clients), Level())
        level.turns.append(turn)
        level.cores.append(Cores.between(before, after))
        level.logged.extend(server.design.read_log(server.log_since(logged)))


async def _answer(server: Server, body: Body) -> Any:
    try:
        return json.loads(await ask(server.url, body))
    except (aiohttp.ClientError, TimeoutError) as error:
        raise BenchmarkError(f"server {server.design.name}: {error or 'no answer'}: {server.last_words()}") from error


async def measure(
    plans: Sequence[PlanFile], *, rounds: int, seconds: float, say: Callable[[str], None]
) -> Measurements:
    """Measures all contenders and the machine's peak speed, in a temporary folder."""
    environments.check()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        home = Path(folder)
        say("matrix products")
        products = _matrix_products(home)
        shapes = sorted({shape(plan) for plan in plans})
        gflop = environments.run(
            environments.TRAINING, "benchmarks.model_work", str(environments.WEIGHTS), *shapes, home=home
        )
        measured = await Contest(plans, home=home, rounds=rounds, seconds=seconds, say=say).measure()
        say("matrix products again")
        # The faster one of each pair, because other work on the machine can only make it slower.
        again = _matrix_products(home)
        fastest = {
            library: {size: max(rate, again[library][size]) for size, rate in by_size.items()}
            for library, by_size in products.items()
        }
        return replace(measured, products=fastest, gflop=gflop)


def _matrix_products(home: Path) -> Mapping[str, Mapping[str, float]]:
    """GFLOP/s by library and size."""
    return {
        library: environments.run(python, "benchmarks.matrix_product", library, home=home)
        for library, python in LIBRARIES.items()
    }
