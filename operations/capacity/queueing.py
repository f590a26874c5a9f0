"""Queues, exact and fast: the API's throttling, and the queue of one server.

A first-come first-served queue can be computed without events: a request leaves its processing time after the later of
its arrival and the previous departure (D. V. Lindley, 1952), which follows from cumulative sums and maxima for all
requests at once. A test compares it with simpy, event by event, and with the formulas for M/M/1 and M/D/1.
"""

from collections.abc import Sequence

import numpy as np


def serve(arrivals: np.ndarray, times: np.ndarray, free_at: float, longest_wait: float) -> tuple[np.ndarray, float]:
    """One server's queue.

    Args:
        arrivals: seconds, ascending, shape (n,).
        times: processing time of each request in seconds, shape (n,).
        free_at: when the server has finished earlier requests.
        longest_wait: a request that would wait longer is refused at once.

    Returns:
        The waiting time of each request in seconds, NaN if it is refused, and when the server is free again.
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
    """`serve` if some requests are refused, which depends on all earlier requests."""
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
    """When each plan passes API Gateway's token bucket; NaN if its client has given up.

    A client that gets a 429 tries again soon, for at most `patience_seconds`; clients pass in the order in which they
    came. Computed per second: `rate` tokens are added, at most `burst` are kept, and a plan takes `requests_per_plan`.
    Within a second, waiting plans pass one after the other as their tokens arrive.
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
        # If a plan has waited, no tokens were left, so the others in its second wait too.
        tokens_come = np.arange(last - first) * seconds_per_plan if came[0] < second else 0.0
        passed[first:last] = np.maximum(came, second + tokens_come)
    return passed
