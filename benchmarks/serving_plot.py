"""The servers' requests/s and latency by number of clients, as a picture."""

import statistics
from pathlib import Path

from matplotlib.figure import Figure as Picture

from benchmarks.serving import CLIENTS, Measurements
from benchmarks.serving_report import percentile

SIZE_INCHES = (11.0, 4.5)
DPI = 110


def draw(measured: Measurements, path: Path) -> None:
    """Writes a PNG: for each contender the median, lowest and highest rate, and p50 (lines) to p95 (dashes)."""
    picture = Picture(figsize=SIZE_INCHES, layout="constrained")
    rates, latencies = picture.subplots(1, 2)
    for index, contender in enumerate(measured.contenders):
        levels = [measured.levels[contender.name, clients] for clients in contender.clients]
        style = {"color": f"C{index}", "marker": "o", "markersize": 4}
        medians = [statistics.median(level.requests_per_second) for level in levels]
        below = [median - min(level.requests_per_second) for median, level in zip(medians, levels, strict=True)]
        above = [max(level.requests_per_second) - median for median, level in zip(medians, levels, strict=True)]
        rates.errorbar(contender.clients, medians, yerr=[below, above], capsize=3, label=contender.name, **style)
        for share, line in ((50, "-"), (95, "--")):
            values = [percentile(level.latencies_ms, share) for level in levels]
            latencies.plot(contender.clients, values, line, label=f"{contender.name}, p{share}", **style)
    for axes, label in ((rates, "requests/s"), (latencies, "latency, ms")):
        axes.set_xscale("log", base=2)
        axes.set_xticks(CLIENTS, [str(clients) for clients in CLIENTS])
        axes.set_xlabel("clients, each with one request at a time")
        axes.set_ylabel(label)
        axes.set_ylim(bottom=0)
        axes.grid(alpha=0.3)
        axes.legend(fontsize="small")
    picture.savefig(path, dpi=DPI)
