"""How far a step is, as lines on stderr: SageMaker's log and a terminal show the same."""

import sys
import time
from collections.abc import Callable

SECONDS_BETWEEN_LINES = 5.0


def lines(what: str) -> Callable[[int, int], None]:
    """Returns a function of (done, all) that prints `what: 120 of 818` every few seconds, and when all are done."""
    printed_at = time.monotonic()

    def report(done: int, total: int) -> None:
        nonlocal printed_at
        if done == total or time.monotonic() - printed_at >= SECONDS_BETWEEN_LINES:
            printed_at = time.monotonic()
            print(f"{what}: {done} of {total}", file=sys.stderr, flush=True)

    return report
