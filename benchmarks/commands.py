"""The time that the commands take, as whole processes."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure
from program.stage_file import ROOT, stages

PREVIEW_AT_MOST_SECONDS = 5
DEMO_AT_MOST_SECONDS = 15


def measure(repetitions: int, out: Path) -> Iterator[Figure]:
    """`make preview` of every stage and `make demo` of the sample, in an environment that exists already."""
    for stage in stages():
        seconds = [_seconds("preview", f"STAGE={stage}", "FORMAT=json") for _ in range(repetitions)]
        yield Figure(name=f"make preview STAGE={stage}", unit="s", values=seconds, at_most=PREVIEW_AT_MOST_SECONDS)
    seconds = [_seconds("demo", f"OUT={out}") for _ in range(repetitions)]
    yield Figure(name="make demo", unit="s", values=seconds, at_most=DEMO_AT_MOST_SECONDS)


def _seconds(target: str, *variables: str) -> float:
    started = time.perf_counter()
    run = subprocess.run(["make", "-s", target, *variables], cwd=ROOT, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - started
    if run.returncode:
        sys.exit(f"bench: make {target}: exit status {run.returncode}: {run.stderr.strip()}")
    return seconds
