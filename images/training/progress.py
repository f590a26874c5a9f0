"""Progress of a step as lines on stderr, the same in SageMaker's log and in a terminal."""

import sys
import time
from collections.abc import Callable

SECONDS_BETWEEN_LINES = 5.0


def lines(what: str) -> Callable[[int, int], None]:
    """Returns a function of (done, total) that prints `what: 120 of 818` every few seconds, and at the end."""
    printed_at = time.monotonic()

    def report(done: int, total: int) -> None:
        nonlocal printed_at
        if done == total or time.monotonic() - printed_at >= SECONDS_BETWEEN_LINES:
            printed_at = time.monotonic()
            print(f"{what}: {done} of {total}", file=sys.stderr, flush=True)

    return report
