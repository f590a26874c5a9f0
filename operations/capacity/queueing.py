"""Waiting lines, exact and fast: the API's throttle, and the queue of one server.

A first-come first-served queue needs no event for each request: a request leaves its own time after the later of its
arrival and the departure before it (D. V. Lindley, 1952), which cumulative sums and maxima give for all requests at
once. A test compares it with simpy, event by event, and with the formulas for M/M/1 and M/D/1.
"""

from collections.abc import Sequence

import numpy as np


def serve(arrivals: np.ndarray, times: np.ndarray, free_at: float, longest_wait: float) -> tuple[np.ndarray, float]:
    """One server's queue.

    Args:
        arrivals: seconds, rising, shape (n,).
        times: seconds of work of each request, shape (n,).
        free_at: when the server has done what came before.
        longest_wait: a request that would wait longer is refused at once.

    Returns:
        The seconds that each request waits, NaN where it is refused, and when the server is free again.
    """
    if len(arrivals) == 0:
        return np.empty(0), free_at
    done = np.cumsum(times)
    before = done - times
    departures = done + np.maximum(free_at, np.maximum.accumulate(arrivals - before))
    waits = departures - times - arrivals
    if waits.max() <= longest_wait:
        return waits, float(departures[-1])
    return _serve_one_by_one(arrivals, times, free_at, longest_wait)


def _serve_one_by_one(
    arrivals: np.ndarray, times: np.ndarray, free_at: float, longest_wait: float
) -> tuple[np.ndarray, float]:
    """`serve` where some are refused: whether one is depends on all before it."""
    waits: list[float] = []
    for arrival, time in zip(arrivals.tolist(), times.tolist(), strict=True):
        wait = max(0.0, free_at - arrival)
        if wait > longest_wait:
            waits.append(np.nan)
        else:
            waits.append(wait)
            free_at = arrival + wait + time
    return np.array(waits), free_at


def throttle(
    arrivals: np.ndarray, *, requests_per_plan: int, rate: float, burst: float, patience_seconds: float
) -> np.ndarray:
    """When each plan passes API Gateway's token bucket; NaN for those whose client has given up.

    A client that gets a 429 tries again soon, for at most `patience_seconds`; clients pass in the order in which they
    came. Counted second by second: `rate` tokens come, at most `burst` are kept, a plan takes `requests_per_plan`.
    Within a second the plans that waited pass as their tokens come, one after the other and not all at once.
    """
    passed = np.full(len(arrivals), np.nan)
    if len(arrivals) == 0:
        return passed
    seconds = int(arrivals[-1] + patience_seconds) + 2
    come = np.searchsorted(arrivals, np.arange(1, seconds + 1), side="left").tolist()
    given_up = np.searchsorted(arrivals, np.arange(seconds) - patience_seconds, side="left").tolist()
    admitted: list[tuple[int, int, float]] = []
    tokens, head = float(burst), 0
    for second in range(seconds):
        head = max(head, given_up[second])
        plans = min(come[second] - head, int(tokens / requests_per_plan))
        if plans > 0:
            admitted.append((head, head + plans, float(second)))
            head += plans
            tokens -= plans * requests_per_plan
        tokens = min(burst, tokens + rate)
    return _passed(passed, arrivals, admitted, requests_per_plan / rate)


def _passed(
    passed: np.ndarray, arrivals: np.ndarray, admitted: Sequence[tuple[int, int, float]], seconds_per_plan: float
) -> np.ndarray:
    for first, last, second in admitted:
        came = arrivals[first:last]
        # Where one has waited, no tokens were left: the others of its second wait for theirs as well.
        tokens_come = np.arange(last - first) * seconds_per_plan if came[0] < second else 0.0
        passed[first:last] = np.maximum(came, second + tokens_come)
    return passed
