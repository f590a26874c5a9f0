"""The results of the comparison of the servers: figures with their targets, tables, and everything as JSON."""

import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from rich.table import Table

from benchmarks import steps
from benchmarks.figures import Figure, Section
from benchmarks.serving import TARGET_CLIENTS, Contender, Level, Measurements, shape
from benchmarks.steps import FORWARD

# Targets in multiples of the requests/s of the document's design, by number of clients, for the server's own form.
RATE_AT_LEAST = {1: 2.2, 4: 3.0}
# This server's p95 should be no worse than the document's p50.
P95_AT_MOST = 1.0
MEMORY_AT_MOST = 1 / 3
READY_AT_MOST = 1 / 2
INSTALLED_AT_MOST_MB = 350
# The form that the targets are for.
OWN_FORM = "raw"


def section(measured: Measurements, *, rounds: int, seconds: float) -> Section:
    title = f"this server and the document's design: {rounds} rounds, {seconds:g} s a turn"
    return Section(
        title=title,
        figures=[*_rates(measured), *_latencies(measured), *_processes(measured), *_ceiling(measured)],
        tables=[_load_table(measured), _server_table(measured), _step_table(measured)],
        details={"rounds": rounds, "seconds": seconds, **_details(measured)},
    )


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """`ours` divided by `theirs`, for each round."""
    return [one / other for one, other in zip(ours, theirs, strict=True)]


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` percent of at least one `values` do not exceed, interpolated."""
    return float(np.percentile(values, share))


def _pairs(measured: Measurements) -> Iterator[tuple[Contender, int, Level, Level]]:
    """Every contender but the first at every number of clients, with the first one's level at that number."""
    first, *others = measured.contenders
    for contender in others:
        for clients in contender.clients:
            yield contender, clients, measured.levels[contender.name, clients], measured.levels[first.name, clients]


def _rates(measured: Measurements) -> Iterator[Figure]:
    for contender, clients, ours, theirs in _pairs(measured):
        yield Figure(
            name=f"requests/s by the document's, {_clients(clients)}: {contender.name}",
            unit="x",
            values=ratios(ours.requests_per_second, theirs.requests_per_second),
            at_least=RATE_AT_LEAST.get(clients) if contender.form == OWN_FORM else None,
        )


def _latencies(measured: Measurements) -> Iterator[Figure]:
    for contender, clients, ours, theirs in _pairs(measured):
        if clients not in TARGET_CLIENTS or contender.form != OWN_FORM:
            continue
        yield Figure(
            name=f"p95 by the document's p50, {_clients(clients)}: {contender.name}",
            unit="x",
            values=ratios(_percentiles(ours, 95), _percentiles(theirs, 50)),
            at_most=P95_AT_MOST,
        )


def _percentiles(level: Level, share: float) -> list[float]:
    """One value per round."""
    return [percentile(turn.latencies_ms, share) for turn in level.turns]


def _processes(measured: Measurements) -> Iterator[Figure]:
    (_, theirs), *others = measured.servers.items()
    for name, ours in others:
        memory = ours.peak_memory_mb / theirs.peak_memory_mb
        ready = ratios(ours.ready_seconds, theirs.ready_seconds)
        answered = ratios(ours.first_answer_seconds, theirs.first_answer_seconds)
        size = sum(ours.installed_mb.values())
        yield Figure(name=f"peak memory by the document's: {name}", unit="x", values=[memory], at_most=MEMORY_AT_MOST)
        yield Figure(name=f"start to ready by the document's: {name}", unit="x", values=ready, at_most=READY_AT_MOST)
        yield Figure(name=f"start to first answer by the document's: {name}", unit="x", values=answered)
        yield Figure(name=f"installed requirements: {name}", unit="MB", values=[size], at_most=INSTALLED_AT_MOST_MB)


def _ceiling(measured: Measurements) -> Iterator[Figure]:
    """The forward pass alone, one request at a time, against the fastest float32 matrix product."""
    yield Figure(name="fastest float32 matrix product", unit="GFLOP/s", values=[measured.ceiling_gflops])
    for contender, level in _first_levels(measured, clients=1):
        rate = statistics.median(_forward_gflops(measured, level))
        yield Figure(
            name=f"forward pass by the fastest matrix product: {contender.design.name}",
            unit="%",
            values=[100 * rate / measured.ceiling_gflops],
        )


def _forward_gflops(measured: Measurements, level: Level) -> list[float]:
    """GFLOP/s of each forward pass that was logged."""
    return [measured.gflop[f"{one.height}x{one.width}"] / one.steps[FORWARD] * 1000 for one in level.logged]


def _first_levels(measured: Measurements, clients: int) -> Iterator[tuple[Contender, Level]]:
    """The first contender of each server, at one number of clients."""
    seen: set[str] = set()
    for contender in measured.contenders:
        if contender.design.name not in seen:
            seen.add(contender.design.name)
            yield contender, measured.levels[contender.name, clients]


def _load_table(measured: Measurements) -> Table:
    table = Table(title="closed-loop load; latencies of all rounds together")
    table.add_column("server, body", no_wrap=True)
    for column in ("clients", "requests/s", "p50 ms", "p95 ms", "p99 ms", "requests", "errors", "other cores"):
        table.add_column(column, justify="right", no_wrap=True)
    for (name, clients), level in measured.levels.items():
        shares = (f"{percentile(level.latencies_ms, share):.0f}" for share in (50, 95, 99))
        others = f"{statistics.mean(cores.others for cores in level.cores):.1f}"
        rate = f"{statistics.median(level.requests_per_second):.1f}"
        table.add_row(name, str(clients), rate, *shares, str(len(level.latencies_ms)), str(level.errors), others)
    return table


def _server_table(measured: Measurements) -> Table:
    table = Table(title="the processes; medians")
    table.add_column("server", no_wrap=True)
    for column in ("ready s", "first answer s", "peak memory MB", "installed MB", "same rooms"):
        table.add_column(column, justify="right", no_wrap=True)
    for name, server in measured.servers.items():
        table.add_row(
            name,
            f"{statistics.median(server.ready_seconds):.2f}",
            f"{statistics.median(server.first_answer_seconds):.2f}",
            f"{server.peak_memory_mb:.0f}",
            f"{sum(server.installed_mb.values()):.0f}",
            f"{100 * (server.same_rooms.f1 or 0):.1f} %",
        )
    return table


def _step_table(measured: Measurements) -> Table:
    table = Table(title="where the time goes, ms; medians")
    table.add_column("server", no_wrap=True)
    table.add_column("step", no_wrap=True)
    by_clients = [dict(_steps(measured, clients)) for clients in TARGET_CLIENTS]
    for clients in TARGET_CLIENTS:
        table.add_column(_clients(clients), justify="right", no_wrap=True)
    for server in measured.servers:
        for step in by_clients[0][server]:
            table.add_row(server, step, *(f"{of_server[server][step]:.1f}" for of_server in by_clients))
    return table


def _steps(measured: Measurements, clients: int) -> Iterator[tuple[str, dict[str, float]]]:
    for contender, level in _first_levels(measured, clients):
        yield contender.design.name, steps.medians(level.logged, percentile(level.all_latencies_ms, 50))


def _details(measured: Measurements) -> dict[str, Any]:
    shapes = Counter(shape(plan) for plan in measured.plans)
    steps_by_clients = {clients: dict(_steps(measured, clients)) for clients in TARGET_CLIENTS}
    gflops = {
        contender.design.name: statistics.median(_forward_gflops(measured, level))
        for contender, level in _first_levels(measured, clients=1)
    }
    return {
        "plans": {
            "count": len(measured.plans),
            "shapes": dict(shapes),
            "mean_gflop": statistics.mean(measured.gflop[shape(plan)] for plan in measured.plans),
        },
        "ceiling_gflops": measured.ceiling_gflops,
        "matrix_product_gflops": measured.products,
        "network_gflop": measured.gflop,
        "servers": {
            name: {
                "ready_seconds": server.ready_seconds,
                "first_answer_seconds": server.first_answer_seconds,
                "peak_memory_mb": server.peak_memory_mb,
                "installed_mb": sum(server.installed_mb.values()),
                "installed": server.installed_mb,
                "same_rooms": server.same_rooms.f1,
                "forward_gflops": gflops[name],
                "steps_ms": {str(clients): of_server[name] for clients, of_server in steps_by_clients.items()},
            }
            for name, server in measured.servers.items()
        },
        "load": [
            _load_details(contender, clients, measured.levels[contender.name, clients])
            for contender in measured.contenders
            for clients in contender.clients
        ],
    }


def _load_details(contender: Contender, clients: int, level: Level) -> dict[str, Any]:
    return {
        "server": contender.design.name,
        "body": contender.form,
        "clients": clients,
        "requests_per_second": statistics.median(level.requests_per_second),
        "p50_ms": percentile(level.latencies_ms, 50),
        "p95_ms": percentile(level.latencies_ms, 95),
        "p99_ms": percentile(level.latencies_ms, 99),
        "requests": len(level.latencies_ms),
        "errors": level.errors,
        "rounds": {
            "requests_per_second": level.requests_per_second,
            "p50_ms": _percentiles(level, 50),
            "p95_ms": _percentiles(level, 95),
            "server_cores": [cores.server for cores in level.cores],
            "client_cores": [cores.client for cores in level.cores],
            "other_cores": [cores.others for cores in level.cores],
        },
    }


def _clients(count: int) -> str:
    return f"{count} client{'s' if count > 1 else ''}"
