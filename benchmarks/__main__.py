"""Command line of the benchmarks: `python -m benchmarks --help`."""

import argparse
import json
import os
import platform
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import calls, commands, imports
from benchmarks.figures import Figure


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measures speed and memory.")
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder for bench.json (default: %(default)s)")
    parser.add_argument("--repetitions", type=int, default=5, help="of each measurement (default: %(default)s)")
    arguments = parser.parse_args()
    if arguments.repetitions < 1:
        parser.error(f"--repetitions: {arguments.repetitions} is not allowed: must be at least 1")
    arguments.out.mkdir(parents=True, exist_ok=True)
    figures: list[Figure] = []
    with Console(stderr=True).status("measuring") as status:
        for figure in _measure(arguments.repetitions, arguments.out):
            figures.append(figure)
            status.update(f"measured {figure.name.strip()}")
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    Console(width=None if sys.stdout.isatty() else 120).print(_table(figures, machine, arguments.repetitions))
    report = {"machine": machine, "figures": [{**asdict(figure), "median": figure.median} for figure in figures]}
    (arguments.out / "bench.json").write_text(json.dumps(report, indent=2) + "\n")
    print(f"wrote {arguments.out / 'bench.json'}")
    return 0


def _measure(repetitions: int, out: Path) -> Iterator[Figure]:
    yield from commands.measure(repetitions, out)
    yield from calls.warm_call(repetitions)
    yield from calls.cold_start(repetitions)
    yield from imports.measure(repetitions)
    yield from calls.memory()


def _table(figures: list[Figure], machine: str, repetitions: int) -> Table:
    table = Table(title=f"{machine}; {repetitions} repetitions")
    table.add_column("figure", no_wrap=True)
    for column in ("median", "least", "most", "target"):
        table.add_column(column, justify="right", no_wrap=True)
    for figure in figures:
        target = (
            "" if figure.at_most is None else f"{'<=' if figure.reached else 'missed'} {figure.at_most:g} {figure.unit}"
        )
        digits = 1 if figure.unit == "s" else 0
        values = (figure.median, min(figure.values), max(figure.values))
        table.add_row(figure.name, *(f"{value:.{digits}f} {figure.unit}" for value in values), target)
    return table


if __name__ == "__main__":
    sys.exit(main())
